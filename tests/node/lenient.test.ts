/** What a lenient client makes of answers that are odd: each function of the table of the wire, each place of its answer. */
import * as Codebook from "@effect-redivis/core/Codebook"
import { operations } from "@effect-redivis/core/Contract"
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Lock from "@effect-redivis/core/Lock"
import * as Metadata from "@effect-redivis/core/Metadata"
import * as Publish from "@effect-redivis/core/Publish"
import * as Query from "@effect-redivis/core/Query"
import * as ReadSession from "@effect-redivis/core/ReadSession"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Table from "@effect-redivis/core/Table"
import * as Version from "@effect-redivis/core/Version"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { quickly } from "./scriptedClient.ts"
import type { Reply } from "./scriptedServer.ts"
import { atVersion, exampleOf, pathOf, replyOf, replyTo, run, titleOf, wire } from "./wireTable.ts"

/** What may stand where something else was expected. `undefined`: nothing. */
const odd: ReadonlyArray<unknown> = [undefined, null, 7, "odd", [null], { results: [null] }]

/** Every place of a value, its own first; of a list the first item stands for all. */
const places = (
  value: unknown,
  path: ReadonlyArray<string | number> = []
): ReadonlyArray<ReadonlyArray<string | number>> => [
  path,
  ...Array.isArray(value)
    ? value.length === 0 ? [] : places(value[0], [...path, 0])
    : typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => places(inner, [...path, key]))
    : []
]

/** The value with another one at a place. */
const replaced = (value: unknown, [first, ...rest]: ReadonlyArray<string | number>, by: unknown): unknown => {
  if (first === undefined) return by
  if (Array.isArray(value)) return value.map((item, index) => index === first ? replaced(item, rest, by) : item)
  return Object.fromEntries(
    Object.entries(value as object) // it has the place
      .map(([key, inner]) => [key, key === first ? replaced(inner, rest, by) : inner])
      .filter(([, inner]) => inner !== undefined)
  )
}

const rows = wire.rows.filter(({ answer }) => answer.body !== undefined && answer.status < 300)

/** Each has an account, and so a rate limit, of its own. */
let clients = 0

/** A client without sockets. */
const clientOf = (answer: (method: string, target: string) => Reply): Layer.Layer<Redivis.Redivis> =>
  Redivis.layer({
    endpoint: "http://localhost/api/v1",
    token: Redacted.make(`token-${(clients += 1)}`),
    decoding: "lenient"
  }).pipe(
    Layer.provide(Layer.succeed(
      HttpClient.HttpClient,
      HttpClient.make((request, url) =>
        Effect.sync(() => {
          const reply = answer(request.method, url.pathname + url.search)
          const body = reply.body instanceof Uint8Array || typeof reply.body === "string" || reply.body === undefined
            ? reply.body
            : JSON.stringify(reply.body)
          const bare = reply.status === 204 || reply.status === 304
          return HttpClientResponse.fromWeb(
            request,
            new Response(bare ? null : body as BodyInit, {
              status: reply.status ?? 200,
              headers: reply.headers as Record<string, string>
            })
          )
        })
      )
    ))
  ) as Layer.Layer<Redivis.Redivis> // its options are right

const turn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

/** The end of an effect; nothing where it goes on waiting, as for a job that the answers never let end. */
const settled = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<Exit.Exit<A, E> | undefined> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    for (let polls = 0; polls < 3; polls++) {
      for (let turns = 0; turns < 20; turns++) {
        const exit = fiber.pollUnsafe()
        if (exit !== undefined) return exit
        yield* turn
      }
      // the next question of a wait, and the next attempt of a retry
      yield* TestClock.adjust(1_000)
    }
    yield* Fiber.interrupt(fiber)
    return undefined
  })

/** What became of a call whose answer has something odd in one place after the other. */
const defectsOf = <A, E>(
  body: unknown,
  call: Effect.Effect<A, E, Redivis.Redivis>,
  /** The odd answer where the request is for it, else another. */
  answer: (method: string, target: string, odd: () => Reply) => Reply
): Effect.Effect<void> =>
  Effect.gen(function*() {
    const defects: Array<string> = []
    let ended = 0
    let given = 0
    for (const place of places(body)) {
      for (const by of odd) {
        const odds = replaced(body, place, by)
        const reply = answered(odds)
        const client = clientOf((method, target) =>
          answer(method, target, () => {
            given += 1
            return place.length === 0 ? reply : { body: JSON.stringify(atVersion(odds, target)) }
          })
        )
        const exit = yield* settled(call.pipe(quickly, Effect.provide(client)))
        if (exit === undefined) continue
        ended += 1
        if (Exit.isFailure(exit) && Cause.hasDies(exit.cause)) {
          defects.push(`${place.join(".")} = ${JSON.stringify(by)}: ${Cause.pretty(exit.cause).slice(0, 400)}`)
        }
      }
    }
    assert.isAbove(ended, 0)
    assert.isAtLeast(given, ended, "the odd answer is asked for")
    assert.deepStrictEqual(defects, [])
  })

const answered = (body: unknown): Reply => ({ body: body === undefined ? "" : JSON.stringify(body) })

/** Functions that make several requests, and the operations that they read from. */
const composites: ReadonlyArray<
  readonly [string, Effect.Effect<unknown, unknown, Redivis.Redivis>, ReadonlyArray<string>]
> = [
  ["Dataset.pin", Dataset.pin("o.d"), ["datasets.get"]],
  ["Dataset.schemaSource", Dataset.schemaSource("o.d:v1.0"), ["tables.listByDataset", "variables.listByTable"]],
  ["Lock.make", Lock.make(["o.d"]), ["datasets.get", "tables.listByDataset"]],
  [
    "Lock.verify",
    Lock.verify({ lockVersion: 1, datasets: [{ reference: "o.d:v1_0", tag: "v1.0", doi: null, tables: [] }] }),
    ["tables.listByDataset"]
  ],
  [
    "Metadata and Codebook",
    Effect.map(Metadata.read("o.d:v1.0"), (described) => [
      Metadata.jsonLd(described, { format: "croissant" }),
      Metadata.citation(described.dataset, { format: "bibtex" }),
      Codebook.table(described.tables, { format: "markdown" }),
      Codebook.table(described.tables, { format: "csv" })
    ]),
    ["datasets.get", "tables.listByDataset", "variables.listByTable"]
  ],
  ["Publish.plan", Publish.plan("o.d", [{ remove: "t" }]), ["versions.get", "tables.listByDataset"]],
  [
    "Publish.replaceTable",
    Publish.replaceTable("demo.ghcn_daily_weather_data:7br5:next.daily_observations:a1b2", {
      name: "t.csv",
      data: new TextEncoder().encode("a\n1\n")
    }),
    ["tables.get", "uploads.list", "uploads.post", "uploads.get", "queries.post"]
  ],
  ["ReadSession.create", ReadSession.create({ table: "o.d.t" }), ["variables.listByTable", "readSessions.postByTable"]],
  [
    "Table.rows",
    Stream.runDrain(Table.rows("o.d.t", { maxBytes: 1e12 })),
    ["tables.get", "variables.listByTable", "readSessions.postByTable"]
  ],
  ["Table.schemaSource", Table.schemaSource("o.d.t"), ["tables.get", "variables.listByTable"]],
  ["Query.run", Query.run("select 1 as a"), ["queries.post", "queries.get"]],
  ["Version.diff", Version.diff("o.d", "v1.0", "current"), [
    "datasets.get",
    "tables.listByDataset",
    "variables.listByTable"
  ]]
]

/** An answer to any request by its operation, from the first row of the table that has it. */
const byOperation = (given: string) => (method: string, target: string, odd: () => Reply): Reply => {
  const path = pathOf(target).slice("/api/v1".length)
  const operation = operations.find((operation) =>
    operation.method === method &&
    new RegExp(`^${operation.path.replaceAll(/:\w+/g, "[^/]+")}$`).test(path)
  )
  const example = wire.rows.find((row) => row.operation === operation?.name)
  return operation?.name === given
    ? odd()
    : example === undefined
    ? { status: 404 }
    : example.answer.body === undefined
    ? replyOf(example, "http://localhost")
    : { body: JSON.stringify(atVersion(example.answer.body, target)) }
}

const steps = composites.flatMap(([name, call, read]) => read.map((operation) => ({ name, call, operation })))

describe("a lenient client", () => {
  it.effect.each(steps)(
    "gives a value or a typed error where $operation is odd in the middle of $name",
    ({ call, operation }) => defectsOf(exampleOf(operation).answer.body, call, byOperation(operation)),
    60_000
  )

  it.effect.each(rows.map((row) => ({ name: titleOf(row), row })))(
    "gives a value or a typed error for any odd answer: $name",
    ({ row }) =>
      defectsOf(
        row.answer.body,
        run(row),
        (method, target, odd) =>
          method === row.verb && pathOf(target) === wire.base + row.path
            ? odd()
            : replyTo({ method, target, headers: { host: "localhost" } })
      ),
    60_000
  )
})
