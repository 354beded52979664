import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Emulator from "../../src/Emulator.ts"
import { call, failure, json, penguins } from "./harness.ts"

const birds = "/tables/demo.penguins_.birds"

describe("quotas", () => {
  it.live(
    "of reading are used up by what was read, each account's its own, and come back after 30 days",
    () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const other = yield* emulator.makeToken({ user: "other" })
        const session = yield* json(`${birds}/readSessions`, { method: "POST" })
        assert.strictEqual((yield* call(`${birds}/rows`)).status, 200)
        for (
          const [method, path] of [
            ["GET", `${birds}/rows`],
            ["POST", `${birds}/readSessions`],
            ["GET", `/readStreams/${session.streams[0].id}`]
          ] as const
        ) {
          const { description, error, status } = failure(yield* call(path, { method }))
          assert.deepStrictEqual([status, error], [400, "invalid_request"])
          assert.match(description, /^Cannot export more than/)
        }
        assert.strictEqual((yield* call(`${birds}/rows`, { token: other })).status, 200)
        yield* emulator.clock.adjust("30 days")
        assert.strictEqual((yield* call(`${birds}/rows`)).status, 200)
      }).pipe(Effect.provide(Emulator.layer({ seed: penguins(), readQuota: 20 }))),
    120_000
  )

  it.live("of queries refuse the next one", () =>
    Effect.gen(function*() {
      const { description, status } = failure(yield* call("/queries", { method: "POST", json: { query: "select 1" } }))
      assert.strictEqual(status, 400)
      assert.include(description, "slot-seconds")
    }).pipe(Effect.provide(Emulator.layer({ queryQuota: 0 }))))
})

describe("data in a folder", () => {
  it.live("that is in use, or no folder, are refused with a message", () =>
    Effect.acquireUseRelease(
      Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "data-"))),
      (folder) =>
        Effect.gen(function*() {
          const file = Path.join(folder, "file")
          Fs.writeFileSync(file, "")
          const refused = yield* Effect.flip(Effect.scoped(Emulator.make({ data: file })))
          assert.strictEqual(refused._tag, "DataUnusable")
          assert.include(refused.message, file)
        }),
      (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true }))
    ))
})
