/** Listings: lazily, page after page, and what a break leaves. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Lock from "@effect-redivis/core/Lock"
import * as Metadata from "@effect-redivis/core/Metadata"
import * as Publish from "@effect-redivis/core/Publish"
import * as ReadSession from "@effect-redivis/core/ReadSession"
import type * as Redivis from "@effect-redivis/core/Redivis"
import type { RedivisError } from "@effect-redivis/core/RedivisError"
import * as Retry from "@effect-redivis/core/Retry"
import * as Table from "@effect-redivis/core/Table"
import * as Variable from "@effect-redivis/core/Variable"
import * as Version from "@effect-redivis/core/Version"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { against, clientOf } from "./scriptedClient.ts"
import { type Answer, type Received, serve } from "./scriptedServer.ts"
import { atVersion, exampleOf } from "./wireTable.ts"

const queryOf = (request: Received): URLSearchParams => new URLSearchParams(request.target.split("?")[1] ?? "")

/** Items of a listing, with a name that counts. */
const itemsOf = (operation: string, from: number, to: number): ReadonlyArray<unknown> => {
  const example: any = exampleOf(operation).answer.body
  const [item] = example.results
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => ({
    ...item,
    name: `item ${from + index}`,
    tag: `v${from + index}.0`
  }))
}

interface Paging {
  readonly total: number
  /** How a token names the place where its page begins. */
  readonly token?: (offset: number) => string | number
  readonly last?: unknown
  readonly operation?: string
}

/** A server of one listing. */
const paged = ({ last = null, operation = "datasets.listByUser", token = String, total }: Paging) =>
(
  request: Received
): Answer => {
  const query = queryOf(request)
  const asked = query.get("pageToken")
  const offset = asked === null ? 0 : Number(/\d+/.exec(asked)?.[0])
  const end = Math.min(offset + Number(query.get("maxResults")), total)
  return { body: { results: itemsOf(operation, offset, end), nextPageToken: end >= total ? last : token(end) } }
}

const names = (items: ReadonlyArray<unknown>) => items.map((item) => (item as { readonly name?: string }).name)

const counted = (total: number) => Array.from({ length: total }, (_, index) => `item ${index}`)

const list = (options?: Parameters<typeof Dataset.list>[1]) => Dataset.list({ user: "u" }, options)

describe("a listing", () => {
  it.live("asks for nothing before its items are wanted", () =>
    Effect.gen(function*() {
      const { received } = yield* against(paged({ total: 3 }), Effect.sync(() => list({ prefetch: 3 })))
      assert.strictEqual(received.length, 0)
    }))

  it.live.each([[1, 1], [2, 1], [3, 2], [4, 2], [5, 3]])(
    "asks for no page more than %d items take: %d",
    ([wanted, pages]) =>
      Effect.gen(function*() {
        const { received, result } = yield* against(
          paged({ total: 100 }),
          list({ pageSize: 2 }).pipe(Stream.take(wanted), Stream.runCollect)
        )
        assert.isTrue(result._tag === "Success" && result.success.length === wanted)
        assert.strictEqual(received.length, pages)
      })
  )

  it.live("is whole and in order, one request a page and none an item", () =>
    Effect.gen(function*() {
      const { received, result } = yield* against(paged({ total: 250 }), Stream.runCollect(list()))
      assert.strictEqual(result._tag, "Success")
      if (result._tag === "Success") assert.deepStrictEqual(names(result.success), counted(250))
      assert.deepStrictEqual(
        received.map(({ target }) => target),
        ["", "&pageToken=100", "&pageToken=200"].map((rest) => `/api/v1/users/u/datasets?maxResults=100${rest}`)
      )
    }))

  const listings: ReadonlyArray<readonly [string, Stream.Stream<unknown, RedivisError, Redivis.Redivis>, string]> = [
    ["datasets.listByUser", Dataset.list({ user: "u" }, { pageSize: 2 }), "/users/u/datasets"],
    ["datasets.listByOrganization", Dataset.list({ organization: "o" }, { pageSize: 2 }), "/organizations/o/datasets"],
    ["tables.listByDataset", Table.list("o.d", { pageSize: 2 }), "/datasets/o.d/tables"],
    ["versions.list", Version.list("o.d", { pageSize: 2 }), "/datasets/o.d/versions"],
    ["variables.listByTable", Variable.list({ table: "o.d.t" }, { pageSize: 2 }), "/tables/o.d.t/variables"],
    ["variables.listByQuery", Variable.list({ query: "1" }, { pageSize: 2 }), "/queries/1/variables"]
  ]

  it.live.each([...listings])("has pages: %s", ([operation, stream, path]) =>
    Effect.gen(function*() {
      const { received, result } = yield* against(paged({ total: 5, operation }), Stream.runCollect(stream))
      assert.strictEqual(result._tag, "Success")
      if (result._tag === "Success") assert.deepStrictEqual(names(result.success), counted(5))
      assert.deepStrictEqual(
        received.map(({ target }) => target),
        ["", "&pageToken=2", "&pageToken=4"].map((rest) => `/api/v1${path}?maxResults=2${rest}`)
      )
    }))

  it.live("keeps its filters from page to page", () =>
    Effect.gen(function*() {
      const { received } = yield* against(
        paged({ total: 4, operation: "variables.listByTable" }),
        Stream.runDrain(Variable.list({ table: "o.d.t" }, { pageSize: 2, type: "date" }))
      )
      assert.deepStrictEqual(received.map((request) => queryOf(request).get("type")), ["date", "date"])
    }))

  it.live.each<readonly [string, (offset: number) => string | number]>([
    ["numbers", Number],
    ["a number of 0 in between", (offset: number) => offset === 4 ? 4 : offset],
    ["texts that need encoding", (offset: number) => `${offset}/+ =&é%`],
    ["texts that look like numbers", (offset: number) => `0${offset}`]
  ])("hands tokens back as they came: %s", ([, token]) =>
    Effect.gen(function*() {
      const { received, result } = yield* against(paged({ total: 6, token }), Stream.runCollect(list({ pageSize: 2 })))
      assert.isTrue(result._tag === "Success" && result.success.length === 6)
      assert.deepStrictEqual(
        received.map((request) => queryOf(request).get("pageToken")),
        [null, String(token(2)), String(token(4))]
      )
    }))

  it.live.each([null, "", undefined])("ends where the token is %j", (last) =>
    Effect.gen(function*() {
      const { received, result } = yield* against(paged({ total: 2, last }), Stream.runCollect(list({ pageSize: 2 })))
      assert.isTrue(result._tag === "Success" && result.success.length === 2)
      assert.strictEqual(received.length, 1)
    }))

  it.live("goes on after an empty page that names another", () =>
    Effect.gen(function*() {
      const { result } = yield* against(
        (request) =>
          queryOf(request).get("pageToken") === null
            ? { body: { results: [], nextPageToken: "0" } }
            : paged({ total: 1 })(request),
        Stream.runCollect(list())
      )
      assert.isTrue(result._tag === "Success" && result.success.length === 1)
    }))

  it.live("ends with an error where a page names itself as the next, which would never end", () =>
    Effect.gen(function*() {
      const { received, result } = yield* against(
        () => ({ body: { results: itemsOf("datasets.listByUser", 0, 1), nextPageToken: "same" } }),
        Stream.runCollect(list())
      )
      assert.strictEqual(received.length, 2)
      assert.isTrue(
        result._tag === "Failure" && result.failure._tag === "DecodeError" && result.failure.path === "nextPageToken"
      )
    }))
})

/** Listings that never end: what the page with a token (absent on the first) holds, and the token that it names. */
const endless: ReadonlyArray<readonly [string, (asked: number) => readonly [items: number, next: number]]> = [
  ["a page that names itself", () => [1, 1]],
  ["two pages that name each other", (asked) => [1, asked === 1 ? 2 : 1]],
  ["a circle behind three other pages", (asked) => [1, asked < 7 ? asked + 1 : 4]],
  ["a circle of empty pages", (asked) => [0, (asked + 1) % 3]],
  ["empty pages without end", (asked) => [0, asked + 1]],
  ["empty pages without end behind one with an item", (asked) => [asked === 0 ? 1 : 0, asked + 1]]
]

/** Answers a listing as the table says, and everything else as the table of the wire does. */
const neverEnding = (page: (typeof endless)[number][1]) => (request: Received): Answer => {
  const path = request.target.split("?")[0]!.replace("/api/v1", "")
  const listing =
    /^\/(?:tables\/[^/]+|queries\/[^/]+)\/(variables|uploads)$|^\/(?:datasets|workflows)\/[^/]+\/(tables)$|^\/users\/[^/]+\/(datasets)$/
      .exec(path)
  const listed = listing?.[1] ?? listing?.[2] ?? listing?.[3]
  if (request.method === "GET" && listed !== undefined) {
    const operation = {
      datasets: "datasets.listByUser",
      tables: "tables.listByDataset",
      uploads: "uploads.list",
      variables: "variables.listByTable"
    }[listed]
    const [items, next] = page(Number(queryOf(request).get("pageToken") ?? 0))
    return { body: atVersion({ results: itemsOf(operation!, 0, items), nextPageToken: String(next) }, request.target) }
  }
  if (/^\/datasets\/[^/]+$/.test(path)) return { body: atVersion(exampleOf("datasets.get").answer.body, path) }
  if (/^\/datasets\/[^/]+\/versions\/[^/]+$/.test(path)) {
    return { body: atVersion(exampleOf("versions.get").answer.body, path) }
  }
  if (/^\/tables\/[^/]+$/.test(path)) return { body: atVersion(exampleOf("tables.get").answer.body, path) }
  if (path.endsWith("/readSessions")) return { body: exampleOf("readSessions.postByTable").answer.body }
  return { status: 404, body: { error: "not_found" } }
}

/** Every function that collects a listing for a call of its own. */
const collectors: Readonly<Record<string, Effect.Effect<unknown, { readonly _tag: string }, Redivis.Redivis>>> = {
  "Dataset.list": Stream.runDrain(list()),
  "Dataset.list ahead": Stream.runDrain(list({ prefetch: 3 })),
  "Dataset.schemaSource": Dataset.schemaSource("o.d:v1.0"),
  "Lock.verify": Lock.verify({
    lockVersion: 1,
    datasets: [{ reference: "o.d:v1_0", tag: "v1.0", doi: null, tables: [] }]
  }),
  "Lock.make": Lock.make(["o.d:v1.0"]),
  "Metadata.read": Metadata.read("o.d:v1.0"),
  "Publish.plan": Publish.plan("o.d", [{ remove: "t" }]),
  "Publish.replaceTable": Publish.replaceTable("demo.ghcn_daily_weather_data:7br5:next.daily_observations:a1b2", {
    name: "t.csv",
    data: new TextEncoder().encode("a\n1\n")
  }),
  "ReadSession.create": ReadSession.create({ table: "o.d.t" }),
  "Table.rows": Stream.runDrain(Table.rows("o.d.t")),
  "Table.schemaSource": Table.schemaSource("o.d.t"),
  "Version.diff": Version.diff("o.d", "v1.0", "v2.0")
}

describe.each([...endless])("a listing of %s", (_, page) => {
  it.live.each(Object.keys(collectors))("is an error of %s, and no smaller listing", (name) =>
    Effect.gen(function*() {
      const { received, result } = yield* against(neverEnding(page), collectors[name]!)
      assert.strictEqual(result._tag, "Failure", "it gave what it had")
      if (result._tag === "Failure") {
        assert.strictEqual(result.failure._tag, "DecodeError")
        assert.propertyVal(result.failure, "path", "nextPageToken")
      }
      // a diff lists two versions side by side
      assert.isBelow(received.length, 250)
    }))
})

describe("a page alone", () => {
  it.live("gives the token of the next one, and takes it", () =>
    Effect.gen(function*() {
      const { received, result } = yield* against(
        paged({ total: 3, token: Number }),
        Effect.gen(function*() {
          const first = yield* Dataset.listPage({ user: "u" }, { pageSize: 2 })
          assert.strictEqual(first.nextPageToken, 2)
          const second = yield* Dataset.listPage({ user: "u" }, { pageSize: 2, pageToken: first.nextPageToken })
          assert.isUndefined(second.nextPageToken)
          return names([...first.results, ...second.results])
        })
      )
      assert.isTrue(result._tag === "Success")
      if (result._tag === "Success") assert.deepStrictEqual(result.success, counted(3))
      assert.strictEqual(received.length, 2)
    }))

  it.live.each([null, undefined, ""])("without a token is the first: %j", (pageToken) =>
    Effect.gen(function*() {
      const { received } = yield* against(paged({ total: 1 }), Dataset.listPage({ user: "u" }, { pageToken }))
      assert.isFalse(queryOf(received[0]!).has("pageToken"))
    }))
})

describe("pages ahead", () => {
  /** How many pages were asked for beyond the one whose item the consumer holds, once nothing more is asked for. */
  const pagesAhead = (prefetch: number) =>
    Effect.scoped(Effect.gen(function*() {
      const server = yield* serve(paged({ total: 100 }))
      const seen: Array<number> = []
      const settled = Effect.gen(function*() {
        let before = -1
        while (before !== server.received.length) {
          before = server.received.length
          yield* Effect.sleep(150)
        }
      })
      yield* list({ pageSize: 1, prefetch }).pipe(
        Stream.mapEffect(() => Effect.andThen(settled, Effect.sync(() => seen.push(server.received.length)))),
        Stream.take(3),
        Stream.runDrain,
        Effect.provide(clientOf(server))
      )
      return seen.map((count, index) => count - index - 1)
    }))

  it.live("are as many as were asked for", () =>
    Effect.gen(function*() {
      const counts = yield* Effect.forEach([0, 1, 2, 3, 8], pagesAhead, { concurrency: "unbounded" })
      assert.deepStrictEqual(counts, [[0, 0, 0], [1, 1, 1], [2, 2, 2], [3, 3, 3], [8, 8, 8]])
    }))

  it.live("change neither items nor order", () =>
    Effect.gen(function*() {
      const { result } = yield* against(paged({ total: 17 }), Stream.runCollect(list({ pageSize: 2, prefetch: 4 })))
      assert.isTrue(result._tag === "Success")
      if (result._tag === "Success") assert.deepStrictEqual(names(result.success), counted(17))
    }))
})

describe("a listing that breaks", () => {
  const once = Retry.withPolicy({ maxAttempts: 1 })

  /** Refuses the page that begins at an item, until it is told better. */
  const breaking = (at: number, answer: Answer) => {
    let isBroken = true
    return {
      mend: () => {
        isBroken = false
      },
      serve: (request: Received): Answer =>
        isBroken && Number(queryOf(request).get("pageToken") ?? 0) === at
          ? answer
          : paged({ total: 7, token: Number })(request)
    }
  }

  for (const prefetch of [0, 2]) {
    it.live.each<readonly [string, number, number | null]>([
      ["at its first page", 0, null],
      ["at its second page", 2, 2],
      ["at its last page", 6, 6]
    ])(
      `hands on all before, then the operation's own error, which says where to go on: %s, ${prefetch} ahead`,
      ([, at, pageToken]) =>
        Effect.gen(function*() {
          const server = breaking(at, { status: 500 })
          const got: Array<unknown> = []
          const { result } = yield* against(
            (request) => server.serve(request),
            Effect.gen(function*() {
              const failure = yield* list({ pageSize: 2, prefetch }).pipe(
                Stream.runForEach((item) => Effect.sync(() => void got.push(item))),
                once,
                Effect.flip
              )
              assert.strictEqual(failure._tag, "InternalServerError")
              assert.deepStrictEqual(names(got), counted(at))
              assert.deepStrictEqual(failure.resume, { pageToken })
              server.mend()
              yield* list({ pageSize: 2, pageToken: failure.resume?.pageToken }).pipe(
                Stream.runForEach((item) => Effect.sync(() => void got.push(item)))
              )
              return names(got)
            })
          )
          assert.isTrue(result._tag === "Success")
          if (result._tag === "Success") assert.deepStrictEqual(result.success, counted(7))
        })
    )
  }

  it.live("in a body that does not fit says so and where", () =>
    Effect.gen(function*() {
      const server = breaking(2, { body: { results: [{ name: 5 }] } })
      const { result } = yield* against((request) => server.serve(request), Stream.runCollect(list({ pageSize: 2 })))
      assert.isTrue(result._tag === "Failure" && result.failure._tag === "DecodeError")
      if (result._tag === "Failure") assert.deepStrictEqual(result.failure.resume, { pageToken: 2 })
    }))

  it.live("for a while is not seen: a page is tried again", () =>
    Effect.gen(function*() {
      let failures = 0
      const { result } = yield* against(
        (request) =>
          queryOf(request).get("pageToken") === "2" && failures++ < 2 ? { status: 503 } : paged({ total: 5 })(request),
        list({ pageSize: 2 }).pipe(Stream.runCollect, Retry.withPolicy({ baseDelay: 1 }))
      )
      assert.isTrue(result._tag === "Success" && result.success.length === 5)
    }))
})
