/** A `fetch` that answers the requests of `Table.rows` with streams that a test wrote. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Redivis from "../src/client/Redivis.ts"
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

export interface Served {
  readonly variables: ReadonlyArray<{ readonly name: string; readonly type: string }>
  readonly streams: ReadonlyArray<Uint8Array>
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

const chunked = (bytes: Uint8Array): Response => {
  let at = 0
  return new Response(
    new ReadableStream({
      pull: (controller) => {
        if (at >= bytes.length) return controller.close()
        controller.enqueue(bytes.slice(at, at += chunkBytes))
      }
    })
  )
}

/** Each read has a server, and so a budget of its own. */
let servers = 0

/** The rows that came, and why there were no more. */
export interface Outcome {
  readonly rows: ReadonlyArray<Readonly<Record<string, unknown>>>
  readonly error: RowsError | undefined
  /** Bodies of requests. */
  readonly sent: ReadonlyArray<unknown>
}

export const read = <const V extends Values = {}>(
  served: Served,
  options?: RowsOptions<V>
): Effect.Effect<Outcome> => {
  const rows: Array<Readonly<Record<string, unknown>>> = []
  const sent: Array<unknown> = []
  const layer = Redivis.layerFetch({
    endpoint: `https://rows${++servers}.example/api/v1`,
    fetch: (url, init) => {
      if (typeof init.body === "string") sent.push(JSON.parse(init.body))
      const { pathname } = new URL(url)
      const stream = /\/readStreams\/(\d+)$/.exec(pathname)
      return Promise.resolve(
        stream !== null
          ? chunked(served.streams[Number(stream[1])] ?? new Uint8Array(0))
          : pathname.endsWith("/variables")
          ? json({ results: served.variables })
          : json({ numRows: served.numRows, streams: served.streams.map((_, index) => ({ id: String(index) })) })
      )
    }
  })
  return Table.rows("owner.dataset.table", options).pipe(
    Stream.runForEach((row) => Effect.sync(() => rows.push(row))),
    Effect.match({
      onFailure: (error): Outcome => ({ rows, error, sent }),
      onSuccess: (): Outcome => ({ rows, error: undefined, sent })
    }),
    Effect.provide(layer),
    Effect.orDie
  )
}
