import { assert, describe, layer } from "@effect/vitest"
import { dataset, table, variable, version } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Emulator from "../../src/Emulator.ts"
import { call, failure, json, penguins } from "./harness.ts"

const owner = Effect.flatMap(Emulator.Emulator, (emulator) => emulator.makeToken({ user: "demo" }))

const create = (name: string) =>
  json("/users/researcher/datasets", { method: "POST", json: { name, publicAccessLevel: "none" } })

layer(Emulator.layer({ seed: penguins(), rateLimit: 100_000 }), { excludeTestServices: true })("resources", (it) => {
  describe("datasets", () => {
    it.effect("are found by every spelling of their reference", () =>
      Effect.gen(function*() {
        const token = yield* owner
        const spellings = [
          "demo.penguins_",
          "demo.Penguins!",
          "DEMO.PENGUINS ",
          "demo.penguins_:peng",
          "demo.renamed:peng",
          "demo.penguins:peng:v1_0",
          "demo.penguins_:peng:v1.0",
          "demo.penguins_:v1.0:peng",
          "demo.penguins_:V1_0",
          "demo.penguins_:current"
        ]
        for (const spelling of spellings) {
          const encoded = yield* json(`/datasets/${encodeURIComponent(spelling)}`, { token })
          assert.strictEqual(encoded.referenceId, "peng", spelling)
          // R leaves colons and other reserved characters as they are
          const raw = yield* json(`/datasets/${encodeURI(spelling)}`, { token })
          assert.deepStrictEqual(raw, encoded, spelling)
        }
        for (const wrong of ["demo.penguins_:v9.0", "demo.penguin", "demo.penguins_:abcd:next", "nobody.penguins_"]) {
          assert.strictEqual((yield* call(`/datasets/${encodeURIComponent(wrong)}`, { token })).status, 404, wrong)
        }
        for (const malformed of ["penguins", "demo.a.b.c", "demo.:peng", "demo.x:v1.0:v2.0"]) {
          const { status, error } = failure(yield* call(`/datasets/${encodeURIComponent(malformed)}`, { token }))
          assert.deepStrictEqual([status, error], [400, "invalid_request"], malformed)
        }
        const mixed = `/datasets/${encodeURIComponent("demo.renamed:peng")}`
        assert.strictEqual((yield* call(`${mixed}?strictReferences`, { token })).status, 404)
        assert.strictEqual((yield* call("/datasets/demo.penguins_?exactReferences=true", { token })).status, 404)
        assert.strictEqual((yield* call("/datasets/demo.penguins_:peng?exactReferences", { token })).status, 200)
      }))

    it.effect("show all their properties, with canonical references that lead back to them", () =>
      Effect.gen(function*() {
        const token = yield* owner
        const shown = yield* json("/datasets/demo.penguins_", { token })
        assert.isTrue(Schema.is(dataset.Dataset)(shown))
        const { createdAt, currentVersion, id, links, nextVersion, totalNumBytes, updatedAt, url, version, ...rest } =
          shown
        assert.deepStrictEqual(rest, {
          kind: "dataset",
          qualifiedReference: "demo.penguins:peng:v1_0",
          scopedReference: "penguins:peng:v1_0",
          referenceId: "peng",
          name: "Penguins!",
          uri: "/datasets/demo.penguins:peng:v1_0",
          doi: null,
          tags: [],
          owner: { kind: "user", name: "demo", fullName: "Demo" },
          description: "Birds of the south",
          labels: ["animals", "where:south"],
          accessLevel: "edit",
          publicAccessLevel: "data",
          tableCount: 1,
          numBytes: totalNumBytes,
          totalActiveTabularBytes: 0,
          totalInactiveTabularBytes: totalNumBytes,
          totalRawFileBytes: 0,
          temporalRange: null,
          temporalPrecision: null,
          geoBBox: null,
          sampleConfiguration: null,
          methodologyMarkdown: null,
          usageMarkdown: null,
          contactInfo: null,
          supportingFiles: [],
          customDocumentationSections: []
        })
        assert.isAbove(totalNumBytes, 0)
        assert.isTrue(Number.isInteger(createdAt) && Number.isInteger(updatedAt))
        assert.isNull(nextVersion)
        assert.deepStrictEqual(currentVersion, version)
        assert.deepStrictEqual([version.tag, version.index, version.isReleased], ["v1.0", 0, true])
        assert.deepStrictEqual(yield* json(shown.uri, { token }), shown)
        assert.match(id, /\w+/)
        assert.deepStrictEqual(links, [])
        assert.match(url, /^http/)
      }))

    it.effect("are listed in pages by id", () =>
      Effect.gen(function*() {
        for (const name of ["P1", "P2", "P3"]) yield* create(name)
        const path = "/users/researcher/datasets?maxResults=2"
        const first = yield* json(path)
        assert.deepStrictEqual([first.kind, first.results.length], ["datasetList", 2])
        assert.isString(first.nextPageToken)
        const second = yield* json(`${path}&pageToken=${encodeURIComponent(first.nextPageToken)}`)
        const listed = [...first.results, ...second.results]
        assert.sameMembers(listed.map(({ name }: any) => name), ["P1", "P2", "P3"])
        // by id, from which the token is the last one of the page
        const ids: ReadonlyArray<string> = listed.map(({ id }: any) => id)
        assert.deepStrictEqual(ids, ids.toSorted())
        assert.strictEqual(first.nextPageToken, ids[1])
        assert.isNull(second.nextPageToken)
        assert.isTrue(first.results.every(Schema.is(dataset.DatasetListItem)))
      }))

    it.effect("are created, changed and removed", () =>
      Effect.gen(function*() {
        const made = yield* create("A new one")
        assert.strictEqual(made.version.tag, "next")
        assert.strictEqual((yield* call(made.uri, { method: "HEAD" })).status, 200)
        const taken = failure(
          yield* call("/users/researcher/datasets", {
            method: "POST",
            json: { name: "a  NEW one", publicAccessLevel: "none" }
          })
        )
        assert.strictEqual(taken.status, 400)
        const changed = yield* json(made.uri, {
          method: "PATCH",
          json: { name: "Another", description: "Words", labels: ["x"], publicAccessLevel: "overview" }
        })
        assert.deepStrictEqual(
          [changed.name, changed.description, changed.labels, changed.publicAccessLevel, changed.referenceId],
          ["Another", "Words", ["x"], "overview", made.referenceId]
        )
        assert.isNull((yield* json(made.uri, { method: "PATCH", json: { description: null } })).description)
        const removed = yield* call(made.uri, { method: "DELETE" })
        assert.deepStrictEqual([removed.status, removed.text], [200, "OK"])
        assert.strictEqual((yield* call(made.uri)).status, 404)
        assert.strictEqual((yield* call(made.uri, { method: "DELETE" })).status, 404)
      }))
  })

  describe("versions", () => {
    it.effect("are released, and prepared anew", () =>
      Effect.gen(function*() {
        const made = yield* create("Versioned")
        const path = "/datasets/researcher.versioned"
        yield* json(`${path}:next/tables`, { method: "POST", json: { name: "T" } })
        assert.isTrue((yield* json(`${path}/versions/next`)).canRelease)
        const released = yield* json(`${path}/versions/next/release`, {
          method: "POST",
          json: { releaseNotes: "First" }
        })
        assert.isTrue(Schema.is(version.Version)(released))
        assert.deepStrictEqual(
          [released.tag, released.isReleased, released.releaseNotes, released.uri, released.datasetUri],
          [
            "v1.0",
            true,
            "First",
            `/datasets/researcher.versioned:${made.referenceId}/versions/v1_0`,
            `/datasets/researcher.versioned:${made.referenceId}:v1_0`
          ]
        )
        assert.strictEqual((yield* json(released.datasetUri)).version.tag, "v1.0")
        assert.deepStrictEqual(yield* json(released.uri), yield* json(`${path}/versions/current`))
        assert.strictEqual((yield* call(`${path}/versions/next`)).status, 404)
        assert.strictEqual((yield* call(`${path}/versions/next/release`, { method: "POST" })).status, 400)
        // a table is not added to what is released
        assert.strictEqual((yield* call(`${path}/tables`, { method: "POST", json: { name: "U" } })).status, 400)
        const next = yield* json(`${path}/versions`, { method: "POST" })
        assert.deepStrictEqual([next.tag, next.previousVersion.tag, next.isReleased], ["next", "v1.0", false])
        assert.strictEqual((yield* call(`${path}/versions`, { method: "POST" })).status, 400)
        // nothing has changed
        assert.isFalse(next.canRelease)
        assert.strictEqual((yield* call(`${path}/versions/next/release`, { method: "POST" })).status, 400)
        const shown = yield* json(path)
        assert.deepStrictEqual([shown.version.tag, shown.nextVersion.datasetUri], [
          "v1.0",
          `/datasets/researcher.versioned:${made.referenceId}:next`
        ])
        const list = yield* json(`${path}/versions?maxResults=1`)
        assert.deepStrictEqual([list.kind, list.results[0].tag, list.nextPageToken], ["versionList", "next", 1])
        const rest = yield* json(`${path}/versions?maxResults=1&pageToken=${list.nextPageToken}`)
        assert.deepStrictEqual([rest.results[0].tag, rest.nextPageToken], ["v1.0", null])
      }))

    it.effect("are unknown by other tags", () =>
      Effect.gen(function*() {
        const { status, error } = failure(yield* call("/datasets/demo.penguins_/versions/v7.0"))
        assert.deepStrictEqual([status, error], [404, "not_found"])
      }))
  })

  describe("tables", () => {
    it.effect("are found by every spelling of their reference", () =>
      Effect.gen(function*() {
        for (
          const spelling of [
            "demo.penguins_.birds",
            "demo.Penguins!.BIRDS",
            "demo.penguins_:peng.birds:brds",
            "demo.x:peng.y:brds",
            "demo.penguins_:v1.0.birds",
            "demo.penguins_:v1_0:peng.birds",
            "demo.penguins_:current.birds"
          ]
        ) {
          const shown = yield* json(`/tables/${encodeURIComponent(spelling)}`)
          assert.strictEqual(shown.referenceId, "brds", spelling)
          assert.strictEqual((yield* call(`/tables/${encodeURI(spelling)}`, { method: "HEAD" })).status, 200)
        }
        assert.isTrue((yield* json("/tables/demo.penguins_.birds:sample")).isSample)
        assert.strictEqual((yield* call("/tables/demo.penguins_.fish")).status, 404)
        assert.strictEqual((yield* call("/tables/demo.penguins_.fish", { method: "HEAD" })).status, 404)
        assert.strictEqual((yield* call("/tables/birds")).status, 400)
      }))

    it.effect("show all their properties", () =>
      Effect.gen(function*() {
        const token = yield* Effect.flatMap(Emulator.Emulator, (emulator) => emulator.makeToken({ scopes: ["public"] }))
        const shown = yield* json("/tables/demo.penguins_.birds", { token })
        assert.isTrue(Schema.is(table.Table)(shown))
        assert.deepStrictEqual(
          [
            shown.kind,
            shown.uri,
            shown.qualifiedReference,
            shown.scopedReference,
            shown.name,
            shown.numRows,
            shown.variableCount
          ],
          [
            "table",
            "/tables/demo.penguins:peng:v1_0.birds:brds",
            "demo.penguins:peng:v1_0.birds:brds",
            "birds:brds",
            "Birds",
            3,
            3
          ]
        )
        assert.deepStrictEqual(
          [shown.container.kind, shown.container.uri, shown.accessLevel, shown.publicAccessLevel, shown.canDownload],
          ["dataset", "/datasets/demo.penguins:peng:v1_0", "data", "data", true]
        )
        assert.deepStrictEqual(yield* json(shown.uri, { token }), shown)
        const list = yield* json("/datasets/demo.penguins_/tables", { token })
        assert.deepStrictEqual([list.kind, list.nextPageToken], ["tableList", null])
        assert.isTrue(list.results.every(Schema.is(table.TableListItem)))
        assert.notProperty(list.results[0], "container")
        assert.strictEqual(list.results[0].hash, shown.hash)
      }))

    it.effect("are made in a draft, with a name of their own", () =>
      Effect.gen(function*() {
        yield* create("Tabled")
        const path = "/datasets/researcher.tabled/tables"
        const made = yield* json(path, {
          method: "POST",
          json: { name: "My table", description: "What it is", uploadMergeStrategy: "replace", isFileIndex: false }
        })
        assert.deepStrictEqual(
          [made.name, made.description, made.uploadMergeStrategy, made.isFileIndex, made.numRows, made.container.kind],
          ["My table", "What it is", "replace", false, 0, "dataset"]
        )
        assert.strictEqual(
          (yield* json(path, { method: "POST", json: { name: "Default" } })).uploadMergeStrategy,
          "append"
        )
        assert.strictEqual((yield* call(path, { method: "POST", json: { name: "my TABLE" } })).status, 400)
        assert.strictEqual(
          (yield* call(path, { method: "POST", json: { name: "z", description: "y".repeat(5001) } })).status,
          400
        )
        assert.strictEqual(
          (yield* call("/datasets/researcher.no/tables", { method: "POST", json: { name: "a" } })).status,
          404
        )
        assert.strictEqual(
          (yield* call("/datasets/demo.penguins_/tables", { method: "POST", json: { name: "a" } })).status,
          403
        )
      }))
  })

  describe("variables", () => {
    it.effect("are listed in the order of the columns", () =>
      Effect.gen(function*() {
        const list = yield* json("/tables/demo.penguins_.birds/variables")
        assert.strictEqual(list.kind, "variableList")
        assert.isTrue(list.results.every(Schema.is(variable.Variable)))
        assert.deepStrictEqual(
          list.results.map((item: any) => [item.index, item.name, item.type, item.label]),
          [[0, "species", "string", "Species"], [1, "body_mass_g", "integer", null], [2, "flipper", "float", null]]
        )
        assert.strictEqual(list.results[0].uri, "/tables/demo.penguins:peng:v1_0.birds:brds/variables/species")
        const integers = yield* json("/tables/demo.penguins_.birds/variables?type=INTEGER")
        assert.deepStrictEqual(integers.results.map((item: any) => item.name), ["body_mass_g"])
        const paged = yield* json("/tables/demo.penguins_.birds/variables?maxResults=2")
        assert.strictEqual(paged.results.length, 2)
        assert.strictEqual((yield* call("/tables/demo.penguins_.no/variables")).status, 404)
      }))
  })
})
