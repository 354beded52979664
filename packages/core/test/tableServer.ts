/** A `fetch` that serves one table of a released version, whose answers break where a test says so. */
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Credentials from "../src/client/Credentials.ts"
import * as RateLimit from "../src/client/RateLimit.ts"
import * as Redivis from "../src/client/Redivis.ts"
import { columns, streamOf } from "./rowsServer.ts"

/** Rows whose values tell which they are. */
const batchOf = (first: number, count: number) => {
  const numbers = Array.from({ length: count }, (_, index) => first + index)
  return [
    columns.integer("id", numbers.map((number) => BigInt(number))),
    columns.string("Text", numbers.map((number) => number % 5 === 2 ? null : `row ${number}`)),
    columns.boolean("even", numbers.map((number) => number % 2 === 0))
  ]
}

const variables = batchOf(0, 1).map(({ name, type }) => ({ name, type }))

export const rowOf = (number: number) => ({
  id: number,
  Text: number % 5 === 2 ? null : `row ${number}`,
  even: number % 2 === 0
})

export const rowsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => rowOf(first + index))

export interface Trouble {
  /** Bytes after which the answer breaks off. */
  readonly after: number
  /** Whether it ends as if that were all. */
  readonly ends: boolean
}

/** What is served, which a test changes as it goes. */
export interface Served {
  /** The number of the first row. */
  first: number
  /** Rows of each stream. */
  streams: ReadonlyArray<number>
  batchRows: number
  chunk: number
  /** What goes wrong with each answer of rows, in their order. */
  trouble: Array<Trouble | undefined>
  /** What `GET /tables/…` says beside the rest. */
  table: Record<string, unknown>
  /** What it is answered with instead. */
  status: number
  /** Rows that each stream of a limited session has beyond those that were asked for. */
  overrun: number
  /** How many sessions, from the first on, have expired. */
  expired: number
  /** What becomes of a `GET /tables/…` after rows were read. */
  lastLook: "hangs" | "fails" | undefined
}

/** Streams that were written before: the same few are asked for thousands of times. */
const written = new Map<string, Uint8Array>()

const mostWritten = 5000

/** A stream of so many rows, of these variables; nobody may change its bytes. */
const bytesOf = (first: number, count: number, batchRows: number, wanted: ReadonlyArray<string>): Uint8Array => {
  const key = JSON.stringify([first, count, batchRows, wanted])
  const known = written.get(key)
  if (known !== undefined) return known
  const batches = []
  const columnsOf = (from: number, rows: number) =>
    wanted.map((name) => batchOf(from, rows).find((column) => column.name === name)!)
  for (let row = 0; row < count; row += batchRows) {
    batches.push(columnsOf(first + row, Math.min(batchRows, count - row)))
  }
  const bytes = streamOf(...(batches.length === 0 ? [columnsOf(first, 0)] : batches))
  if (written.size >= mostWritten) written.clear()
  written.set(key, bytes)
  return bytes
}

/** Tests send more requests a minute than the service allows. */
const unlimited: RateLimit.Budgets = { budgetFor: () => ({ use: (send) => send(() => {}) }) }

let servers = 0

export interface ClientOptions {
  readonly credentials?: Credentials.Source | undefined
  readonly token?: string
  readonly decoding?: "lenient"
}

const json = (value: unknown, status = 200): Response =>
  new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json" } })

export const serve = (options?: Partial<Served>) => {
  const served: Served = {
    first: 0,
    streams: [9],
    batchRows: 4,
    chunk: 300,
    trouble: [],
    table: {},
    status: 200,
    overrun: 0,
    expired: 0,
    lastLook: undefined,
    ...options
  }
  const requests: Array<string> = []
  const tokens: Array<string | undefined> = []
  const endpoint = `https://table${++servers}.example/api/v1`
  let wanted: ReadonlyArray<string> = []
  let streams: ReadonlyArray<number> = []
  let sessions = 0
  let onRequest: (request: string) => void = () => {}

  const rowBytes = (stream: number, offset: number): Response => {
    const before = streams.slice(0, stream).reduce((sum, rows) => sum + rows, 0)
    const whole = bytesOf(served.first + before + offset, streams[stream]! - offset, served.batchRows, wanted)
    const trouble = served.trouble.shift()
    const end = Math.min(trouble?.after ?? whole.length, whole.length)
    const { chunk } = served
    let at = 0
    return new Response(
      new ReadableStream({
        pull: (controller) => {
          if (at < end) return controller.enqueue(whole.slice(at, at = Math.min(end, at + chunk)))
          if (end === whole.length || trouble?.ends === true) controller.close()
          else controller.error(new Error("the connection broke"))
        }
      })
    )
  }

  const answer = (url: URL, body: unknown): Response => {
    const { pathname, searchParams } = url
    const stream = /\/readStreams\/(\d+)-(\d+)$/.exec(pathname)
    if (stream !== null) {
      return Number(stream[1]) < served.expired
        ? json({ error: "invalid_request", error_description: "The session has expired" }, 400)
        : rowBytes(Number(stream[2]), Number(searchParams.get("offset")))
    }
    const numRows = served.streams.reduce((sum, rows) => sum + rows, 0)
    if (pathname.endsWith("/variables")) return json({ results: variables })
    if (pathname.endsWith("/readSessions")) {
      const { maxResults, selectedVariables } = body as { maxResults?: number; selectedVariables?: Array<string> }
      wanted = selectedVariables ?? variables.map(({ name }) => name)
      let left = maxResults ?? numRows
      streams = served.streams.map((rows) => {
        const taken = Math.min(rows, left)
        left -= taken
        return maxResults === undefined ? taken : Math.min(rows, taken + served.overrun)
      })
      const session = sessions++
      return json({
        numRows: Math.min(numRows, maxResults ?? numRows),
        streams: streams.map((_, index) => ({ id: `${session}-${index}` }))
      })
    }
    if (served.status !== 200) return json({ error: "refused", error_description: "No" }, served.status)
    return json({
      uri: "/tables/owner.dataset:5k9t:v1_0.table:6fff",
      id: "t1",
      qualifiedReference: "owner.dataset:5k9t:v1_0.table:6fff",
      scopedReference: "table:6fff",
      name: "table",
      hash: "hash one",
      numRows,
      numBytes: numRows * 10,
      accessLevel: "data",
      container: { kind: "dataset", name: "dataset" },
      ...served.table
    })
  }

  const client = ({ credentials, decoding, token }: ClientOptions = {}) =>
    Redivis.layerFetch({
      endpoint,
      decoding,
      ...(token === undefined ? { credentials } : { token: Redacted.make(token) }),
      fetch: (url, init) => {
        const parsed = new URL(url)
        const request = `${init.method} ${decodeURIComponent(parsed.pathname.slice("/api/v1".length))}`
        requests.push(request)
        tokens.push(new Headers(init.headers as Record<string, string>).get("authorization") ?? undefined)
        const isLast = sessions > 0 && /^GET \/tables\/[^/]+$/.test(request)
        if (isLast && served.lastLook === "hangs") {
          return new Promise((_, reject) => init.signal?.addEventListener("abort", () => reject(init.signal?.reason)))
        }
        if (isLast && served.lastLook === "fails") return Promise.resolve(json({ error: "no" }, 503))
        const response = answer(parsed, typeof init.body === "string" ? JSON.parse(init.body) : undefined)
        onRequest(request)
        return Promise.resolve(response)
      }
    }).pipe(Layer.provide(Layer.succeed(RateLimit.CurrentBudgets, unlimited)))

  return {
    served,
    requests,
    tokens,
    client,
    layer: client({ token: "token-of-one" }),
    /** Runs after each request was answered. */
    afterRequest: (f: (request: string) => void) => {
      onRequest = f
    },
    /** The requests since this was asked last. */
    since: () => requests.splice(0)
  }
}
