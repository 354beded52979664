/** Files of which no row is imported are published only where that is meant. */
import * as Publish from "@effect-redivis/core/Publish"
import * as Table from "@effect-redivis/core/Table"
import * as Version from "@effect-redivis/core/Version"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { during, seed } from "./publishingSeed.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const full = { name: "full.csv", data: bytes("species,mass\nGentoo,1\n") }

/** Files without rows, and what of the upload the error tells. */
const empty = [
  { name: "header.csv", data: bytes("species,mass\n"), numbers: "0 rows, 0 bad records, 13 bytes" },
  {
    name: "bad.csv",
    data: bytes("a,b\n1,2,3\n4,5,6\n"),
    skipBadRecords: true,
    numbers: "0 rows, 2 bad records, 16 bytes"
  }
] as const

const released = (name: string) => Effect.map(Version.get(`researcher.${name}`, "current"), ({ tag }) => tag)

layer(Emulator.layerTest, { excludeTestServices: true })("a file without rows", (it) => {
  it.effect(
    "does not take the place of a table, and the error tells the numbers of its upload",
    () =>
      Effect.gen(function*() {
        yield* seed("emptied")
        yield* Version.create("researcher.emptied")
        for (const { numbers, ...source } of empty) {
          for (const sources of [source, [full, source], [source, full]]) {
            const error = yield* Effect.flip(Publish.replaceTable("researcher.emptied:next.birds", sources))
            assert.deepInclude(error, { _tag: "VerificationFailed", reason: "SourceRowCount" })
            assert.include(error.message, source.name)
            assert.include(error.message, numbers)
            assert.include(error.message, "numRows: 0")
          }
          for (
            const [action, change] of [
              ["replaced", { replace: "birds", source }],
              ["appended", { append: "same", source }],
              ["created", { create: `new ${source.name}`, source }]
            ] as const
          ) {
            const plan = yield* Publish.plan("researcher.emptied", [change])
            assert.strictEqual(plan.tables[0]?.action, action)
            const error = yield* Effect.flip(Publish.apply(plan, [change]))
            assert.deepInclude(error, { _tag: "VerificationFailed", reason: "SourceRowCount" })
            assert.include(error.message, numbers)
            assert.isFalse(error.progress.isReleased)
          }
        }
        assert.strictEqual(yield* released("emptied"), "v2.0")
      }),
    120_000
  )

  it.effect("empties a table where it says that it has none", () =>
    Effect.gen(function*() {
      yield* seed("meant")
      const { numbers: _, ...header } = empty[0]
      const changes = [{ replace: "birds", source: { ...header, numRows: 0 } }]
      const report = yield* Publish.apply(yield* Publish.plan("researcher.meant", changes), changes)
      assert.deepInclude(report.tables[0], { action: "replaced", rowsBefore: 3, rowsAfter: 0 })
      assert.strictEqual((yield* Table.get("researcher.meant.birds")).numRows, 0)
      // and is held to it
      yield* Version.create("researcher.meant")
      const error = yield* Effect.flip(Publish.replaceTable("researcher.meant:next.birds", { ...full, numRows: 0 }))
      assert.deepInclude(error, { _tag: "VerificationFailed", reason: "SourceRowCount" })
      assert.include(error.message, "1 rows")
    }), 120_000)

  it.effect("of no bytes is refused before anything is sent", () =>
    Effect.gen(function*() {
      const source = { name: "nothing.csv", data: bytes("") }
      const { operations, value } = yield* during(
        Effect.flip(Publish.replaceTable("researcher.x:next.y", [full, source]))
      )
      assert.deepInclude(value, { _tag: "InvalidInput", field: "source" })
      assert.include(value.message, "nothing.csv")
      assert.deepStrictEqual(operations, [])
      yield* seed("planned")
      const planned = yield* Effect.flip(Publish.plan("researcher.planned", [{ replace: "birds", source }]))
      assert.deepInclude(planned, { _tag: "InvalidInput", field: "changes[0].source" })
    }))
})
