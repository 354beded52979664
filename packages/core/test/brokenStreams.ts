/** A table whose streams break off wherever a test says, and what reading it gives. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as RateLimit from "../src/client/RateLimit.ts"
import * as Redivis from "../src/client/Redivis.ts"
import * as Retry from "../src/client/Retry.ts"
import type * as Rows from "../src/data/Rows.ts"
import type { Batch } from "../src/data/Arrow.ts"
import * as Table from "../src/resources/Table.ts"
import { copyFor } from "../src/data/rowValues.ts"
import { messagesOf } from "./arrow/messages.ts"
import { columns, streamOf, type Written } from "./rowsServer.ts"

/** In microseconds. */
const hourOf = (number: number): number => number * 611_000_007 % 86_400_000_000

/** Columns of all types, whose values tell which rows they are of. */
const columnOf: Readonly<Record<string, (numbers: ReadonlyArray<number>) => Written>> = {
  id: (numbers) => columns.integer("id", numbers.map((number) => BigInt(number))),
  text: (numbers) =>
    columns.string(
      "text",
      numbers.map((number) => number % 5 === 2 ? null : `row ${number} ${"é".repeat(number % 9)}`)
    ),
  at: (numbers) =>
    columns.dateTime("at", numbers.map((number) => number % 7 === 3 ? null : BigInt(number) * 1_000_001n)),
  even: (numbers) => columns.boolean("even", numbers.map((number) => number % 2 === 0)),
  half: (numbers) => columns.float("half", numbers.map((number) => number % 11 === 5 ? null : number / 2)),
  day: (numbers) => columns.date("day", numbers.map((number) => number % 4 === 1 ? null : 37 * number - 500)),
  hour: (numbers) => columns.time("hour", numbers.map((number) => number % 6 === 4 ? null : BigInt(hourOf(number)))),
  place: (numbers) =>
    columns.geography("place", numbers.map((number) => number % 3 === 2 ? null : `POINT(${number} -1)`))
}

export const names = Object.keys(columnOf)

const batchOf = (first: number, count: number, selected: ReadonlyArray<string>): ReadonlyArray<Written> => {
  const numbers = Array.from({ length: count }, (_, index) => first + index)
  return selected.map((name) => columnOf[name.toLowerCase()]!(numbers))
}

const variables = batchOf(0, 1, names).map(({ name, type }) => ({ name, type }))

const dateTimeOf = (micros: number): string => {
  const whole = new Date(Math.trunc(micros / 1000)).toISOString().slice(0, 19)
  return micros % 1_000_000 === 0 ? whole : `${whole}.${String(micros % 1_000_000).padStart(6, "0")}`
}

export const rowOf = (number: number) => ({
  id: number,
  text: number % 5 === 2 ? null : `row ${number} ${"é".repeat(number % 9)}`,
  at: number % 7 === 3 ? null : dateTimeOf(number * 1_000_001),
  even: number % 2 === 0,
  half: number % 11 === 5 ? null : number / 2,
  day: number % 4 === 1 ? null : new Date((37 * number - 500) * 86_400_000).toISOString().slice(0, 10),
  hour: number % 6 === 4 ? null : dateTimeOf(hourOf(number)).slice(11),
  place: number % 3 === 2 ? null : `POINT(${number} -1)`
})

/** Rows that were made before: each reading is held against the same ones. */
const made: Array<ReturnType<typeof rowOf>> = []

/** The first rows; nobody may change them. */
export const rowsOf = (count: number) => {
  while (made.length < count) made.push(rowOf(made.length))
  return made.slice(0, count)
}

export interface Trouble {
  /** Bytes after which the answer breaks off; it ends well where it has fewer. */
  readonly after: number
  /** Whether `after` counts the places where a message, its metadata or its body begins or ends, and not bytes. */
  readonly atBoundary?: boolean | undefined
  /** Whether it ends as if that were all, in place of a broken connection. */
  readonly ends: boolean
}

export interface Request {
  readonly stream: number
  readonly offset: number
}

/** A table whose streams have so many rows, in batches of so many. */
export interface Served {
  readonly streams: ReadonlyArray<number>
  readonly batchRows: number
  /** What goes wrong with each request, in their order; nothing after the last. */
  readonly trouble: ReadonlyArray<Trouble | undefined>
  /** Requests of streams, counted from 0, before which all sessions that there are expire. */
  readonly expiries?: ReadonlyArray<number>
  /** What a session made after the first one has in place of these streams. */
  readonly later?: ReadonlyArray<number>
  /** The rows that a session says it has, where they are others. */
  readonly announced?: number
  readonly ignoresOffset?: boolean
  /** Bytes that come at a time. */
  readonly chunk: number
}

/** Streams that were written before: the same few are asked for thousands of times. */
const written = new Map<string, Uint8Array>()

const mostWritten = 5000

/** A stream of so many rows, of these variables or of all; nobody may change its bytes. */
export const bytesOf = (
  first: number,
  count: number,
  batchRows: number,
  selected: ReadonlyArray<string> = names
): Uint8Array => {
  const key = JSON.stringify([first, count, batchRows, selected])
  const known = written.get(key)
  if (known !== undefined) return known
  const batches = []
  for (let row = 0; row < Math.max(count, 1); row += batchRows) {
    batches.push(batchOf(first + row, Math.min(batchRows, count - row), selected))
  }
  const bytes = streamOf(...batches)
  if (written.size >= mostWritten) written.clear()
  written.set(key, bytes)
  return bytes
}

/** Where messages begin and end, their metadata, and their bodies. */
export const boundariesOf = (bytes: Uint8Array): ReadonlyArray<number> => {
  let at = 0
  const all = messagesOf(bytes).flatMap((message) => {
    const start = at
    at += message.length
    return [start, start + 8, start + 8 + new DataView(message.buffer, message.byteOffset).getInt32(4, true)]
  })
  return [...new Set(all)]
}

const placeOf = (bytes: Uint8Array, { after, atBoundary }: Trouble): number =>
  atBoundary === true ? boundariesOf(bytes)[after] ?? bytes.length : after

/** Of one server: those of a process keep the accounts of hundreds, among which each request would search. */
const ownBudgets = (): RateLimit.Budgets => {
  let budget: RateLimit.Budget | undefined
  return { budgetFor: (_endpoint, _account, options) => budget ??= RateLimit.makeBudget(options) }
}

let servers = 0

export const serve = (table: Served) => {
  const requests: Array<Request> = []
  const sessions: Array<Readonly<Record<string, unknown>> & { readonly selectedVariables?: ReadonlyArray<string> }> = []
  let expired = 0
  let open = 0
  let most = 0
  const answer = (
    bytes: Uint8Array,
    trouble: Trouble | undefined,
    signal: AbortSignal | null | undefined
  ): Response => {
    const end = trouble === undefined ? bytes.length : Math.min(placeOf(bytes, trouble), bytes.length)
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
          numRows: table.announced ?? streams.reduce((sum, rows) => sum + rows, 0),
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
      const selected = sessions[Number(found[1]) - 1]?.selectedVariables
      const from = table.ignoresOffset === true ? 0 : offset
      const bytes = bytesOf(first + from, table.streams[stream]! - from, table.batchRows, selected)
      return Promise.resolve(answer(bytes, trouble, init.signal))
    }
  }).pipe(Layer.provide(Layer.succeed(RateLimit.CurrentBudgets, ownBudgets())))
  return { layer, requests, sessions, mostOpen: () => most, open: () => open }
}

export const patient = Retry.withPolicy({ maxAttempts: 1000, baseDelay: 0 })

export interface Outcome {
  readonly rows: ReadonlyArray<Readonly<Record<string, unknown>>>
  readonly error: Rows.RowsError | undefined
}

export const collect = (
  stream: Stream.Stream<Readonly<Record<string, unknown>>, Rows.RowsError, Redivis.Redivis>
): Effect.Effect<Outcome, never, Redivis.Redivis> => {
  const rows: Array<Readonly<Record<string, unknown>>> = []
  return stream.pipe(
    Stream.runForEach((row) => Effect.sync(() => void rows.push(row))),
    Effect.match({ onFailure: (error) => ({ rows, error }), onSuccess: () => ({ rows, error: undefined }) })
  )
}

export const source = { table: "owner.dataset.table" }

export const read = (table: Served, options?: Rows.RowsOptions) => {
  const server = serve(table)
  return Effect.map(
    collect(Table.rows(source.table, options)).pipe(patient, Effect.provide(server.layer), Effect.orDie),
    (outcome) => ({ ...outcome, server })
  )
}

/** What batches hold, as rows would give it; the batches are looked at when all have come. */
const rowsOfBatches = (batches: ReadonlyArray<Batch>): Outcome["rows"] =>
  batches.flatMap(({ columns, numRows }) => {
    const copies = columns.map((column) => {
      const type = variables.find(({ name }) => name === column.name)!.type
      const cells: Array<unknown> = []
      assert.isUndefined(copyFor(type, {})(column, 0, numRows, cells))
      return [column.name, cells] as const
    })
    return Array.from(
      { length: numRows },
      (_, row) => Object.fromEntries(copies.map(([name, cells]) => [name, cells[row]]))
    )
  })

export const readBatches = (table: Served, options?: Rows.BatchesOptions) => {
  const server = serve(table)
  const batches: Array<Batch> = []
  return Table.batches(source.table, options).pipe(
    Stream.runForEach((batch) => Effect.sync(() => void batches.push(batch))),
    Effect.match({ onFailure: (error) => error, onSuccess: () => undefined }),
    Effect.map((error) => ({ error, rows: rowsOfBatches(batches), server })),
    patient,
    Effect.provide(server.layer),
    Effect.orDie
  )
}

export const inOrder = (rows: Outcome["rows"]) => rows.toSorted((one, other) => Number(one["id"]) - Number(other["id"]))
