/** What a server may do within its documentation: give fewer streams than were asked for. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { columns, read, streamOf, tableOf } from "./rowsServer.ts"

describe("a session", () => {
  it.effect("with fewer streams than were asked for is read whole, and each stream once", () =>
    Effect.gen(function*() {
      const parts = [[columns.integer("n", [1n, 2n])], [columns.integer("n", [3n])]]
      const few = { ...tableOf(...parts), streams: parts.map((part) => streamOf(part)) }
      for (const streams of [2, 3, 8]) {
        for (const ordered of [true, false]) {
          const { asked, error, rows, sent } = yield* read(few, { streams, ordered })
          assert.isUndefined(error)
          assert.sameDeepMembers([...rows], [{ n: 1 }, { n: 2 }, { n: 3 }])
          assert.sameDeepMembers([...asked], [[0, 0], [1, 0]])
          assert.deepInclude(sent[0], { requestedStreamCount: streams })
        }
      }
    }))

  it.effect("with no stream at all is empty where it says that it has no rows", () =>
    Effect.gen(function*() {
      const { error, rows } = yield* read({ ...tableOf([columns.integer("n", [])]), streams: [] }, { streams: 4 })
      assert.isUndefined(error)
      assert.deepStrictEqual(rows, [])
    }))
})
