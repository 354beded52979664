/** What the service, and institutions that run it under hosts of their own, may do within the documentation. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Table from "@effect-redivis/core/Table"
import * as Variable from "@effect-redivis/core/Variable"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { against, clientOf, successOf, token } from "./scriptedClient.ts"
import { serve } from "./scriptedServer.ts"
import { exampleOf } from "./wireTable.ts"

const [example] = (exampleOf("datasets.listByUser").answer.body as { readonly results: ReadonlyArray<object> }).results

const named = (...names: ReadonlyArray<string>) => names.map((name) => ({ ...example, name }))

describe("a page", () => {
  it.live("with more items than were asked for is handed on whole, and its own token goes on", () =>
    Effect.gen(function*() {
      const pages = [
        { body: { results: named("a", "b", "c", "d", "e"), nextPageToken: "5fq3-0c4k1m8q2" } },
        { body: { results: named("f", "g", "h"), nextPageToken: null } }
      ]
      const { received, result } = yield* against(
        pages,
        Stream.runCollect(Dataset.list({ user: "u" }, { pageSize: 2, prefetch: 1 }))
      )
      assert.isTrue(result._tag === "Success")
      if (result._tag === "Success") {
        assert.deepStrictEqual(result.success.map(({ name }) => name), ["a", "b", "c", "d", "e", "f", "g", "h"])
      }
      assert.deepStrictEqual(received.map(({ target }) => target.split("?")[1]), [
        "maxResults=2",
        "maxResults=2&pageToken=5fq3-0c4k1m8q2"
      ])
      const page = yield* successOf(pages, Dataset.listPage({ user: "u" }, { pageSize: 2 }))
      assert.deepStrictEqual([page.results.length, page.nextPageToken], [5, "5fq3-0c4k1m8q2"])
    }))
})

describe("statistics", () => {
  it.live("may have null for what was not counted, and come without what does not apply", () =>
    Effect.gen(function*() {
      const statistics = { status: "completed", count: null, numDistinct: 3, min: -86_400_000, max: 0, stdDev: 1.5 }
      const variable = { name: "seen", type: "dateTime", valueLabels: null, statistics }
      const shown = yield* successOf([{ body: variable }], Variable.get({ table: "o.d.t" }, "seen"))
      assert.deepStrictEqual(shown.statistics, statistics)
      const asked = yield* successOf(
        [{ body: { ...statistics, variable: { name: "seen", type: "dateTime" } } }],
        Variable.statistics({ table: "o.d.t" }, "seen")
      )
      assert.deepInclude(asked, statistics)
    }))
})

describe("variables", () => {
  it.live("are asked for in pages of up to 10,000, and other things in pages of up to 1,000", () =>
    Effect.gen(function*() {
      const { received, result } = yield* against(
        [{ body: { results: [], nextPageToken: null } }],
        Variable.listPage({ table: "o.d.t" }, { pageSize: 10_000 })
      )
      assert.isTrue(result._tag === "Success")
      assert.include(received[0]?.target, "maxResults=10000")
      for (
        const call of [
          Effect.asVoid(Variable.listPage({ table: "o.d.t" }, { pageSize: 10_001 })),
          Effect.asVoid(Dataset.listPage({ user: "u" }, { pageSize: 1001 }))
        ]
      ) {
        const refused = yield* against([], call)
        assert.deepStrictEqual([refused.received.length, refused.result._tag], [0, "Failure"])
      }
    }))
})

describe("a host of an institution's own", () => {
  it.live("is asked below its own base, by paths that come from it, with the token", () =>
    Effect.gen(function*() {
      const table = {
        uri: "/tables/lab.lakes:5fq3:v1_0.levels:8k2p",
        name: "Levels",
        qualifiedReference: "lab.lakes:5fq3:v1_0.levels:8k2p",
        scopedReference: "levels:8k2p",
        // the page is the institution's too, and is never asked for
        url: "https://data.lab.example/datasets/5fq3-0c4k1m8q2/tables/8k2p-7x0d3h5n9?v=1.0"
      }
      const { received, result, server } = yield* against(
        (_, index) =>
          index === 0
            ? { body: { kind: "tableList", nextPageToken: null, results: [table] } }
            : { body: { ...table, numRows: 1, numBytes: 8, container: { kind: "dataset" } } },
        Effect.flatMap(Table.listPage("lab.lakes"), ({ results: [first] }) => Table.get(first!))
      )
      assert.isTrue(result._tag === "Success")
      assert.isTrue(server.endpoint.startsWith("http://127.0.0.1") || server.endpoint.startsWith("http://localhost"))
      assert.deepStrictEqual(received.map(({ target }) => decodeURIComponent(target.split("?")[0] ?? "")), [
        "/api/v1/datasets/lab.lakes/tables",
        `/api/v1${table.uri}`
      ])
      for (const { headers } of received) assert.strictEqual(headers.authorization, `Bearer ${token}`)
    }))

  it.live("may lie below another path, where everything goes", () =>
    Effect.gen(function*() {
      const server = yield* serve(() => ({ body: { results: [], nextPageToken: null } }))
      const endpoint = `${server.origin}/research/redivis/api/v1/`
      const page = yield* Dataset.listPage({ organization: "lab" }).pipe(Effect.provide(clientOf({ endpoint })))
      assert.deepStrictEqual(page.results, [])
      assert.deepStrictEqual(server.received.map(({ target }) => target.split("?")[0]), [
        "/research/redivis/api/v1/organizations/lab/datasets"
      ])
    }))
})
