/** Reading over breaks: whatever breaks wherever, the rows are those of the table, once each. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as fc from "fast-check"
import * as Redivis from "../src/client/Redivis.ts"
import * as Retry from "../src/client/Retry.ts"
import { Position } from "../src/contract/position.ts"
import type * as Rows from "../src/data/Rows.ts"
import * as ReadSession from "../src/resources/ReadSession.ts"
import * as Table from "../src/resources/Table.ts"
import { columns, streamOf } from "./rowsServer.ts"

/** Rows whose values tell which they are. */
const batchOf = (first: number, count: number) => {
  const numbers = Array.from({ length: count }, (_, index) => first + index)
  return [
    columns.integer("id", numbers.map((number) => BigInt(number))),
    columns.string(
      "text",
      numbers.map((number) => number % 5 === 2 ? null : `row ${number} ${"é".repeat(number % 9)}`)
    ),
    columns.dateTime("at", numbers.map((number) => number % 7 === 3 ? null : BigInt(number) * 1_000_001n)),
    columns.boolean("even", numbers.map((number) => number % 2 === 0)),
    columns.float("half", numbers.map((number) => number / 2))
  ]
}

const variables = batchOf(0, 1).map(({ name, type }) => ({ name, type }))
const names = variables.map(({ name }) => name)

const dateTimeOf = (micros: number): string => {
  const whole = new Date(Math.trunc(micros / 1000)).toISOString().slice(0, 19)
  return micros % 1_000_000 === 0 ? whole : `${whole}.${String(micros % 1_000_000).padStart(6, "0")}`
}

const rowOf = (number: number) => ({
  id: number,
  text: number % 5 === 2 ? null : `row ${number} ${"é".repeat(number % 9)}`,
  at: number % 7 === 3 ? null : dateTimeOf(number * 1_000_001),
  even: number % 2 === 0,
  half: number / 2
})

const rowsOf = (count: number) => Array.from({ length: count }, (_, number) => rowOf(number))

interface Trouble {
  /** Bytes after which the answer breaks off; it ends well where it has fewer. */
  readonly after: number
  /** Whether it ends as if that were all, in place of a broken connection. */
  readonly ends: boolean
}

interface Request {
  readonly stream: number
  readonly offset: number
}

/** A table whose streams have so many rows, in batches of so many. */
interface Served {
  readonly streams: ReadonlyArray<number>
  readonly batchRows: number
  /** What goes wrong with each request, in their order; nothing after the last. */
  readonly trouble: ReadonlyArray<Trouble | undefined>
  /** Requests of streams, counted from 0, before which all sessions that there are expire. */
  readonly expiries?: ReadonlyArray<number>
  /** What a session made after the first one has in place of these streams. */
  readonly later?: ReadonlyArray<number>
  /** Bytes that come at a time. */
  readonly chunk: number
}

const bytesOf = (first: number, count: number, batchRows: number): Uint8Array => {
  const batches = []
  for (let row = 0; row < count; row += batchRows) batches.push(batchOf(first + row, Math.min(batchRows, count - row)))
  return streamOf(...(batches.length === 0 ? [batchOf(first, 0)] : batches))
}

let servers = 0

const serve = (table: Served) => {
  const requests: Array<Request> = []
  const sessions: Array<unknown> = []
  let expired = 0
  let open = 0
  let most = 0
  const answer = (
    bytes: Uint8Array,
    trouble: Trouble | undefined,
    signal: AbortSignal | null | undefined
  ): Response => {
    const end = trouble === undefined ? bytes.length : Math.min(trouble.after, bytes.length)
    let at = 0
    open++
    most = Math.max(most, open)
    let isOpen = true
    const close = () => {
      if (isOpen) open--
      isOpen = false
    }
    signal?.addEventListener("abort", close)
    return new Response(
      new ReadableStream({
        pull: (controller) => {
          if (at < end) return controller.enqueue(bytes.slice(at, at = Math.min(end, at + table.chunk)))
          close()
          if (end === bytes.length || trouble?.ends === true) controller.close()
          else controller.error(new Error("the connection broke"))
        },
        cancel: close
      })
    )
  }
  const json = (value: unknown): Response =>
    new Response(JSON.stringify(value), { headers: { "content-type": "application/json" } })
  const layer = Redivis.layerFetch({
    endpoint: `https://resumption${++servers}.example/api/v1`,
    fetch: (url, init) => {
      const { pathname, searchParams } = new URL(url)
      const found = /\/readStreams\/(\d+)-(\d+)$/.exec(pathname)
      if (found === null) {
        if (pathname.endsWith("/variables")) return Promise.resolve(json({ results: variables }))
        if (typeof init.body === "string") sessions.push(JSON.parse(init.body))
        const streams = sessions.length === 1 ? table.streams : table.later ?? table.streams
        return Promise.resolve(json({
          numRows: streams.reduce((sum, rows) => sum + rows, 0),
          streams: streams.map((rows, index) => ({ id: `${sessions.length}-${index}`, estimatedRows: rows }))
        }))
      }
      if (table.expiries?.includes(requests.length) === true) expired = sessions.length
      const stream = Number(found[2])
      const offset = Number(searchParams.get("offset"))
      assert.strictEqual(searchParams.get("eosSentinel"), "true")
      const first = table.streams.slice(0, stream).reduce((sum, rows) => sum + rows, 0)
      const trouble = table.trouble[requests.length]
      requests.push({ stream, offset })
      if (Number(found[1]) <= expired) {
        return Promise.resolve(
          new Response(JSON.stringify({ error: "bad_request", error_description: "expired" }), { status: 400 })
        )
      }
      const bytes = bytesOf(first + offset, table.streams[stream]! - offset, table.batchRows)
      return Promise.resolve(answer(bytes, trouble, init.signal))
    }
  })
  return { layer, requests, sessions, mostOpen: () => most, open: () => open }
}

const patient = Retry.withPolicy({ maxAttempts: 1000, baseDelay: 0 })

interface Outcome {
  readonly rows: ReadonlyArray<Readonly<Record<string, unknown>>>
  readonly error: Rows.RowsError | undefined
}

const collect = (
  stream: Stream.Stream<Readonly<Record<string, unknown>>, Rows.RowsError, Redivis.Redivis>
): Effect.Effect<Outcome, never, Redivis.Redivis> => {
  const rows: Array<Readonly<Record<string, unknown>>> = []
  return stream.pipe(
    Stream.runForEach((row) => Effect.sync(() => void rows.push(row))),
    Effect.match({ onFailure: (error) => ({ rows, error }), onSuccess: () => ({ rows, error: undefined }) })
  )
}

const source = { table: "owner.dataset.table" }

const read = (table: Served, options?: Rows.RowsOptions) => {
  const server = serve(table)
  return Effect.map(
    collect(Table.rows(source.table, options)).pipe(patient, Effect.provide(server.layer), Effect.orDie),
    (outcome) => ({ ...outcome, server })
  )
}

const inOrder = (rows: Outcome["rows"]) => rows.toSorted((one, other) => Number(one["id"]) - Number(other["id"]))

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

  it.live(
    "again and again gives the same rows as a whole one, over any streams, in order or as they come",
    () =>
      Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(
            fc.record({
              streams: fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 5 }),
              batchRows: fc.integer({ min: 1, max: 12 }),
              chunk: fc.integer({ min: 1, max: 2000 }),
              trouble: fc.array(
                fc.option(fc.record({ after: fc.nat({ max: 4000 }), ends: fc.boolean() }), { nil: undefined }),
                { maxLength: 12 }
              )
            }),
            fc.boolean(),
            fc.integer({ min: 1, max: 30 }),
            async (table, ordered, batchSize) => {
              const { error, rows, server } = await Effect.runPromise(read(table, { ordered, streams: 3, batchSize }))
              const count = table.streams.reduce((sum, rows) => sum + rows, 0)
              assert.isUndefined(error)
              assert.deepStrictEqual(ordered ? rows : inOrder(rows), rowsOf(count))
              assert.strictEqual(server.open(), 0)
            }
          ),
          { numRuns: 200, seed: 20_261_124 }
        )
      ),
    60_000
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
        ReadSession.create(source, { variables: ["HALF", "text", "at", "id", "Even"], maxResults: 3 }),
        server.layer
      )
      const rows = yield* ReadSession.readStream(travelled(streams[2]!), { values: { integer: "bigint" } }).pipe(
        Stream.runCollect,
        Effect.provide(server.layer)
      )
      assert.deepStrictEqual(rows, rowsOf(33).slice(30).map((row) => ({ ...row, id: BigInt(row.id) })))
      assert.isTrue(rows.every((row) => Object.keys(row).join() === "half,text,at,id,even"))
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
        for (const [count, most] of [[1, 1], [2, 2], [4, 4], [8, 6]] as const) {
          const { error, rows, server } = yield* read({ streams, batchRows: 10_000, chunk: 100_000, trouble: [] }, {
            ordered: false,
            streams: count
          })
          assert.isUndefined(error)
          assert.strictEqual(rows.length, 320_000)
          assert.strictEqual(server.mostOpen(), most)
        }
      }),
    60_000
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
      const some = yield* Table.rows(source.table, { ordered: false, streams: 2 }).pipe(
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
