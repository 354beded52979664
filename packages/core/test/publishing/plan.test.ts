import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import { TestClock } from "effect/testing"
import { NotFound, PlanOutdated, TransportError, VerificationFailed } from "../../src/contract/RedivisError.ts"
import { movedFrom } from "../../src/publishing/apply.ts"
import { planTables } from "../../src/publishing/plan.ts"
import type * as Publish from "../../src/publishing/Publish.ts"
import { settle } from "../../src/publishing/settle.ts"
import { table } from "./describing.ts"

const file = (name: string, numRows?: number): Publish.Source => ({ name, data: new Uint8Array(4), numRows })

const there = [table("Old Birds", { numRows: 3, hash: "h" }), table("nests", { numRows: 2, hash: "i" })]

const planned = (...changes: ReadonlyArray<Publish.Change>) =>
  Result.map(planTables(there, changes), (tables) =>
    tables.map(({ action, files, name, rowsAfter, rowsBefore }) => [
      name,
      action,
      rowsBefore,
      rowsAfter,
      files.map(({ size }) => size)
    ]))

describe("the tables of a plan", () => {
  it("are named as they are, with the rows that are known", () => {
    assert.deepStrictEqual(
      planned({ replace: "old_birds", source: [file("a", 1), file("b", 4)] }, { create: "c", source: file("c") }),
      Result.succeed([
        ["Old Birds", "replaced", 3, 5, [4, 4]],
        ["c", "created", null, null, [4]],
        ["nests", "untouched", 2, 2, []]
      ])
    )
    assert.deepStrictEqual(
      planned({ append: "nests", source: file("a", 5) }, { remove: "old birds" }),
      Result.succeed([["nests", "appended", 2, 7, [4]], ["Old Birds", "removed", 3, 0, []]])
    )
    assert.deepStrictEqual(
      Result.map(planned({ append: "nests", source: [file("a", 5), file("b")] }), ([first]) => first?.[3]),
      Result.succeed(null)
    )
  })

  it("are refused where two files would be one upload", () => {
    const refused = planned({ replace: "nests", source: [file("a.csv"), file("A_csv")] })
    assert.isTrue(Result.isFailure(refused) && refused.failure.field === "changes[0].source")
  })
})

describe("what moved since a plan", () => {
  const expected = [{ name: "a", hash: "h", numRows: 1 }, { name: "b", hash: null, numRows: 2 }]

  it("is told by hashes, and by rows where a hash is missing", () => {
    assert.deepStrictEqual(movedFrom(expected, [table("A", { hash: "h", numRows: 9 }), table("b", { numRows: 2 })]), [])
    assert.deepStrictEqual(movedFrom(expected, [table("a", { hash: "i" }), table("b", { numRows: 3 })]), ["a", "b"])
  })

  it("is what is missing and what is too much, too", () => {
    assert.deepStrictEqual(movedFrom(expected, [table("a", { hash: "h" }), table("c")]), ["b", "c"])
  })
})

const lost = new TransportError({
  operation: "uploads.post",
  method: "POST",
  url: "/",
  reason: "Connection",
  beforeSending: false
})

describe("a lost answer", () => {
  it.effect("is settled by what is found, at the latest look", () =>
    Effect.gen(function*() {
      let looked = 0
      let sent = 0
      const request = Effect.suspend(() => {
        sent += 1
        return Effect.fail(lost)
      })
      const fiber = yield* Effect.forkChild(
        settle(request, Effect.sync(() => ++looked < 3 ? undefined : "found"))
      )
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* Fiber.join(fiber), "found")
      assert.deepStrictEqual([sent, looked], [1, 3])
    }))

  it.effect("stands where nothing is found", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(Effect.flip(settle(Effect.fail(lost), Effect.succeed(undefined))))
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* Fiber.join(fiber), lost)
    }))

  it.effect("is none where the service refused, or nothing was sent", () =>
    Effect.gen(function*() {
      const refused = new NotFound({
        operation: "uploads.post",
        method: "POST",
        url: "/",
        status: 404,
        warnings: []
      })
      const unsent = new TransportError({
        operation: "uploads.post",
        method: "POST",
        url: "/",
        reason: "Connection",
        beforeSending: true
      })
      for (const error of [refused, unsent]) {
        assert.strictEqual(yield* Effect.flip(settle(Effect.fail(error), Effect.die("it looked"))), error)
      }
    }))
})

describe("the errors of publishing", () => {
  it("say what is done and what is not", () => {
    const progress = { done: ["a", "b"], notDone: ["c"], isReleased: false }
    const failed = new VerificationFailed({ table: "o.d.c", reason: "RowCount", detail: "3 of 4 rows", progress })
    assert.match(failed.message, /o\.d\.c .*3 of 4 rows.* Done: a, b\. Not done: c\. Nothing is released\./)
    const outdated = new PlanOutdated({ dataset: "o.d", tables: ["a"] })
    assert.strictEqual(outdated.message, "The plan for o.d is outdated: a moved since it was made. Make a new plan.")
  })
})
