/** Options of the layer, flags of the command, its help, and what documents both. */
import { assert, describe, it } from "@effect/vitest"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Command from "effect/cli/Command"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { flags } from "../../src/flags.ts"
import type { Options } from "../../src/service.ts"

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")

/** The names in the interface, as it is written. */
const options = [
  .../^ {2}readonly (\w+)\?:/gm[Symbol.matchAll](/interface Options \{[^]*?\n\}/.exec(read("src/service.ts"))![0])
].map(([, name]) => name!)

/** What each option is on the command line, and what becomes of it. */
const rows: Readonly<Record<keyof Required<Options>, readonly [flag: string, value: string | undefined, is: unknown]>> =
  {
    port: ["--port", "8080", 8080],
    storagePort: ["--storage-port", "8081", 8081],
    host: ["--host", "0.0.0.0", "0.0.0.0"],
    allowHosts: ["--allow-host", "emulator", ["emulator"]],
    controlOrigins: ["--control-origin", "http://localhost:5173", ["http://localhost:5173"]],
    data: ["--data", "kept", "kept"],
    seed: ["--seed", "seed.json", "seed.json"],
    token: ["--token", "known", "known"],
    tokens: ["--tokens", "tokens.json", "tokens.json"],
    user: ["--user", "ann", "ann"],
    rateLimit: ["--rate-limit", "7", 7],
    rateLimitWindow: ["--rate-limit-window", "5", Duration.seconds(5)],
    rateLimitHeaders: ["--rate-limit-headers", "seconds", "seconds"],
    concurrencyLimit: ["--concurrency-limit", "4", 4],
    readQuota: ["--read-quota", "1000", 1000],
    queryQuota: ["--query-quota", "60", 60],
    queryTimeout: ["--query-timeout", "9", Duration.seconds(9)],
    exposeHeaders: ["--expose-headers", undefined, true],
    deleteAnswer: ["--delete-answer", "json", "json"],
    strictReferences: ["--strict-references", undefined, true],
    anonymousAccess: ["--anonymous-access", "public", "public"],
    anonymousBytes: ["--anonymous-bytes", "10", 10],
    resultBytes: ["--result-bytes", "11", 11],
    exportPartBytes: ["--export-part-bytes", "12", 12],
    batchRows: ["--batch-rows", "13", 13],
    streamRows: ["--stream-rows", "1", 1],
    rowOrder: ["--row-order", "stored", "stored"],
    draftRows: ["--draft-rows", "late", "late"],
    mostTables: ["--most-tables", "3", 3]
  }

/** What the command makes of a line. */
const parsed = (...line: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    let found: Options | undefined
    const command = Command.make("emulator", flags, (options) =>
      Effect.sync(() => {
        found = options
      }))
    yield* Effect.ignore(Command.runWith(command, { version: "0.0.0" })(line))
    return found
  }).pipe(Effect.provide(NodeServices.layer))

describe("an option of the layer", () => {
  it("has a flag of the command, and a word in the README", () => {
    assert.isAbove(options.length, 25)
    assert.deepStrictEqual(options.toSorted(), Object.keys(flags).toSorted())
    const readme = read("README.md")
    assert.deepStrictEqual(Object.values(rows).map(([flag]) => flag).filter((flag) => !readme.includes(flag)), [])
  })

  it.effect("is what its flag says, and nothing or its default without it", () =>
    Effect.gen(function*() {
      const line = Object.values(rows).flatMap(([flag, value]) => value === undefined ? [flag] : [flag, value])
      const all = yield* parsed(...line)
      assert.deepStrictEqual<unknown>(
        { ...all },
        Object.fromEntries(Object.entries(rows).map(([name, [, , is]]) => [name, is]))
      )
      const none = { ...(yield* parsed()) }
      const kept = Object.fromEntries(Object.entries(none).filter(([, value]) => value !== undefined))
      assert.deepStrictEqual(kept, {
        port: 0,
        storagePort: 0,
        host: "127.0.0.1",
        allowHosts: [],
        controlOrigins: [],
        exposeHeaders: false,
        strictReferences: false
      })
      assert.strictEqual((yield* parsed("--row-order", "42"))?.rowOrder, 42)
    }))

  it.effect("is refused where the value is none", () =>
    Effect.gen(function*() {
      for (const [name, [flag, value, is]] of Object.entries(rows)) {
        if (
          value === undefined || typeof is === "object" ||
          (typeof is === "string" && !/order|Rows|Ans|Acc|Head/.test(name))
        ) {
          continue
        }
        for (const wrong of ["x y", "-1", "1.5"]) assert.isUndefined(yield* parsed(flag, wrong), `${flag} ${wrong}`)
      }
    }))
})
