/**
 * What answers are made of, held against what the service itself was recorded
 * to answer: which keys in which order, absent or null, and the forms of ids,
 * references and addresses.
 */
import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Emulator from "../../src/Emulator.ts"
import { call, failure, json, until } from "./harness.ts"

const day = 24 * 60 * 60 * 1000

const seed = {
  users: [{ name: "reader" }, { name: "researcher" }],
  organizations: [{ name: "LakeLab", fullName: "The Lake Lab", members: [{ user: "researcher", isAdmin: true }] }],
  datasets: [
    {
      owner: "LakeLab",
      name: "Lake Levels",
      referenceId: "5fq3",
      publicAccessLevel: "data",
      description: "How high the water stood. ".repeat(80),
      tags: ["water", "long series"],
      labels: ["internal"],
      contactInfo: "ask@example.org",
      temporalPrecision: "date",
      temporalRange: [Date.UTC(1899, 0, 1), Date.UTC(2019, 11, 31)],
      sampleConfiguration: { variableName: null, targetRatio: 0.01 },
      versions: [
        {
          tables: [{
            name: "Gauge Readings",
            referenceId: "8k2p",
            variables: [
              { name: "Gauge_ID", type: "integer", label: "Gauge", description: "Where", valueLabels: [] },
              { name: "name", type: "string", valueLabels: [{ value: "n", label: "north" }] },
              { name: "read_on", type: "date" },
              { name: "read_at", type: "dateTime" },
              { name: "hour", type: "time" },
              { name: "is_frozen", type: "boolean" },
              { name: "level", type: "float" },
              { name: "place", type: "geography" },
              { name: "nothing", type: "integer" }
            ],
            rows: [
              {
                Gauge_ID: 1,
                name: "n",
                read_on: "1969-12-31",
                read_at: "2020-01-02 03:04:05.678",
                hour: "00:00:01.5",
                is_frozen: true,
                level: 2,
                place: "POINT(7.5 47.5)",
                nothing: null
              },
              {
                Gauge_ID: 4,
                name: "south",
                read_on: "2020-01-02",
                read_at: "2021-01-02 03:04:05",
                hour: "12:00:00",
                is_frozen: false,
                level: 4,
                place: "POINT(8.5 46.5)",
                nothing: null
              }
            ]
          }]
        },
        { tables: [{ name: "Gauge Readings", rows: [{ Gauge_ID: 9 }] }] }
      ]
    },
    { owner: "LakeLab", name: "bare", referenceId: "0abc", publicAccessLevel: "overview", tables: [{ name: "t" }] },
    {
      owner: "LakeLab",
      name: "unreleased",
      referenceId: "zz9z",
      publicAccessLevel: "data",
      versions: [{ released: false }]
    }
  ]
} as const

const datasetKeys = [
  "kind",
  "id",
  "qualifiedReference",
  "scopedReference",
  "referenceId",
  "name",
  "url",
  "uri",
  "doi",
  "owner",
  "createdAt",
  "updatedAt",
  "accessLevel",
  "publicAccessLevel",
  "description",
  "tableCount",
  "numBytes",
  "totalNumBytes",
  "totalActiveTabularBytes",
  "totalInactiveTabularBytes",
  "totalRawFileBytes",
  "temporalPrecision",
  "temporalRange",
  "geoBBox",
  "sampleConfiguration"
]

const versionKeys = ["kind", "tag", "index", "label", "url", "datasetUri", "uri", "isReleased", "isDeleted"]

const tableKeys = [
  "kind",
  "id",
  "qualifiedReference",
  "scopedReference",
  "referenceId",
  "uri",
  "url",
  "name",
  "isSample",
  "hash",
  "isFileIndex",
  "createdAt",
  "updatedAt",
  "description",
  "numRows",
  "numBytes",
  "variableCount",
  "uploadMergeStrategy"
]

const levels = "/datasets/lakelab.lake_levels:5fq3"

layer(
  Emulator.layer({ seed, mostTables: 2 }),
  { excludeTestServices: true }
)("answers", (it) => {
  const asReader = Effect.flatMap(Emulator.Emulator, (emulator) => emulator.makeToken({ user: "reader" }))

  describe("of datasets", () => {
    it.effect("have for a reader the keys that the service sends, null where it says null", () =>
      Effect.gen(function*() {
        const { baseUrl } = yield* Emulator.Emulator
        const origin = new URL(baseUrl).origin
        const token = yield* asReader
        const listing = yield* json("/organizations/LAKELAB/datasets", { token })
        assert.deepStrictEqual(Object.keys(listing), ["kind", "nextPageToken", "results"])
        for (const item of listing.results) assert.deepStrictEqual(Object.keys(item), datasetKeys)
        const shown = yield* json(levels, { token })
        assert.deepStrictEqual(Object.keys(shown), [
          ...datasetKeys,
          "methodologyMarkdown",
          "usageMarkdown",
          "links",
          "customDocumentationSections",
          "tags",
          "version",
          "currentVersion"
        ])
        assert.match(shown.id, /^5fq3-[0-9a-z]{9}$/)
        const { doi, name, owner, qualifiedReference, scopedReference, tags, uri, url } = shown
        assert.deepStrictEqual({ doi, name, owner, qualifiedReference, scopedReference, tags, uri, url }, {
          doi: null,
          name: "Lake Levels",
          owner: { kind: "organization", name: "LakeLab", fullName: "The Lake Lab", ror: null },
          qualifiedReference: "lakelab.lake_levels:5fq3:v1_1",
          scopedReference: "lake_levels:5fq3:v1_1",
          tags: [{ name: "water" }, { name: "long series" }],
          uri: "/datasets/lakelab.lake_levels:5fq3:v1_1",
          url: `${origin}/datasets/${shown.id}?v=1.1`
        })
        assert.deepStrictEqual([shown.geoBBox, shown.methodologyMarkdown, shown.usageMarkdown], [null, null, null])
        assert.deepStrictEqual(shown.temporalRange, [Date.UTC(1899, 0, 1), Date.UTC(2019, 11, 31) + day - 1])
        assert.deepStrictEqual(shown.sampleConfiguration, { variableName: null, targetRatio: 0.01 })
      }))

    it.effect("say what is current beside what was asked for", () =>
      Effect.gen(function*() {
        const { baseUrl } = yield* Emulator.Emulator
        const shown = yield* json(`${levels}:v1_0`)
        assert.deepStrictEqual(Object.keys(shown.version), versionKeys)
        assert.deepStrictEqual(Object.keys(shown.currentVersion), versionKeys)
        const { datasetUri, index, tag, uri, url } = shown.version
        assert.deepStrictEqual({ datasetUri, index, tag, uri, url }, {
          datasetUri: "/datasets/lakelab.lake_levels:5fq3:v1_0",
          index: 0,
          tag: "v1.0",
          uri: "/datasets/lakelab.lake_levels:5fq3/versions/v1_0",
          url: `${new URL(baseUrl).origin}/datasets/${shown.id}?v=1.0`
        })
        assert.strictEqual(shown.currentVersion.tag, "v1.1")
        assert.strictEqual((yield* json(uri)).tag, "v1.0")
        assert.isNull((yield* json("/datasets/lakelab.unreleased")).currentVersion)
      }))

    it.effect("tell those who edit what readers are not told", () =>
      Effect.gen(function*() {
        const shown = yield* json(levels)
        assert.deepStrictEqual([shown.labels, shown.contactInfo, shown.supportingFiles, shown.nextVersion], [
          ["internal"],
          "ask@example.org",
          [],
          null
        ])
      }))

    it.effect("count bytes as active once a query has read them, and raw files beside them", () =>
      Effect.gen(function*() {
        const path = "/datasets/lakelab.lake_levels"
        const sums = Effect.map(json(path), (shown) => {
          const { totalActiveTabularBytes: active, totalInactiveTabularBytes: inactive, totalRawFileBytes: raw } = shown
          assert.strictEqual(shown.totalNumBytes, active + inactive + raw)
          return { active, inactive, raw }
        })
        const before = yield* sums
        assert.deepStrictEqual([before.active, before.raw], [0, 0])
        assert.isAbove(before.inactive, 0)
        const query = "select count(*) as n from `lakelab.lake_levels:v1_0.gauge_readings`"
        assert.strictEqual((yield* json("/queries", { method: "POST", json: { query } })).status, "completed")
        const after = yield* sums
        assert.strictEqual(after.active + after.inactive, before.inactive)
        // what the second version added was not read
        assert.isTrue(after.active > 0 && after.inactive > 0)
      }))

    it.effect("of none that was released cannot be read with a token that only reads", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const token = yield* emulator.makeToken({ scopes: ["data.data"] })
        assert.strictEqual((yield* call("/datasets/lakelab.unreleased", { token })).status, 403)
      }))
  })

  it.effect("count what is not finite, or has no square, without a deviation", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const rows = [["infinite", Infinity], ["none", NaN], ["large", 1e200], ["small", -1e200], ["plain", 3]] as const
      yield* emulator.seed({
        datasets: [{
          owner: "LakeLab",
          name: "odd numbers",
          publicAccessLevel: "data",
          tables: [{
            name: "t",
            type: "delimited",
            text: `${rows.map(([name]) => name).join(",")}\n${rows.map(([, value]) => value).join(",")}\n1,1,1,1,1\n`
          }]
        }]
      })
      for (const [name] of rows) {
        const { statistics } = yield* json(`/tables/lakelab.odd_numbers.t/variables/${name}`)
        assert.deepStrictEqual([statistics.status, statistics.count], ["completed", 2], name)
        // of 3 and 1 the mean is 2, and the squares of the differences sum up to 2, of one less than two numbers
        assert.strictEqual(statistics.stdDev, name === "plain" ? Math.sqrt(2) : undefined, name)
      }
    }))

  describe("of tables and variables", () => {
    const table = `/tables/lakelab.lake_levels:5fq3:v1_0.gauge_readings:8k2p`

    it.effect("have the keys and the forms that the service sends", () =>
      Effect.gen(function*() {
        const { baseUrl } = yield* Emulator.Emulator
        const origin = new URL(baseUrl).origin
        const { id } = yield* json(levels)
        const listing = yield* json(`${levels}:v1_0/tables`)
        const [item] = listing.results
        assert.deepStrictEqual(Object.keys(item), tableKeys)
        assert.match(item.id, /^8k2p-[0-9a-z]{9}$/)
        assert.match(item.hash, /^[0-9a-f]{32}$/)
        const { qualifiedReference, scopedReference, uploadMergeStrategy, uri, url } = item
        assert.deepStrictEqual({ qualifiedReference, scopedReference, uploadMergeStrategy, uri, url }, {
          qualifiedReference: "lakelab.lake_levels:5fq3:v1_0.gauge_readings:8k2p",
          scopedReference: "gauge_readings:8k2p",
          uploadMergeStrategy: "append",
          uri: table,
          url: `${origin}/datasets/${id}/tables/${item.id}?v=1.0`
        })
        const variables = yield* json(`${table}/variables?maxResults=10000`)
        assert.deepStrictEqual(Object.keys(variables), ["kind", "nextPageToken", "results"])
        assert.strictEqual((yield* call(`${table}/variables?maxResults=10001`)).status, 400)
        for (const variable of variables.results) {
          assert.deepStrictEqual(Object.keys(variable), [
            "kind",
            "uri",
            "url",
            "name",
            "type",
            "isFileId",
            "index",
            "label"
          ])
        }
        const [first] = variables.results
        assert.deepStrictEqual([first.uri, first.url, first.name], [
          `${table}/variables/gauge_id`,
          `${url}&variable=Gauge_ID`,
          "Gauge_ID"
        ])
        const whole = yield* json(first.uri)
        assert.deepStrictEqual(Object.keys(whole).slice(8), ["description", "valueLabels", "statistics"])
        assert.isNull(whole.valueLabels)
        assert.deepStrictEqual((yield* json(`${table}/variables/NAME`)).valueLabels, [{ value: "n", label: "north" }])
      }))

    /** By hand: 1 and 4 have a deviation of 3 / √2, 2 and 4 of 2 / √2. */
    const counted: Readonly<Record<string, unknown>> = {
      Gauge_ID: { min: 1, max: 4, mean: 2.5, approxMedian: 2.5, stdDev: 3 / Math.SQRT2 },
      name: { min: 1, max: 5 },
      read_on: { min: -day, max: Date.UTC(2020, 0, 2) },
      read_at: { min: Date.UTC(2020, 0, 2, 3, 4, 5, 678), max: Date.UTC(2021, 0, 2, 3, 4, 5) },
      hour: { min: 1500, max: day / 2 },
      is_frozen: {},
      level: { min: 2, max: 4, mean: 3, approxMedian: 3, stdDev: Math.SQRT2 },
      place: { geoBBox: { westLongitude: 7.5, eastLongitude: 8.5, northLatitude: 47.5, southLatitude: 46.5 } }
    }

    it.effect("count numbers, lengths, and milliseconds since the epoch, and leave out what does not apply", () =>
      Effect.gen(function*() {
        for (const [name, values] of Object.entries(counted)) {
          const { statistics } = yield* json(`${table}/variables/${name}`)
          const expected = { status: "completed", count: 2, numDistinct: 2, ...Object(values) }
          const { stdDev, ...rest } = expected
          assert.deepStrictEqual({ ...statistics, stdDev: undefined }, { ...rest, stdDev: undefined }, name)
          assert.strictEqual(Object.hasOwn(statistics, "stdDev"), stdDev !== undefined, name)
          if (stdDev !== undefined) assert.closeTo(statistics.stdDev, stdDev, 1e-12)
        }
        const nothing = yield* json(`${table}/variables/nothing`)
        assert.deepStrictEqual(nothing.statistics, { status: "completed", count: 0, numDistinct: 0 })
      }))

    it.effect("count for who asks alone, with the variable that it is of", () =>
      Effect.gen(function*() {
        const path = "/tables/lakelab.lake_levels:v1_1.gauge_readings/variables/gauge_id/statistics"
        const first = yield* json(path)
        assert.notProperty(first, "kind")
        if (first.status === "running") assert.deepStrictEqual(Object.keys(first), ["variable", "status"])
        const ended = yield* until(json(path), ({ status }) => status === "completed")
        assert.deepStrictEqual([ended.variable.name, ended.variable.type, ended.count, ended.max], [
          "Gauge_ID",
          "integer",
          3,
          9
        ])
      }))
  })

  describe("of listings", () => {
    it.effect("go on behind the last id, whatever is removed or added meanwhile", () =>
      Effect.gen(function*() {
        const make = (name: string) =>
          json("/users/researcher/datasets", { method: "POST", json: { name, publicAccessLevel: "none" } })
        const made = yield* Effect.forEach(["a", "b", "c", "d", "e"], make)
        const ids = made.map(({ id }) => String(id)).toSorted()
        const page = (token?: string) =>
          json(`/users/researcher/datasets?maxResults=2${token === undefined ? "" : `&pageToken=${token}`}`)
        const first = yield* page()
        assert.deepStrictEqual(first.results.map(({ id }: any) => id), ids.slice(0, 2))
        assert.strictEqual(first.nextPageToken, ids[1])
        // of the first page, of the second, and the one that the token names
        for (const id of [ids[0], ids[1], ids[2]]) {
          yield* call(made.find((one) => one.id === id).uri, { method: "DELETE" })
        }
        const second = yield* page(first.nextPageToken)
        assert.deepStrictEqual(second.results.map(({ id }: any) => id), ids.slice(3))
        assert.isNull(second.nextPageToken)
        // what is added is seen where its id is a later one, and else not
        const added = yield* make("f")
        const again = yield* json(`/users/researcher/datasets?pageToken=${first.nextPageToken}`)
        assert.strictEqual(again.results.some(({ id }: any) => id === added.id), added.id > ids[1]!)
      }))

    it.effect("of variables go on behind a column", () =>
      Effect.gen(function*() {
        const path = "/tables/lakelab.lake_levels:v1_0.gauge_readings/variables?maxResults=4"
        const names: Array<string> = []
        let token: string | null = ""
        while (token !== null) {
          const page: any = yield* json(`${path}&pageToken=${token}`)
          names.push(...page.results.map(({ name }: any) => name))
          token = page.nextPageToken
        }
        assert.deepStrictEqual(names, [
          "Gauge_ID",
          "name",
          "read_on",
          "read_at",
          "hour",
          "is_frozen",
          "level",
          "place",
          "nothing"
        ])
      }))
  })

  describe("of versions", () => {
    it.effect("make all times of tables new when a draft is opened and when it is released, and no hash", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const made = yield* json("/users/researcher/datasets", {
          method: "POST",
          json: { name: "timed", publicAccessLevel: "none" }
        })
        const path = `/datasets/researcher.timed:${made.referenceId}`
        for (const name of ["kept", "changed"]) {
          yield* json(`${path}:next/tables`, { method: "POST", json: { name } })
        }
        const upload = (rows: number) =>
          json(`/tables/researcher.timed:next.changed/uploads`, {
            method: "POST",
            json: { name: `${rows}`, type: "stream", schema: [{ name: "a", type: "integer" }] }
          })
        const tables = (version: string) =>
          Effect.map(
            json(`${path}:${version}/tables`),
            ({ results }) => new Map<string, any>(results.map((table: any) => [table.name, table]))
          )
        const advance = Effect.andThen(emulator.clock.adjust(1000), emulator.clock.now)
        yield* json(`${path}/versions/next/release`, { method: "POST" })
        const first = yield* tables("v1_0")
        yield* advance
        const draft = yield* json(`${path}/versions`, { method: "POST" })
        const opened = yield* tables("next")
        for (const name of ["kept", "changed"]) {
          const [before, after] = [first.get(name), opened.get(name)]
          assert.isAtLeast(after.createdAt, before.createdAt + 1000)
          assert.isAtLeast(after.updatedAt, before.updatedAt + 1000)
          assert.strictEqual(after.hash, before.hash)
          assert.strictEqual(after.id, before.id)
        }
        yield* advance
        yield* upload(1)
        const uploaded = yield* json(`${path}:next`)
        assert.isAtLeast(uploaded.createdAt, draft.createdAt + 1000)
        assert.isAtLeast((yield* json(`${path}/versions/next`)).createdAt, draft.createdAt + 1000)
        // the dataset itself is as old as it was
        assert.strictEqual((yield* json(path)).createdAt, (yield* json(`${path}:v1_0`)).createdAt)
        yield* advance
        const released = yield* json(`${path}/versions/next/release`, { method: "POST" })
        const second = yield* tables("v1_1")
        for (const name of ["kept", "changed"]) {
          assert.strictEqual(second.get(name).updatedAt, released.releasedAt, name)
        }
        assert.strictEqual(second.get("kept").hash, first.get("kept").hash)
        assert.notStrictEqual(second.get("changed").hash, first.get("changed").hash)
        // without a version the references name the one that is current
        assert.strictEqual((yield* json(path)).qualifiedReference, `researcher.timed:${made.referenceId}:v1_1`)
      }))
  })

  describe("of limits", () => {
    const drafted = (name: string) =>
      Effect.gen(function*() {
        yield* json("/users/researcher/datasets", { method: "POST", json: { name, publicAccessLevel: "none" } })
        yield* json(`/datasets/researcher.${name}:next/tables`, { method: "POST", json: { name: "t" } })
        return `researcher.${name}:next`
      })

    it.effect("refuse a table's description from 2,001 characters on, and no dataset's", () =>
      Effect.gen(function*() {
        const path = `/tables/${yield* drafted("described")}.t`
        const longest = { description: "x".repeat(2000) }
        assert.strictEqual((yield* json(path, { method: "PATCH", json: longest })).description.length, 2000)
        const { description, status } = failure(
          yield* call(path, { method: "PATCH", json: { description: "x".repeat(2001) } })
        )
        assert.strictEqual(status, 400)
        assert.include(description, "2,000")
        const refused = yield* call("/datasets/researcher.described:next/tables", {
          method: "POST",
          json: { name: "u", description: "x".repeat(2001) }
        })
        assert.strictEqual(refused.status, 400)
        const changed = yield* json("/datasets/researcher.described", {
          method: "PATCH",
          json: { description: "x".repeat(5000) }
        })
        assert.strictEqual(changed.description.length, 5000)
      }))

    it.effect("refuse a table more than a dataset may have", () =>
      Effect.gen(function*() {
        const path = `/datasets/${yield* drafted("crowded")}/tables`
        yield* json(path, { method: "POST", json: { name: "second" } })
        const { description, status } = failure(yield* call(path, { method: "POST", json: { name: "third" } }))
        assert.strictEqual(status, 400)
        assert.include(description, "at most 2 tables")
      }))

    it.effect("take queries of a million characters, and none that are longer", () =>
      Effect.gen(function*() {
        const ask = (length: number) =>
          call("/queries", { method: "POST", json: { query: `select 1 as a /*${"x".repeat(length - 18)}*/` } })
        const taken = yield* ask(1_000_000)
        assert.deepStrictEqual([taken.status, JSON.parse(taken.text).status], [200, "completed"])
        assert.strictEqual((yield* ask(1_000_001)).status, 400)
      }))

    const send = (path: string, content: string) => {
      const form = new FormData()
      form.append("metadata", new Blob([JSON.stringify({ name: "a.csv" })], { type: "application/json" }), "metadata")
      form.append("data", new Blob([content]), "data")
      return Effect.flatMap(
        call(`${path}/uploads`, { method: "POST", body: form }),
        ({ text }) => until(json(JSON.parse(text).uri), ({ status }) => status === "completed" || status === "failed")
      )
    }

    it.effect("fail an upload whose variables have dots in their names", () =>
      Effect.gen(function*() {
        const path = `/tables/${yield* drafted("dotted")}.t`
        const { errorMessage, status } = yield* send(path, "Sepal.Length,b\n1,2\n")
        assert.strictEqual(status, "failed")
        assert.include(errorMessage, "\"Sepal.Length\"")
        const streamed = yield* call(`${path}/uploads`, {
          method: "POST",
          json: { name: "s", type: "stream", schema: [{ name: "a.b", type: "integer" }] }
        })
        assert.strictEqual(streamed.status, 400)
      }))

    it.effect("fail an upload whose delimiter was guessed wrongly, and leave the emptied table in the draft", () =>
      Effect.gen(function*() {
        const name = yield* drafted("guessed")
        const path = `/tables/${name}.t`
        yield* json(path, { method: "PATCH", json: { uploadMergeStrategy: "replace" } })
        assert.strictEqual((yield* send(path, "a,b\n1,2\n3,4\n")).status, "completed")
        yield* json("/datasets/researcher.guessed/versions/next/release", { method: "POST" })
        yield* json("/datasets/researcher.guessed/versions", { method: "POST" })
        assert.strictEqual((yield* json(path)).numRows, 2)
        const wrong = yield* send(path, "name~remark\nx~one, two\ny~three, four, five\nz~six, seven\n")
        assert.strictEqual(wrong.status, "failed")
        assert.match(wrong.errorMessage, /no variables found/i)
        const { numRows, variableCount } = yield* json(path)
        assert.deepStrictEqual([numRows, variableCount], [0, 0])
      }))
  })

  describe("of members", () => {
    it.effect("tell how they sign in", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        yield* emulator.seed({
          users: [{ name: "gone", contactEmail: "gone@example.org" }],
          organizations: [{
            name: "guild",
            members: [{ user: "researcher", isAdmin: true }, { user: "gone", status: "revoked" }]
          }]
        })
        const { results: [member] } = yield* json("/organizations/guild/members?statuses=revoked")
        assert.deepStrictEqual([member.status, member.authentication], ["revoked", {
          kind: "authentication",
          type: "email",
          identifier: "gone@example.org",
          email: "gone@example.org",
          lastLogin: null,
          affiliations: [],
          identityProvider: null
        }])
      }))
  })
})
