import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import * as Arrow from "../../src/data/Arrow.ts"
import { columnValues } from "./reading.ts"
import { mixedStream } from "./streams.ts"
import * as W from "./writing.ts"

const schema = W.schema([W.fields.int("n", 32)])
const batch = (...values: ReadonlyArray<number>): Uint8Array =>
  W.recordBatch(values.length, [W.columns.numbers(values)])
const stream = W.concat(schema, batch(1, 2), batch(3), W.end)

const chunked = (bytes: Uint8Array, size: number): Stream.Stream<Uint8Array> =>
  Stream.fromIterable(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.slice(i * size, (i + 1) * size))
  )

const rows = (batches: ReadonlyArray<Arrow.Batch>): Array<number> => batches.map(({ numRows }) => numRows)

describe("readStream", () => {
  it.effect("gives each batch, however the bytes are cut", () =>
    Effect.gen(function*() {
      for (const size of [1, 13, 100_000]) {
        const batches = yield* Stream.runCollect(Arrow.readStream(chunked(stream, size)))
        assert.deepStrictEqual(batches.map((batch) => columnValues(batch, 0)), [[1, 2], [3]])
      }
      const mixed = yield* Stream.runCollect(Arrow.readStream(chunked(mixedStream(), 50), { sentinel: true }))
      assert.deepStrictEqual(rows(mixed), [3, 4])
    }))

  it.effect("asks for no more bytes than the next batch needs", () =>
    Effect.gen(function*() {
      const taken: Array<number> = []
      const bytes = Stream.fromIterable([schema, batch(1), batch(2), W.end]).pipe(
        Stream.rechunk(1),
        Stream.tap((chunk) => Effect.sync(() => taken.push(chunk.length)))
      )
      const batches = yield* Arrow.readStream(bytes).pipe(Stream.take(1), Stream.runCollect)
      assert.deepStrictEqual(rows(batches), [1])
      assert.strictEqual(taken.length, 2)
    }))

  it.effect("gives the batches before a failure, then the failure", () =>
    Effect.gen(function*() {
      const seen: Array<number> = []
      const error = yield* Arrow.readStream(chunked(stream.slice(0, stream.length - 1), 1_000), {
        operation: "readSessions.getStream",
        method: "GET",
        url: "https://redivis.com/api/v1/readStreams/x",
        status: 200
      }).pipe(
        Stream.runForEach((batch) => Effect.sync(() => seen.push(batch.numRows))),
        Effect.flip
      )
      assert.deepStrictEqual(seen, [2, 1])
      assert.strictEqual(error._tag, "IntegrityError")
      assert.deepInclude(error, {
        reason: "MissingEnd",
        operation: "readSessions.getStream",
        method: "GET",
        url: "https://redivis.com/api/v1/readStreams/x",
        status: 200
      })
      assert.include(error.message, "2 whole batches (3 rows)")
    }))

  it.effect("fails with a DecodeError that says where and what", () =>
    Effect.gen(function*() {
      const html = new TextEncoder().encode("<!doctype html><title>Bad Gateway</title>")
      const error = yield* Arrow.readStream(Stream.make(html)).pipe(Stream.runDrain, Effect.flip)
      assert.strictEqual(error._tag, "DecodeError")
      assert.deepInclude(error, {
        path: "message 1",
        expected: "the beginning of a message of an Arrow stream",
        value: "3c 21 64 6f 63 74 79 70"
      })
      assert.notInclude(JSON.stringify(error), "3c 21")
      const nested = W.concat(
        W.schema([{ name: "tags", type: 12, children: [W.fields.utf8("item")] }]),
        W.end
      )
      const refused = yield* Arrow.readStream(Stream.make(nested)).pipe(Stream.runDrain, Effect.flip)
      assert.deepInclude(refused, { _tag: "DecodeError", path: "message 1: field 0: type", value: "List" })
    }))

  it.effect("wants the sentinel and the end where they are asked for", () =>
    Effect.gen(function*() {
      const missing = yield* Arrow.readStream(Stream.make(stream), { sentinel: true }).pipe(
        Stream.runDrain,
        Effect.flip
      )
      assert.deepInclude(missing, { _tag: "IntegrityError", reason: "MissingSentinel" })
      const after = yield* Arrow.readStream(Stream.make(stream, Uint8Array.of(1))).pipe(Stream.runDrain, Effect.flip)
      assert.deepInclude(after, { _tag: "IntegrityError", reason: "BytesAfterEnd" })
      const empty = yield* Arrow.readStream(Stream.empty).pipe(Stream.runDrain, Effect.flip)
      assert.deepInclude(empty, { _tag: "IntegrityError", reason: "MissingEnd" })
      const claimed = W.concat(W.schema([W.fields.null("n")]), W.recordBatch(7, [W.columns.null(7)]), W.end)
      const claim = yield* Arrow.readStream(Stream.make(claimed), { maxRows: 6 }).pipe(Stream.runDrain, Effect.flip)
      assert.deepInclude(claim, { _tag: "IntegrityError", reason: "RowCount" })
    }))

  it.effect("gives a batch of zero rows for a stream without rows", () =>
    Effect.gen(function*() {
      const batches = yield* Stream.runCollect(Arrow.readStream(Stream.make(schema, W.end)))
      assert.deepStrictEqual(rows(batches), [0])
      assert.deepStrictEqual(batches[0]!.columns.map(({ length, name }) => [name, length]), [["n", 0]])
    }))

  it.effect("passes the bytes' own failure on, after the batches before it", () =>
    Effect.gen(function*() {
      const seen: Array<number> = []
      const broken = Stream.concat(Stream.make(schema, batch(1)), Stream.fail("broken" as const))
      const error = yield* Arrow.readStream(broken).pipe(
        Stream.runForEach((batch) => Effect.sync(() => seen.push(batch.numRows))),
        Effect.flip
      )
      assert.deepStrictEqual([error, seen], ["broken", [1]])
    }))

  it.effect("releases the bytes' source when no more is wanted", () =>
    Effect.gen(function*() {
      let isOpen = true
      const bytes = Stream.concat(Stream.make(schema, batch(1)), Stream.never).pipe(
        Stream.ensuring(Effect.sync(() => {
          isOpen = false
        }))
      )
      const exit = yield* Arrow.readStream(bytes).pipe(Stream.take(1), Stream.runDrain, Effect.exit)
      assert.isTrue(Exit.isSuccess(exit))
      assert.isFalse(isOpen)
    }))

  it.effect("can be run twice, each time from the beginning", () =>
    Effect.gen(function*() {
      const read = Arrow.readStream(chunked(stream, 10))
      assert.deepStrictEqual(rows(yield* Stream.runCollect(read)), [2, 1])
      assert.deepStrictEqual(rows(yield* Stream.runCollect(read)), [2, 1])
    }))
})
