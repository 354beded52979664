import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as FastCheck from "fast-check"
import { type FileMetaData, parquetMetadata, parquetRead } from "hyparquet"
import * as Parquet from "../../src/data/Parquet.ts"
import { exact, objectsOf, tables } from "./values.ts"

const joined = (parts: ReadonlyArray<Uint8Array>): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

const write = (rows: Stream.Stream<object>, options: Parquet.Options) =>
  Effect.map(Stream.runCollect(Parquet.fromRows(rows, options)), joined)

interface Contents {
  readonly metadata: FileMetaData
  readonly rows: ReadonlyArray<ReadonlyArray<unknown>>
}

/** What another library finds in the file, times as their counts. */
const read = (bytes: Uint8Array<ArrayBuffer>): Effect.Effect<Contents> =>
  Effect.promise(async () => {
    const metadata = parquetMetadata(bytes.buffer)
    let rows: ReadonlyArray<ReadonlyArray<unknown>> = []
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
    await parquetRead({
      file: bytes.buffer,
      metadata,
      rowFormat: "array",
      onComplete: (found) => rows = found,
      parsers: {
        dateFromDays: (count) => count,
        timestampFromMicroseconds: (count) => count,
        stringFromBytes: (text) => text === undefined ? text : decoder.decode(text)
      }
    })
    return { metadata, rows: rows.map((row) => row.map((value) => value ?? null)) }
  })

const failureOf = (row: object, type: string) =>
  Effect.flip(write(Stream.make({ v: null }, row), { variables: [{ name: "v", type }] }))

describe("Parquet.fromRows", () => {
  it.effect(
    "writes files in which another reader finds the same rows, whatever their groups",
    () =>
      Effect.promise(() =>
        FastCheck.assert(
          FastCheck.asyncProperty(
            tables(),
            FastCheck.integer({ min: 1, max: 70 }),
            FastCheck.integer({ min: 1, max: 70 }),
            async (table, rowGroupSize, chunk) => {
              const rows = Stream.fromIterable(objectsOf(table), { chunkSize: chunk })
              const written = write(rows, { variables: table.variables, rowGroupSize })
              const { metadata, rows: found } = await Effect.runPromise(Effect.flatMap(written, read))
              assert.deepStrictEqual(
                found.map((row) => row.map(exact)),
                table.rows.map((row) => row.map(({ held }) => exact(held)))
              )
              assert.deepStrictEqual(
                metadata.row_groups.map((group) => Number(group.num_rows)),
                Array.from(
                  { length: Math.ceil(table.rows.length / rowGroupSize) },
                  (_, group) => Math.min(rowGroupSize, table.rows.length - group * rowGroupSize)
                )
              )
              assert.deepStrictEqual(
                metadata.schema.slice(1).map(({ name }) => name),
                table.variables.map(({ name }) => name)
              )
            }
          ),
          { numRuns: 200 }
        )
      ),
    120_000
  )

  it.effect("takes what Temporal and DateTime hold as it takes text", () =>
    Effect.gen(function*() {
      // as Temporal's own objects name themselves
      const temporal = (kind: string, text: string): object => ({
        [Symbol.toStringTag]: `Temporal.${kind}`,
        toString: () => text
      })
      const bytes = yield* write(
        Stream.make({
          date: temporal("PlainDate", "1969-12-31"),
          time: temporal("PlainTime", "00:00:01.000001"),
          at: temporal("PlainDateTime", "1970-01-01T00:00:00.5"),
          utc: DateTime.makeUnsafe(12)
        }),
        {
          variables: [
            { name: "date", type: "date" },
            { name: "time", type: "time" },
            { name: "at", type: "dateTime" },
            { name: "utc", type: "dateTime" }
          ]
        }
      )
      assert.deepStrictEqual((yield* read(bytes)).rows, [[-1, 1_000_001n, 500_000n, 12_000n]])
    }))

  it.effect("writes a file without rows for a stream without rows", () =>
    Effect.gen(function*() {
      const { metadata, rows } = yield* Effect.flatMap(
        write(Stream.empty, { variables: [{ name: "a", type: "integer" }] }),
        read
      )
      assert.deepStrictEqual(rows, [])
      assert.strictEqual(metadata.num_rows, 0n)
      assert.deepStrictEqual(metadata.schema.map(({ name }) => name), ["root", "a"])
    }))

  it.effect.each(
    [
      ["string", 1],
      ["string", "half \ud83c of a pair"],
      ["geography", true],
      ["integer", 1.5],
      ["integer", 2 ** 53],
      ["integer", 2n ** 63n],
      ["integer", "1"],
      ["float", "1"],
      ["boolean", 1],
      ["date", "2021-02-29"],
      ["date", "2020-01-02T00:00:00"],
      ["date", 1.5],
      ["date", 2 ** 31],
      ["time", "24:00:00"],
      ["time", "03:04:05.1234567"],
      ["time", 86_400_000_000n],
      ["time", 1],
      ["dateTime", "2020-01-02"],
      ["dateTime", "2020-01-02 03:04:05"],
      ["dateTime", "2020-01-02T03:04:05Z"],
      ["dateTime", "+999999-01-02T03:04:05"],
      ["dateTime", new Date(0)],
      ["dateTime", 2n ** 63n]
    ] as const
  )("refuses what is no %s: %s", ([type, value]) =>
    Effect.gen(function*() {
      const error = yield* failureOf({ v: value }, type)
      assert.strictEqual(error._tag, "CoercionError")
      if (error._tag === "CoercionError") {
        assert.deepInclude({ ...error }, { row: 1, column: "v" })
        assert.notInclude(JSON.stringify(error), `"value"`)
      }
    }))

  it.effect("refuses a row that lacks a variable, and takes no inherited property for one", () =>
    Effect.gen(function*() {
      const missing = yield* failureOf({ other: 1 }, "integer")
      assert.match(missing.message, /column v in row 1 is not there/)
      const inherited = yield* Effect.flip(
        write(Stream.make({}), { variables: [{ name: "toString", type: "string" }] })
      )
      assert.strictEqual(inherited._tag, "CoercionError")
    }))

  it.effect("refuses columns that no file can have, and groups of no size", () =>
    Effect.gen(function*() {
      const refused: ReadonlyArray<readonly [Parquet.Options, string]> = [
        [{ variables: [] }, "variables"],
        [{ variables: [{ name: "a", type: "integer" }, { name: "a", type: "float" }] }, "variables"],
        [{ variables: [{ name: "a", type: "decimal" }] }, "variables"],
        [{ variables: [{ name: "a", type: "toString" }] }, "variables"],
        [{ variables: [{ name: "a", type: "integer" }], rowGroupSize: 0 }, "rowGroupSize"],
        [{ variables: [{ name: "a", type: "integer" }], rowGroupSize: 1.5 }, "rowGroupSize"]
      ]
      for (const [options, field] of refused) {
        const error = yield* Effect.flip(write(Stream.make({ a: 1 }), options))
        assert.deepInclude({ ...error }, { _tag: "InvalidInput", field })
      }
    }))

  it.effect("holds one group at most: rows are taken only as bytes are wanted", () =>
    Effect.gen(function*() {
      let taken = 0
      const rows = Stream.fromIterable(Array.from({ length: 1000 }, (_, a) => ({ a })), { chunkSize: 10 }).pipe(
        Stream.tap(() => Effect.sync(() => taken++)),
        Stream.rechunk(1)
      )
      const seen: Array<number> = []
      yield* Parquet.fromRows(rows, { variables: [{ name: "a", type: "integer" }], rowGroupSize: 100 }).pipe(
        Stream.runForEach(() => Effect.sync(() => seen.push(taken)))
      )
      assert.isAtLeast(seen.length, 10)
      seen.forEach((rows, group) => assert.isAtMost(rows, (group + 1) * 100 + 10))
    }))

  it.effect("ends a group early where its values are large", () =>
    Effect.gen(function*() {
      const text = "x".repeat(30 * 1024 * 1024)
      const { metadata } = yield* Effect.flatMap(
        write(Stream.make({ a: text }, { a: text }, { a: text }, { a: "y" }), {
          variables: [{ name: "a", type: "string" }]
        }),
        read
      )
      assert.deepStrictEqual(metadata.row_groups.map((group) => Number(group.num_rows)), [3, 1])
    }), 60_000)

  it.effect("hands on the failure of the rows, after bytes that are no file", () =>
    Effect.gen(function*() {
      const parts: Array<Uint8Array> = []
      const error = yield* Parquet.fromRows(
        Stream.concat(Stream.make({ a: 1 }, { a: 2 }), Stream.fail("broken" as const)),
        { variables: [{ name: "a", type: "integer" }], rowGroupSize: 1 }
      ).pipe(Stream.runForEach((part) => Effect.sync(() => parts.push(part))), Effect.flip)
      assert.strictEqual(error, "broken")
      assert.isAtLeast(parts.length, 1)
      assert.throws(() => parquetMetadata(joined(parts).buffer))
    }))

  it.effect("lets go of the rows when it is interrupted", () =>
    Effect.gen(function*() {
      const begun = yield* Deferred.make<void>()
      let closed = false
      const rows = Stream.concat(Stream.make({ a: 1 }), Stream.never).pipe(
        Stream.tap(() => Deferred.succeed(begun, undefined)),
        Stream.ensuring(Effect.sync(() => closed = true))
      )
      const fiber = yield* Effect.forkChild(
        Stream.runDrain(Parquet.fromRows(rows, { variables: [{ name: "a", type: "integer" }] }))
      )
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(fiber)
      assert.isTrue(closed)
    }))
})
