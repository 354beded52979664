/** A `fetch` that answers the requests of `Table.rows` with streams that a test wrote. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as RateLimit from "../src/client/RateLimit.ts"
import * as Redivis from "../src/client/Redivis.ts"
import type { Batch } from "../src/data/Arrow.ts"
import type { RowsError, RowsOptions, Values } from "../src/data/Rows.ts"
import * as Table from "../src/resources/Table.ts"
import * as W from "./arrow/writing.ts"

/** A column as a test writes it: the variable, and how the stream holds it. */
export interface Written {
  readonly name: string
  readonly type: string
  readonly field: W.FieldSpec
  readonly column: W.ColumnSpec
  readonly length: number
}

type Of<A> = (name: string, values: ReadonlyArray<A | null>) => Written

const written = <A>(
  type: string,
  field: (name: string) => W.FieldSpec,
  column: (values: ReadonlyArray<A | null>) => W.ColumnSpec
): Of<A> =>
(name, values) => ({ name, type, field: field(name), column: column(values), length: values.length })

const microsecond = 2

/** Columns of the eight types, as the service stores them. */
export const columns = {
  integer: written<bigint>("integer", (name) => W.fields.int(name, 64), W.columns.bigints),
  float: written<number>(
    "float",
    (name) => W.fields.float(name, 2),
    (values) => W.columns.numbers(values, Float64Array)
  ),
  boolean: written<boolean>("boolean", W.fields.bool, W.columns.bool),
  string: written<string>("string", W.fields.utf8, W.columns.texts),
  geography: written<string>("geography", W.fields.utf8, W.columns.texts),
  /** In days. */
  date: written<number>("date", (name) => W.fields.date(name, 0), W.columns.numbers),
  /** In microseconds. */
  time: written<bigint>("time", (name) => W.fields.time(name, microsecond, 64), W.columns.bigints),
  /** In microseconds. */
  dateTime: written<bigint>("dateTime", (name) => W.fields.timestamp(name, microsecond), W.columns.bigints)
}

/** A stream of batches of the same columns, with its sentinel. */
export const streamOf = (...batches: ReadonlyArray<ReadonlyArray<Written>>): Uint8Array => {
  const [first = []] = batches
  return W.concat(
    W.schema(first.map(({ field }) => field)),
    ...batches.map((batch) => W.recordBatch(batch[0]?.length ?? 0, batch.map(({ column }) => column))),
    W.recordBatch(0, first.map(({ column }) => ({ nulls: 0, buffers: column.buffers.map(() => new Uint8Array(0)) }))),
    W.end
  )
}

/** A stream's bytes, whatever it is asked for, or its pieces from an offset on. */
export type Bytes = Uint8Array | ((offset: number) => Iterable<Uint8Array>)

export interface Served {
  readonly variables: ReadonlyArray<{ readonly name: string; readonly type: string }>
  readonly streams: ReadonlyArray<Bytes>
  readonly numRows: number
}

/** A table of these batches, in one stream. */
export const tableOf = (...batches: ReadonlyArray<ReadonlyArray<Written>>): Served => ({
  variables: (batches[0] ?? []).map(({ name, type }) => ({ name, type })),
  streams: [streamOf(...batches)],
  numRows: batches.reduce((sum, batch) => sum + (batch[0]?.length ?? 0), 0)
})

const json = (value: unknown): Response =>
  new Response(JSON.stringify(value), { headers: { "content-type": "application/json" } })

/** Small, so that messages begin and end anywhere in them. */
const chunkBytes = 1000

const piecesOf = function*(bytes: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.slice(at, at + chunkBytes)
}

/** Of one server: those of a process keep the accounts of hundreds, among which each request would search. */
const ownBudgets = (): RateLimit.Budgets => {
  let budget: RateLimit.Budget | undefined
  return { budgetFor: (_endpoint, _account, options) => budget ??= RateLimit.makeBudget(options) }
}

/** Each read has a server, and so a budget of its own. */
let servers = 0

const serve = (served: Served) => {
  /** Bodies of requests. */
  const sent: Array<unknown> = []
  /** Streams and offsets that were asked for. */
  const asked: Array<readonly [stream: number, offset: number]> = []
  let open = 0
  const answer = (pieces: Iterator<Uint8Array>, signal: AbortSignal | null | undefined): Response => {
    let isOpen = true
    const close = () => {
      if (isOpen) open--
      isOpen = false
    }
    open++
    signal?.addEventListener("abort", close)
    return new Response(
      new ReadableStream({
        pull: (controller) => {
          const piece = pieces.next()
          if (piece.done !== true) return controller.enqueue(piece.value)
          close()
          controller.close()
        },
        cancel: close
      })
    )
  }
  const layer = Redivis.layerFetch({
    endpoint: `https://rows${++servers}.example/api/v1`,
    fetch: (url, init) => {
      if (typeof init.body === "string") sent.push(JSON.parse(init.body))
      const { pathname, searchParams } = new URL(url)
      const stream = /\/readStreams\/(\d+)$/.exec(pathname)
      if (stream !== null) {
        const offset = Number(searchParams.get("offset"))
        asked.push([Number(stream[1]), offset])
        const bytes = served.streams[Number(stream[1])]!
        const pieces = typeof bytes === "function" ? bytes(offset) : piecesOf(bytes)
        return Promise.resolve(answer(pieces[Symbol.iterator](), init.signal))
      }
      return Promise.resolve(
        pathname.endsWith("/variables")
          ? json({ results: served.variables })
          : json({ numRows: served.numRows, streams: served.streams.map((_, index) => ({ id: String(index) })) })
      )
    }
  }).pipe(Layer.provide(Layer.succeed(RateLimit.CurrentBudgets, ownBudgets())))
  return { layer, sent, asked, open: () => open }
}

/** What came, and why there was no more. */
export interface Outcome<A = Readonly<Record<string, unknown>>> {
  readonly rows: ReadonlyArray<A>
  readonly error: RowsError | undefined
  readonly sent: ReadonlyArray<unknown>
  readonly asked: ReadonlyArray<readonly [stream: number, offset: number]>
  /** Answers that nobody has closed. */
  readonly open: number
}

const collect = <A>(
  served: Served,
  stream: Stream.Stream<A, RowsError, Redivis.Redivis>
): Effect.Effect<Outcome<A>> => {
  const { asked, layer, open, sent } = serve(served)
  const rows: Array<A> = []
  return stream.pipe(
    Stream.runForEach((row) => Effect.sync(() => rows.push(row))),
    Effect.match({ onFailure: (error) => error, onSuccess: () => undefined }),
    Effect.map((error) => ({ rows, error, sent, asked, open: open() })),
    Effect.provide(layer),
    Effect.orDie
  )
}

const reference = "owner.dataset.table"

export const read = <const V extends Values = {}>(served: Served, options?: RowsOptions<V>): Effect.Effect<Outcome> =>
  collect(served, Table.rows(reference, options))

/** The same as batches, one row of `rows` each. */
export const readBatches = (served: Served, options?: Table.BatchesOptions): Effect.Effect<Outcome<Batch>> =>
  collect(served, Table.batches(reference, options))
