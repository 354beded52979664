/** Reading over breaks: whatever breaks wherever, the rows are those of the table, once each. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as fc from "fast-check"
import * as Redivis from "../src/client/Redivis.ts"
import * as Retry from "../src/client/Retry.ts"
import { Position } from "../src/contract/position.ts"
import * as Rows from "../src/data/Rows.ts"
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
interface Table {
  readonly streams: ReadonlyArray<number>
  readonly batchRows: number
  /** What goes wrong with each request, in their order; nothing after the last. */
  readonly trouble: ReadonlyArray<Trouble | undefined>
  /** Bytes that come at a time. */
  readonly chunk: number
}

const bytesOf = (first: number, count: number, batchRows: number): Uint8Array => {
  const batches = []
  for (let row = 0; row < count; row += batchRows) batches.push(batchOf(first + row, Math.min(batchRows, count - row)))
  return streamOf(...(batches.length === 0 ? [batchOf(first, 0)] : batches))
}

let servers = 0

const serve = (table: Table) => {
  const requests: Array<Request> = []
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
      const found = /\/readStreams\/(\d+)$/.exec(pathname)
      if (found === null) {
        return Promise.resolve(
          pathname.endsWith("/variables")
            ? json({ results: variables })
            : json({
              numRows: table.streams.reduce((sum, rows) => sum + rows, 0),
              streams: table.streams.map((_, index) => ({ id: String(index) }))
            })
        )
      }
      const stream = Number(found[1])
      const offset = Number(searchParams.get("offset"))
      assert.strictEqual(searchParams.get("eosSentinel"), "true")
      const first = table.streams.slice(0, stream).reduce((sum, rows) => sum + rows, 0)
      const trouble = table.trouble[requests.length]
      requests.push({ stream, offset })
      const bytes = bytesOf(first + offset, table.streams[stream]! - offset, table.batchRows)
      return Promise.resolve(answer(bytes, trouble, init.signal))
    }
  })
  return { layer, requests, mostOpen: () => most, open: () => open }
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

const read = (table: Table, options?: Rows.RowsOptions) => {
  const server = serve(table)
  return Effect.map(
    collect(Rows.rows(source, options)).pipe(patient, Effect.provide(server.layer), Effect.orDie),
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
      const reading = collect(Rows.rows(source)).pipe(Retry.withPolicy({ maxAttempts: 3, baseDelay: 0 }))
      const { error, rows } = yield* Effect.provide(reading, server.layer)
      assert.deepInclude(error, { _tag: "TransportError", reason: "BodyBroken" })
      assert.deepStrictEqual(rows, rowsOf(rows.length))
      assert.deepStrictEqual(error?.resume?.streams, [{ id: "0", offset: rows.length, done: false }])
      assert.strictEqual(server.requests.length, 3)
    }))

  it.live("is not tried again where the policy has one attempt", () =>
    Effect.gen(function*() {
      const server = serve({ ...table, trouble: [{ after: 100, ends: true }] })
      const { error } = yield* Effect.provide(
        collect(Rows.rows(source)).pipe(Retry.withPolicy(Retry.never)),
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
          const first = yield* collect(Rows.rows(source, { ordered, streams: 2 })).pipe(
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
          const rest = yield* Effect.provide(collect(Rows.resume(position)), mended.layer)
          assert.isUndefined(rest.error)
          const all = [...first.rows, ...rest.rows]
          assert.deepStrictEqual(ordered ? all : inOrder(all), rowsOf(100))
        }
      }))
  }
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
      const some = yield* Rows.rows(source, { ordered: false, streams: 2 }).pipe(
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
      const rows = yield* Rows.rows(source, { schema: Row }).pipe(Stream.runCollect, Effect.provide(server.layer))
      const first: typeof Row.Type = rows[0]!
      assert.deepStrictEqual(first, { id: 0, even: true, text: "row 0 " })
      assert.strictEqual(rows.length, 5)
    }))

  it.live("fail with the number and the column of the first that does not fit", () =>
    Effect.gen(function*() {
      const server = serve({ streams: [9], batchRows: 4, chunk: 100, trouble: [] })
      const seen: Array<number> = []
      const error = yield* Rows.rows(source, {
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
        const batches = yield* Rows.batches(source, { variables: ["TEXT", "id", "even", "half", "at"], maxResults })
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
