/** Reading over breaks: whatever breaks wherever, the rows are those of the table, once each. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as fc from "fast-check"
import * as Retry from "../src/client/Retry.ts"
import { Position } from "../src/contract/position.ts"
import * as ReadSession from "../src/resources/ReadSession.ts"
import * as Table from "../src/resources/Table.ts"
import {
  boundariesOf,
  bytesOf,
  collect,
  inOrder,
  names,
  patient,
  read,
  readBatches,
  rowsOf,
  serve,
  source,
  type Trouble
} from "./brokenStreams.ts"

describe("a stream that breaks off", () => {
  const table = { streams: [9], batchRows: 4, chunk: 300 }
  const whole = bytesOf(0, 9, 4)

  for (const ends of [false, true]) {
    it.live(`${ends ? "as if it had ended" : "with its connection"} goes on at the first row that did not come, at every byte`, () =>
      Effect.gen(function*() {
        const offsets = new Set<number>()
        for (let after = 0; after < whole.length; after++) {
          const { error, rows, server } = yield* read({ ...table, trouble: [{ after, ends }] })
          assert.isUndefined(error, `after ${after} of ${whole.length} bytes`)
          assert.deepStrictEqual(rows, rowsOf(9), `after ${after} of ${whole.length} bytes`)
          assert.deepStrictEqual(server.requests[0], { stream: 0, offset: 0 })
          if (server.requests.length > 1) offsets.add(server.requests[1]!.offset)
          // all that comes behind the sentinel is the end-of-stream marker
          assert.isBelow(server.requests.length, 3)
        }
        assert.deepStrictEqual([...offsets].toSorted((one, other) => one - other), [0, 4, 8, 9])
      }))
  }

  for (const ordered of [true, false]) {
    it.live(
      `is whole again at every boundary of a message, of every stream, ${ordered ? "in order" : "as they come"}`,
      () =>
        Effect.gen(function*() {
          const streams = [5, 0, 7]
          const boundaries = boundariesOf(bytesOf(0, 7, 3)).length
          // its schema, three batches, the sentinel with an empty body, and the end
          assert.strictEqual(boundaries, 3 + 3 * 3 + 2 + 1)
          for (let request = 0; request < streams.length; request++) {
            for (let after = 0; after < boundaries; after++) {
              for (const ends of [true, false]) {
                const trouble = Array.from(
                  { length: streams.length },
                  (_, index) => index === request ? { after, atBoundary: true, ends } : undefined
                )
                const table = { streams, batchRows: 3, chunk: 700, trouble }
                const options = { ordered, streams: 3 }
                const what = `request ${request} ${ends ? "ends" : "breaks"} at boundary ${after}`
                for (
                  const { error, rows, server } of [yield* read(table, options), yield* readBatches(table, options)]
                ) {
                  assert.isUndefined(error, what)
                  assert.deepStrictEqual(ordered ? rows : inOrder(rows), rowsOf(12), what)
                  assert.strictEqual(server.open(), 0)
                }
              }
            }
          }
        }),
      300_000
    )
  }

  /** At a boundary of a message, or at any byte. */
  const trouble: fc.Arbitrary<Trouble> = fc.oneof(
    fc.record({ after: fc.nat({ max: 40 }), atBoundary: fc.constant(true), ends: fc.boolean() }),
    fc.record({ after: fc.nat({ max: 12_000 }), ends: fc.boolean() })
  )

  it.live(
    "again and again gives the same rows as a whole one, over any streams, in order or as they come, as rows or batches",
    () =>
      Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(
            fc.record({
              streams: fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 5 }),
              batchRows: fc.integer({ min: 1, max: 12 }),
              chunk: fc.integer({ min: 1, max: 2000 }),
              trouble: fc.array(fc.option(trouble, { nil: undefined }), { maxLength: 30 })
            }),
            fc.boolean(),
            fc.integer({ min: 1, max: 30 }),
            fc.option(fc.nat({ max: 150 }), { nil: undefined }),
            fc.constantFrom("rows", "batches"),
            async (table, ordered, batchSize, maxResults, shape) => {
              const options = { ordered, streams: 3, maxResults }
              const { error, rows, server } = await Effect.runPromise(
                shape === "rows" ? read(table, { ...options, batchSize }) : readBatches(table, options)
              )
              const count = table.streams.reduce((sum, rows) => sum + rows, 0)
              assert.isUndefined(error)
              if (ordered) assert.deepStrictEqual(rows, rowsOf(Math.min(count, maxResults ?? count)))
              else {
                // which of the rows come first is open, but none comes twice
                assert.strictEqual(rows.length, Math.min(count, maxResults ?? count))
                const ids = new Set(rows.map(({ id }) => id))
                assert.deepStrictEqual(inOrder(rows), rowsOf(count).filter(({ id }) => ids.has(id)))
              }
              assert.strictEqual(server.open(), 0)
            }
          ),
          { numRuns: 200, seed: 20_261_124 }
        )
      ),
    120_000
  )

  it.live("more often than the policy allows without a row between is an error that says where to go on", () =>
    Effect.gen(function*() {
      // every answer has one batch more, but for the last three
      const trouble = [{ after: 1400, ends: false }, ...Array.from({ length: 3 }, () => ({ after: 10, ends: false }))]
      const server = serve({ ...table, trouble })
      const reading = collect(Table.rows(source.table)).pipe(Retry.withPolicy({ maxAttempts: 3, baseDelay: 0 }))
      const { error, rows } = yield* Effect.provide(reading, server.layer)
      assert.deepInclude(error, { _tag: "TransportError", reason: "BodyBroken" })
      assert.deepStrictEqual(rows, rowsOf(rows.length))
      assert.deepStrictEqual(error?.resume?.streams, [
        { id: "1-0", estimatedRows: 9, offset: rows.length, done: false }
      ])
      assert.strictEqual(server.requests.length, 3)
    }))

  it.live("is not tried again where the policy has one attempt", () =>
    Effect.gen(function*() {
      const server = serve({ ...table, trouble: [{ after: 100, ends: true }] })
      const { error } = yield* Effect.provide(
        collect(Table.rows(source.table)).pipe(Retry.withPolicy(Retry.never)),
        server.layer
      )
      assert.deepInclude(error, { _tag: "IntegrityError", reason: "MissingEnd" })
      assert.strictEqual(server.requests.length, 1)
    }))
})

describe("a position", () => {
  for (const ordered of [true, false]) {
    it.live(`that travelled as JSON goes on to the rest of the rows, once each, ${ordered ? "in order" : "as they come"}`, () =>
      Effect.gen(function*() {
        const table = { streams: [30, 0, 50, 20], batchRows: 7, chunk: 500 }
        for (let after = 0; after < 7000; after += 61) {
          const broken = serve({
            ...table,
            trouble: [undefined, { after, ends: false }, undefined, { after, ends: true }]
          })
          const first = yield* collect(Table.rows(source.table, { ordered, streams: 2 })).pipe(
            Retry.withPolicy(Retry.never),
            Effect.provide(broken.layer)
          )
          if (first.error === undefined) {
            assert.deepStrictEqual(inOrder(first.rows), rowsOf(100))
            continue
          }
          assert.strictEqual(broken.open(), 0)
          const text = JSON.stringify(Schema.encodeSync(Position)(first.error.resume as Position))
          const position = Schema.decodeUnknownSync(Position)(JSON.parse(text))
          const mended = serve({ ...table, trouble: [] })
          const rest = yield* Effect.provide(collect(ReadSession.resume(position)), mended.layer)
          assert.isUndefined(rest.error)
          const all = [...first.rows, ...rest.rows]
          assert.deepStrictEqual(ordered ? all : inOrder(all), rowsOf(100))
        }
      }))
  }
})

describe("an answer to an offset that begins anew", () => {
  // what such a server sends is the stream from its first row, whatever was asked for
  const table = { streams: [9], batchRows: 2, chunk: 300, ignoresOffset: true }

  // under a limit that cuts, a server may send more than it was asked for
  for (const maxResults of [undefined, 10, 20]) {
    for (const ordered of [true, false]) {
      it.live(`is no success, of ${maxResults ?? "all"} rows, ${ordered ? "in order" : "as they come"}`, () =>
        Effect.gen(function*() {
          const { error } = yield* read({ ...table, trouble: [{ after: 1700, ends: false }] }, { ordered, maxResults })
          assert.deepInclude(error, { _tag: "IntegrityError", reason: "RowCount" })
          assert.notInclude(error?.message, "right")
        }))
    }
  }
})

describe("a limit above the rows that there are", () => {
  it.live("holds them to their number", () =>
    Effect.gen(function*() {
      for (const maxResults of [10, 11, 2000]) {
        const { error, rows } = yield* read({ streams: [9], batchRows: 4, chunk: 300, trouble: [], announced: 8 }, {
          maxResults
        })
        assert.deepInclude(error, { _tag: "IntegrityError", reason: "RowCount" })
        assert.deepStrictEqual(rows, rowsOf(8))
      }
    }))
})

describe("a session that has expired", () => {
  const table = { streams: [30, 0, 50, 20], batchRows: 7, chunk: 500, trouble: [] }

  it.live("is a typed failure that says where the reading stands, from where a new session goes on", () =>
    Effect.gen(function*() {
      for (const ordered of [true, false]) {
        const server = serve({ ...table, expiries: [1] })
        const options = { ordered, streams: 2, maxResults: 90 }
        const first = yield* Effect.provide(collect(Table.rows(source.table, options)), server.layer)
        assert.deepInclude(first.error, { _tag: "BadRequest" })
        assert.strictEqual(server.sessions.length, 1)
        const rest = yield* ReadSession.renew(first.error!.resume as Position).pipe(
          Effect.flatMap((position) => collect(ReadSession.resume(position))),
          Effect.provide(server.layer)
        )
        assert.isUndefined(rest.error)
        const all = [...first.rows, ...rest.rows]
        if (ordered) assert.deepStrictEqual(all, rowsOf(90))
        // which of the rows come first is open
        assert.deepStrictEqual(inOrder(all), rowsOf(100).filter(({ id }) => all.some((row) => row["id"] === id)))
        assert.strictEqual(all.length, 90)
        assert.deepStrictEqual(server.sessions, [
          { format: "arrow", maxResults: 90, requestedStreamCount: 2 },
          { format: "arrow", selectedVariables: names, maxResults: 90, requestedStreamCount: 4 }
        ])
      }
    }).pipe(Effect.orDie))

  it.live("is renewed on the way where that is allowed, whenever it expires, with the same rows once each", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 4 }),
          fc.array(fc.option(fc.record({ after: fc.nat({ max: 4000 }), ends: fc.boolean() }), { nil: undefined }), {
            maxLength: 8
          }),
          fc.boolean(),
          async (expiries, trouble, ordered) => {
            // two expiries without a row between them are one too many
            const apart = expiries.filter((request) =>
              !expiries.includes(request - 1) && !expiries.includes(request - 2)
            )
            const { error, rows, server } = await Effect.runPromise(
              read({ ...table, trouble, expiries: ordered ? apart : apart.slice(0, 1) }, {
                ordered,
                streams: 2,
                onExpiry: ReadSession.renew
              })
            )
            assert.isUndefined(error)
            assert.deepStrictEqual(ordered ? rows : inOrder(rows), rowsOf(100))
            assert.strictEqual(server.open(), 0)
          }
        ),
        { numRuns: 100, seed: 20_261_124 }
      )
    ))

  it.live("is not renewed again and again without a row between", () =>
    Effect.gen(function*() {
      const { error, rows, server } = yield* read({ ...table, expiries: [0, 1, 2, 3] }, { onExpiry: ReadSession.renew })
      assert.deepInclude(error, { _tag: "BadRequest" })
      assert.deepStrictEqual(rows, [])
      assert.strictEqual(server.sessions.length, 2)
    }))

  for (
    const [what, later] of [
      ["fewer rows", [30, 0, 50, 19]],
      ["fewer streams", [30, 70]],
      ["other streams", [31, 0, 49, 20]]
    ] as const
  ) {
    it.live(`is no reason to take the rows of a session that has ${what}`, () =>
      Effect.gen(function*() {
        const { error, rows } = yield* read({ ...table, later, expiries: [1] }, { onExpiry: ReadSession.renew })
        assert.deepInclude(error, { _tag: "IntegrityError", reason: "RowCount" })
        assert.deepStrictEqual(rows, rowsOf(30))
        assert.strictEqual(error?.resume?.arrived, 30)
      }))
  }

  it.live("is not renewed by a position of other streams", () =>
    Effect.gen(function*() {
      const { error, rows } = yield* read({ ...table, expiries: [1] }, {
        onExpiry: (position) => Effect.succeed({ ...position, streams: position.streams.slice(1) })
      })
      assert.deepInclude(error, { _tag: "InvalidInput", field: "onExpiry" })
      assert.deepStrictEqual(rows, rowsOf(30))
    }))

  it.live("lives anew from when it is renewed", () =>
    Effect.gen(function*() {
      const createdAt = 4_000_000_000_000
      const { error } = yield* read({ ...table, expiries: [1, 2] }, {
        onExpiry: (position) => Effect.map(ReadSession.renew(position), (renewed) => ({ ...renewed, createdAt }))
      })
      assert.deepInclude(error, { _tag: "BadRequest" })
      assert.strictEqual(error?.resume?.createdAt, createdAt)
    }))

  it.live("cannot be renewed for one stream alone", () =>
    Effect.gen(function*() {
      const server = serve({ ...table, expiries: [0] })
      const failure = yield* ReadSession.create(source).pipe(
        Effect.flatMap(({ streams: [stream] }) => Stream.runDrain(ReadSession.readStream(stream!))),
        Effect.flip,
        Effect.flatMap((error) => Effect.flip(ReadSession.renew(error.resume as Position))),
        Effect.provide(server.layer)
      )
      assert.deepInclude(failure, { _tag: "InvalidInput", field: "position" })
      assert.strictEqual(server.sessions.length, 1)
    }).pipe(Effect.orDie))
})

describe("a stream of a session", () => {
  const table = { streams: [30, 0, 50, 20], batchRows: 7, chunk: 500, trouble: [] }
  const travelled = (stream: ReadSession.StreamDescriptor) =>
    Schema.decodeUnknownSync(ReadSession.StreamDescriptor)(
      JSON.parse(JSON.stringify(Schema.encodeSync(ReadSession.StreamDescriptor)(stream)))
    )

  it.live("is read by whom its descriptor reaches, over breaks, and all have the rows of the table, once each", () =>
    Effect.gen(function*() {
      for (let after = 0; after < 4000; after += 97) {
        const server = serve({ ...table, trouble: [{ after, ends: false }, { after, ends: true }] })
        const rows = yield* ReadSession.create(source, { streams: 4 }).pipe(
          Effect.flatMap(({ streams }) =>
            Effect.forEach(streams, (stream) => collect(ReadSession.readStream(travelled(stream))), { concurrency: 4 })
          ),
          patient,
          Effect.provide(server.layer)
        )
        assert.deepStrictEqual(rows.map(({ error }) => error), [undefined, undefined, undefined, undefined])
        assert.deepStrictEqual(rows.flatMap(({ rows }) => rows), rowsOf(100))
      }
    }).pipe(Effect.orDie))

  it.live("has the variables and the limit of its session", () =>
    Effect.gen(function*() {
      const server = serve(table)
      const { streams } = yield* Effect.provide(
        ReadSession.create(source, {
          variables: ["HALF", "text", "at", "id", "Even", "place", "hour", "day"],
          maxResults: 3
        }),
        server.layer
      )
      const rows = yield* ReadSession.readStream(travelled(streams[2]!), { values: { integer: "bigint" } }).pipe(
        Stream.runCollect,
        Effect.provide(server.layer)
      )
      assert.deepStrictEqual(rows, rowsOf(33).slice(30).map((row) => ({ ...row, id: BigInt(row.id) })))
      assert.isTrue(rows.every((row) => Object.keys(row).join() === "half,text,at,id,even,place,hour,day"))
    }).pipe(Effect.orDie))

  it.live("is not asked for with a variable that is named twice, or with none", () =>
    Effect.gen(function*() {
      for (const variables of [["id", "ID"], []]) {
        const server = serve(table)
        const error = yield* ReadSession.create(source, { variables }).pipe(Effect.flip, Effect.provide(server.layer))
        assert.deepInclude(error, { _tag: "InvalidInput", field: "variables" })
        assert.deepStrictEqual(server.sessions, [])
      }
    }).pipe(Effect.orDie))

  it.live("fails with where it stands, from where it can be read on", () =>
    Effect.gen(function*() {
      const server = serve({ ...table, trouble: [{ after: 2000, ends: true }] })
      const [, , third] = (yield* Effect.provide(ReadSession.create(source), server.layer)).streams
      const first = yield* collect(ReadSession.readStream(third!)).pipe(
        Retry.withPolicy(Retry.never),
        Effect.provide(server.layer)
      )
      assert.deepInclude(first.error, { _tag: "IntegrityError", reason: "MissingEnd" })
      const rest = yield* Effect.provide(collect(ReadSession.resume(first.error!.resume as Position)), server.layer)
      assert.isUndefined(rest.error)
      assert.isAbove(first.rows.length, 0)
      assert.deepStrictEqual([...first.rows, ...rest.rows], rowsOf(80).slice(30))
    }).pipe(Effect.orDie))
})

describe("several streams", () => {
  it.live(
    "are read at the same time where the order does not matter, as many as are asked for",
    () =>
      Effect.gen(function*() {
        const streams = Array.from({ length: 8 }, () => 40_000)
        for (const [count, most] of [[1, 1], [2, 2], [4, 4], [8, 4]] as const) {
          const { error, rows, server } = yield* read({ streams, batchRows: 10_000, chunk: 100_000, trouble: [] }, {
            ordered: false,
            streams: count,
            variables: ["id"]
          })
          assert.isUndefined(error)
          assert.strictEqual(rows.length, 320_000)
          assert.strictEqual(server.mostOpen(), most)
        }
      }),
    300_000
  )

  it.live("are one for so few rows that a second is not worth its request", () =>
    Effect.gen(function*() {
      const { rows, server } = yield* read({ streams: [9, 9], batchRows: 4, chunk: 100, trouble: [] }, {
        ordered: false
      })
      assert.deepStrictEqual(rows, rowsOf(18))
      assert.strictEqual(server.mostOpen(), 1)
    }))

  it.live("end their requests when nobody reads on", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [60_000, 60_000], batchRows: 1000, chunk: 1000, trouble: [] })
      const some = yield* Table.rows(source.table, { ordered: false, streams: 2, variables: ["id"] }).pipe(
        Stream.take(1000),
        Stream.runCollect,
        Effect.provide(server.layer)
      )
      assert.strictEqual(some.length, 1000)
      assert.strictEqual(server.open(), 0)
    }))
})

describe("rows of a schema", () => {
  const Row = Schema.Struct({ id: Schema.Number, even: Schema.Boolean, text: Schema.NullOr(Schema.String) })

  it.live("are decoded by it", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [5], batchRows: 2, chunk: 100, trouble: [] })
      const rows = yield* Table.rows(source.table, { schema: Row }).pipe(
        Stream.runCollect,
        Effect.provide(server.layer)
      )
      const first: typeof Row.Type = rows[0]!
      assert.deepStrictEqual(first, { id: 0, even: true, text: "row 0 " })
      assert.strictEqual(rows.length, 5)
    }))

  it.live("fail with the number and the column of the first that does not fit", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [9], batchRows: 4, chunk: 100, trouble: [] })
      const seen: Array<number> = []
      const error = yield* Table.rows(source.table, {
        schema: Schema.Struct({ id: Schema.Number, text: Schema.String }),
        batchSize: 1
      })
        .pipe(
          Stream.runForEach(({ id }) => Effect.sync(() => void seen.push(id))),
          Effect.flip,
          Effect.provide(server.layer)
        )
      assert.deepInclude(error, { _tag: "CoercionError", row: 2, column: "text" })
      assert.deepStrictEqual(seen, [0, 1])
    }))
})

describe("batches", () => {
  it.live("hold the same values, in memory of their own, cut where no more are wanted", () =>
    Effect.gen(function*() {
      for (const maxResults of [undefined, 0, 1, 6, 7, 20]) {
        const server = serve({ streams: [7, 6], batchRows: 5, chunk: 200, trouble: [] })
        const batches = yield* Table.batches(source.table, {
          variables: ["TEXT", "id", "even", "half", "at"],
          maxResults
        })
          .pipe(
            Stream.runCollect,
            Effect.provide(server.layer)
          )
        const rows = batches.flatMap(({ columns, numRows, schema }) => {
          assert.deepStrictEqual(schema.fields.map(({ name }) => name), ["text", "id", "even", "half", "at"])
          assert.isTrue(columns.every(({ length }) => length === numRows))
          return Array.from({ length: numRows }, (_, row) => columns.map((column) => column.at(row)))
        })
        assert.deepStrictEqual(
          rows,
          rowsOf(Math.min(maxResults ?? 13, 13)).map(({ at, even, half, id, text }) => [
            text,
            BigInt(id),
            even,
            half,
            at === null ? null : BigInt(id) * 1_000_001n
          ])
        )
      }
    }))
})
