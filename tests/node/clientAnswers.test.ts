/** What a success becomes: kinds of answers, pages, unknown fields, warnings, misfits. */
import * as Dataset from "@effect-redivis/core/Dataset"
import type { RedivisError } from "@effect-redivis/core/RedivisError"
import * as Retry from "@effect-redivis/core/Retry"
import * as Table from "@effect-redivis/core/Table"
import * as User from "@effect-redivis/core/User"
import * as Variable from "@effect-redivis/core/Variable"
import * as Version from "@effect-redivis/core/Version"
import * as Warnings from "@effect-redivis/core/Warnings"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Stream from "effect/Stream"
import { inspect } from "node:util"
import { against, clientOf, failureOf, successOf } from "./scriptedClient.ts"
import { inTurn, serve } from "./scriptedServer.ts"
import { exampleOf } from "./wireTable.ts"

const dataset: any = exampleOf("datasets.get").answer.body

describe("a success", () => {
  it.live.each<readonly [status: number, body?: string]>([
    [200, "OK"],
    [200, ""],
    [200, "{\"kind\":\"version\",\"tag\":\"v1.0\"}"],
    [200, "not JSON {"],
    [201, "OK"],
    [202, ""],
    [204],
    [299, "OK"]
  ])("without a result is any 2xx: %d with %j", ([status, body]) =>
    Effect.gen(function*() {
      assert.isUndefined(yield* successOf([{ status, body }], Dataset.remove("o.d")))
    }))

  it.live.each([200, 201, 202, 203, 206])("with a result is any 2xx with one: %d", (status) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* successOf([{ status, body: dataset }], Dataset.get("o.d")), dataset)
    }))

  it.live("is JSON whatever its type says", () =>
    Effect.gen(function*() {
      const reply = { headers: { "content-type": "text/html" }, body: JSON.stringify(dataset) }
      assert.deepStrictEqual(yield* successOf([reply], Dataset.get("o.d")), dataset)
    }))

  it.live("keeps fields that the contract does not know, in place", () =>
    Effect.gen(function*() {
      const answer = { ...dataset, sinceTomorrow: { deep: [1, null] }, owner: { ...dataset.owner, alsoNew: true } }
      assert.deepStrictEqual<unknown>(yield* successOf([{ body: answer }], Dataset.get("o.d")), answer)
    }))

  it.live("keeps members of enumerations that the contract does not know", () =>
    Effect.gen(function*() {
      const answer = { ...dataset, accessLevel: "owner", owner: { kind: "consortium" } }
      const read = yield* successOf([{ body: answer }], Dataset.get("o.d"))
      assert.strictEqual(read.accessLevel, "owner")
      assert.strictEqual(read.owner.kind, "consortium")
    }))

  it.live("may lack, or have as null, whatever only documentation promises", () =>
    Effect.gen(function*() {
      const { name, owner, qualifiedReference, scopedReference, uri } = dataset
      const least = { name, owner: { kind: owner.kind }, qualifiedReference, scopedReference, uri }
      assert.deepStrictEqual<unknown>(yield* successOf([{ body: least }], Dataset.get("o.d")), least)
      const nulls = {
        ...Object.fromEntries(Object.keys(dataset).map((key) => [key, null])),
        ...least
      }
      assert.deepStrictEqual<unknown>(yield* successOf([{ body: nulls }], Dataset.get("o.d")), nulls)
    }))
})

describe("a page", () => {
  it.live.each([
    ["no list", {}],
    ["a null list", { results: null, nextPageToken: null }],
    ["an empty list", { results: [], nextPageToken: "" }]
  ])("is empty with %s", ([, body]) =>
    Effect.gen(function*() {
      const calls = [
        Dataset.listPage({ user: "u" }),
        Dataset.listPage({ organization: "o" }),
        Table.listPage("o.d"),
        Version.listPage("o.d"),
        Variable.listPage({ table: "o.d.t" }),
        Variable.listPage({ query: "1" })
      ]
      for (const call of calls) {
        assert.deepStrictEqual(yield* successOf<unknown, RedivisError>([{ body }], call), {
          results: [],
          nextPageToken: undefined
        })
      }
    }))
})

// ---------------------------------------------------------------------------------------------------------------------

/** Runs with a logger that keeps what it is given, as every format of Effect prints it. */
const logged = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<ReadonlyArray<string>, E, R> =>
  Effect.suspend(() => {
    const lines: Array<string> = []
    const keep = (format: Logger.Logger<unknown, unknown>) =>
      Logger.make((options) => {
        const line = format.log(options)
        lines.push(typeof line === "string" ? line : JSON.stringify(line))
      })
    return Effect.as(
      Effect.provide(
        effect,
        Logger.layer([
          keep(Logger.formatSimple),
          keep(Logger.formatLogFmt),
          keep(Logger.formatJson),
          keep(Logger.formatStructured)
        ])
      ),
      lines
    )
  })

describe("a warning", () => {
  const warned = { headers: { "x-redivis-warning": "This version is outdated, use v2.0" }, body: dataset }

  it.live("is logged once for each text, with the operation", () =>
    Effect.gen(function*() {
      const server = yield* serve(inTurn(
        warned,
        warned,
        { headers: { "x-redivis-warning": "Another one" }, status: 404 },
        warned
      ))
      const lines = yield* logged(
        Effect.all([1, 2, 3, 4].map(() => Effect.result(Dataset.get("o.d")))).pipe(Effect.provide(clientOf(server)))
      )
      const simple = lines.filter((line) => line.startsWith("timestamp=") && line.includes("level=WARN"))
      const texts = (text: string) => simple.filter((line) => line.includes(text))
      assert.isAtLeast(texts("outdated").length, 1)
      assert.strictEqual(lines.filter((line) => line.includes("outdated")).length, 4, "once in each of four formats")
      assert.strictEqual(lines.filter((line) => line.includes("Another one")).length, 4)
      assert.include(texts("outdated")[0], "datasets.get")
    }))

  it.live("that is repeated in one answer comes joined, as one", () =>
    Effect.gen(function*() {
      const told: Array<Warnings.Warning> = []
      yield* successOf(
        [{ headers: { "x-redivis-warning": ["First, with a comma", "Second"] }, body: dataset }],
        Dataset.get("o.d").pipe(
          Effect.provideService(Warnings.CurrentWarnings, {
            warn: (warning) => Effect.sync(() => void told.push(warning))
          })
        )
      )
      assert.deepStrictEqual(told, [{ text: "First, with a comma, Second", operation: "datasets.get" }])
    }))

  it.live("goes to a service of the caller's each time, of successes, failures, streams and retries", () =>
    Effect.gen(function*() {
      const told: Array<string> = []
      const server = yield* serve((request, index) => ({
        headers: { "x-redivis-warning": `${request.method} ${index}` },
        ...(index === 0
          ? { body: dataset }
          : index === 1
          ? { status: 404 }
          : index === 2
          ? { status: 503 }
          : index === 3
          ? {}
          : { body: "a\n1\n" })
      }))
      yield* Effect.gen(function*() {
        yield* Dataset.get("o.d")
        yield* Effect.flip(Dataset.get("o.d"))
        yield* Dataset.exists("o.d")
        yield* Stream.runDrain(Table.csv("o.d.t"))
      }).pipe(
        Retry.withPolicy({ baseDelay: 1 }),
        Effect.provideService(Warnings.CurrentWarnings, {
          warn: ({ text }) => Effect.sync(() => void told.push(text))
        }),
        Effect.provide(clientOf(server))
      )
      assert.deepStrictEqual(told, ["GET 0", "GET 1", "HEAD 2", "HEAD 3", "GET 4"])
    }))

  it.live("is on the error too", () =>
    Effect.gen(function*() {
      const failure = yield* failureOf(
        [{ status: 404, headers: { "x-redivis-warning": "On an error" } }],
        Dataset.get("o.d")
      )
      assert.deepInclude(failure, { _tag: "NotFound", warnings: ["On an error"] })
    }))

  it.live(
    "that differ in the names that they quote are logged once, and counted when the client closes",
    () =>
      Effect.gen(function*() {
        const warning = (name: string) => `No id of "${name}:abcd", which may break. Use "${name}"`
        const server = yield* serve((_, index) => ({
          headers: { "x-redivis-warning": index === 30 ? "Of another kind" : warning(`d${index % 50}`) },
          body: dataset
        }))
        const lines = yield* logged(
          Effect.forEach(Array.from({ length: 101 }), () => Dataset.get("o.d"), { discard: true }).pipe(
            Effect.provide(clientOf(server)),
            Effect.provideService(Warnings.CurrentWarnings, Warnings.makeLogOnce())
          )
        )
        const told = lines.filter((line) => line.includes("No id of") && !line.includes("in all"))
        assert.strictEqual(told.length, 4, "once in each of four formats")
        assert.strictEqual(lines.filter((line) => line.includes("Of another kind")).length, 4)
        // 101 answers: d0 to d49 twice, but d30 only the second time, and one of another kind
        assert.strictEqual(lines.filter((line) => line.includes("of 50 names in all: No id of")).length, 4)
        assert.strictEqual(lines.filter((line) => line.includes("names in all")).length, 4)
      }),
    20_000
  )

  it.live(
    "that are counted are told again only once there are twice as many, however many clients close",
    () =>
      Effect.gen(function*() {
        const server = yield* serve((_, index) => ({
          headers: { "x-redivis-warning": `No id of "d${index}"` },
          body: dataset
        }))
        const warnings = Warnings.makeLogOnce()
        const lines = yield* logged(
          Effect.forEach(
            Array.from({ length: 20 }),
            () => Effect.provide(Dataset.get("o.d"), clientOf(server)),
            { discard: true }
          ).pipe(Effect.provideService(Warnings.CurrentWarnings, warnings))
        )
        const counts = lines.flatMap((line) => /of (\d+) names in all/.exec(line)?.[1] ?? [])
        assert.deepStrictEqual([...new Set(counts)], ["2", "4", "8", "16"])
        assert.strictEqual(lines.filter((line) => line.includes("No id of")).length, 4 * 5)
      }),
    20_000
  )

  it.live("is logged on standard error: what is printed is the program's own", () =>
    Effect.gen(function*() {
      const printed: Array<string> = []
      const console = { ...globalThis.console }
      console.log = () => void printed.push("out")
      console.error = () => void printed.push("err")
      yield* Warnings.makeLogOnce().warn({ text: "for a person", operation: "x" }).pipe(
        Effect.provideService(Console.Console, console)
      )
      assert.deepStrictEqual(printed, ["err"])
    }))

  it.live("of a service forgets the oldest of too many", () =>
    Effect.gen(function*() {
      const warnings = Warnings.makeLogOnce()
      const lines = yield* logged(Effect.gen(function*() {
        yield* warnings.warn({ text: "the very first", operation: "x" })
        for (let index = 0; index < 1000; index++) yield* warnings.warn({ text: `number ${index}`, operation: "x" })
        yield* warnings.warn({ text: "number 999", operation: "x" })
        yield* warnings.warn({ text: "the very first", operation: "x" })
      }))
      assert.strictEqual(lines.filter((line) => line.includes("the very first")).length, 8)
      assert.strictEqual(lines.filter((line) => line.includes("number 999")).length, 4)
    }))
})

// ---------------------------------------------------------------------------------------------------------------------

const long = "a long and private value, of which an error may show a part: 1234567890"
const [item]: ReadonlyArray<any> = (exampleOf("datasets.listByUser").answer.body as any).results

interface Misfit {
  readonly name: string
  readonly body: unknown
  readonly call: Effect.Effect<unknown, RedivisError, any>
  readonly path: string
  readonly expected: RegExp
  readonly value: string
}

const misfits: ReadonlyArray<Misfit> = [
  {
    name: "a field of another type",
    body: { ...dataset, name: 5 },
    call: Dataset.get("o.d"),
    path: "name",
    expected: /string/,
    value: "5"
  },
  {
    name: "a field that is missing",
    body: { ...dataset, uri: undefined },
    call: Dataset.get("o.d"),
    path: "uri",
    expected: /.+/,
    value: ""
  },
  {
    name: "deep in a list",
    body: { results: [item, item, { ...item, createdAt: long }] },
    call: Dataset.listPage({ user: "u" }),
    path: "results[2].createdAt",
    expected: /number/,
    value: "a long and private value, of which an e…"
  },
  {
    name: "a list that is none",
    body: { results: { length: 0 } },
    call: Dataset.listPage({ user: "u" }),
    path: "results",
    expected: /array/i,
    value: "{\"length\":0}"
  },
  {
    name: "another kind",
    body: { ...dataset, kind: "table" },
    call: Dataset.get("o.d"),
    path: "kind",
    expected: /dataset/,
    value: "table"
  },
  {
    name: "a list where one thing was asked for",
    body: [dataset],
    call: Dataset.get("o.d"),
    path: "",
    expected: /object/i,
    value: "[{\"kind\":\"dataset\",\"id\":\"42\",\"qualified…"
  },
  { name: "null", body: "null", call: User.me(), path: "", expected: /object/i, value: "null" },
  { name: "text", body: "OK", call: User.me(), path: "", expected: /JSON/, value: "OK" },
  { name: "nothing", body: "", call: User.me(), path: "", expected: /JSON/, value: "" },
  {
    name: "a page",
    body: `<html>${long}</html>`,
    call: User.me(),
    path: "",
    expected: /JSON/,
    value: "<html>a long and private value, of whic…"
  },
  {
    name: "JSON that stops early",
    body: "{\"name\":\"resea",
    call: User.me(),
    path: "",
    expected: /JSON/,
    value: "{\"name\":\"resea"
  }
]

describe("an answer that does not fit", () => {
  it.live.each([...misfits])("is a DecodeError that says where: $name", (row) =>
    Effect.gen(function*() {
      const { received, result } = yield* against([{ status: 200, body: row.body }], row.call)
      assert.strictEqual(received.length, 1, "it is not asked for again")
      assert.strictEqual(result._tag, "Failure")
      if (result._tag !== "Failure" || result.failure._tag !== "DecodeError") throw new Error("no DecodeError")
      const error = result.failure
      assert.strictEqual(error.path, row.path)
      assert.match(error.expected, row.expected)
      if (row.value.length > 5) assert.notInclude(error.expected, row.value.slice(0, 10))
      if (row.value === "") assert.oneOf(error.value, [undefined, "", "undefined"])
      else assert.strictEqual(error.value, row.value)
      assert.isAtMost(error.value?.length ?? 0, 40)
      assert.strictEqual(error.status, 200)
      assert.include(error.message, error.operation!)
      assert.include(error.message, row.path === "" ? "its root" : row.path)
      assert.match(error.message, /lenient/)
    }))

  it.live("shows its value nowhere but on the object", () =>
    Effect.gen(function*() {
      const failure = yield* failureOf([{ body: { ...dataset, createdAt: long } }], Dataset.get("o.d"))
      assert.strictEqual(failure._tag, "DecodeError")
      if (failure._tag !== "DecodeError") return
      assert.include(failure.value, "a long and private value")
      const lines = yield* logged(Effect.andThen(
        Effect.logError("It failed", failure),
        Effect.logError(Cause.fail(failure))
      ))
      assert.isAtLeast(lines.length, 8)
      const shown = [
        failure.message,
        String(failure),
        JSON.stringify(failure),
        Cause.pretty(Cause.fail(failure)),
        ...lines
      ]
      for (const text of shown) assert.notInclude(text, "private value")
      assert.include(JSON.stringify(failure), "createdAt")
    }))

  it.live("is handed on by a lenient client, with a warning", () =>
    Effect.gen(function*() {
      const told: Array<Warnings.Warning> = []
      const answer = { ...dataset, createdAt: long }
      const read = yield* successOf(
        [{ body: answer }],
        Dataset.get("o.d").pipe(
          Effect.provideService(Warnings.CurrentWarnings, {
            warn: (warning) => Effect.sync(() => void told.push(warning))
          })
        ),
        { decoding: "lenient" }
      )
      assert.deepStrictEqual<unknown>(read, answer)
      assert.strictEqual(told.length, 1)
      assert.include(told[0]?.text, "createdAt")
      assert.notInclude(told[0]?.text, "private value")
    }))

  it.live("stays an error of a lenient client where it is no JSON", () =>
    Effect.gen(function*() {
      const failure = yield* failureOf([{ body: "<html>" }], User.me(), { decoding: "lenient" })
      assert.strictEqual(failure._tag, "DecodeError")
    }))

  it.live("is inspected by people who hold the object", () =>
    Effect.gen(function*() {
      const failure = yield* failureOf([{ body: { ...dataset, name: 5 } }], Dataset.get("o.d"))
      assert.include(inspect(failure), "DecodeError")
    }))
})
