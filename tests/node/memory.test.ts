/** Memory does not grow with the table: read by a process of its own, whose consumer is slower than the server. */
import * as ReadSession from "@effect-redivis/core/ReadSession"
import * as Variable from "@effect-redivis/core/Variable"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import * as Path from "node:path"
import { root } from "../runner/places.ts"
import { run } from "./documents.ts"

/** Rows of the batch that is sent again and again. */
const rowsOfBatch = 250
const batches = 1200
const charactersOfRow = 2000

/** About 600 MB. */
const tableBytes = rowsOfBatch * batches * charactersOfRow

/** Above the start: what V8 takes for itself before it collects, and a few batches of each stream. */
const most = 200e6

const seed = {
  organizations: [{ name: "demo" }],
  datasets: [{
    owner: "demo",
    name: "long",
    publicAccessLevel: "data",
    tables: [{
      name: "t",
      rows: Array.from(
        { length: rowsOfBatch },
        (_, n) => ({ n, text: `${n} `.padEnd(charactersOfRow, "several words ") })
      )
    }]
  }]
} as const

interface Recorded {
  readonly variables: ReadonlyArray<{ readonly name: string; readonly type: string }>
  readonly head: Buffer
  readonly batch: Buffer
  readonly tail: Buffer
}

/** A stream of one batch: its schema, the batch, and the sentinel with the end. */
const record = Effect.gen(function*() {
  const source = { table: "demo.long.t" }
  const { streams: [stream] } = yield* ReadSession.create(source)
  const read = (offset: number) =>
    Effect.map(Stream.runCollect(ReadSession.bytes(stream!.id, { offset })), (chunks) => Buffer.concat(chunks))
  const whole = yield* read(0)
  const none = yield* read(rowsOfBatch)
  // a schema has no body, and the other parts are those that both have
  const head = 8 + whole.readInt32LE(4)
  const batch = whole.length - none.length
  const recorded: Recorded = {
    variables: yield* Stream.runCollect(Variable.list(source)),
    head: whole.subarray(0, head),
    batch: whole.subarray(head, head + batch),
    tail: whole.subarray(head + batch)
  }
  return recorded
})

/** Sends the parts as fast as the socket takes them. */
const send = (response: Http.ServerResponse, parts: Iterator<Buffer>): void => {
  for (let part = parts.next(); part.done !== true; part = parts.next()) {
    if (!response.write(part.value)) {
      response.once("drain", () => send(response, parts))
      return
    }
  }
  response.end()
}

const partsOf = function*({ batch, head, tail }: Recorded, count: number): Iterator<Buffer> {
  yield head
  for (let sent = 0; sent < count; sent++) yield batch
  yield tail
}

/** The recorded batch many times over, in as many streams. */
const serve = (recorded: Recorded, streams: number) =>
  Effect.acquireRelease(
    Effect.callback<Http.Server>((resume) => {
      const server = Http.createServer((request, response) => {
        const path = (request.url ?? "").split("?")[0] ?? ""
        request.resume()
        if (path.includes("/readStreams/")) return send(response, partsOf(recorded, batches / streams))
        response.setHeader("content-type", "application/json")
        response.end(JSON.stringify(
          path.endsWith("/variables")
            ? { results: recorded.variables }
            : {
              numRows: rowsOfBatch * batches,
              streams: Array.from({ length: streams }, (_, index) => ({ id: String(index) }))
            }
        ))
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      })
  )

layer(Emulator.layerTestWith({ seed }), { excludeTestServices: true })("memory", (it) => {
  for (const streams of [1, 3]) {
    it.effect(
      `of 300,000 rows (600 MB) in ${streams} streams and a slow consumer is a small part of the table's`,
      () =>
        Effect.gen(function*() {
          const recorded = yield* record
          assert.isAbove(recorded.batch.length * batches, tableBytes)
          const server = yield* serve(recorded, streams)
          const { port } = server.address() as AddressInfo // it listens on a port
          const { code, log, out } = yield* run(process.execPath, [
            "--expose-gc",
            Path.join(root, "benchmarks", "streams", "read.ts"),
            `http://127.0.0.1:${port}/api/v1`,
            String(streams),
            "25",
            "1500"
          ])
          assert.strictEqual(code, 0, log)
          const { peak, rows } = JSON.parse(out.at(-1) ?? "{}") as { readonly peak: number; readonly rows: number } // as read.ts prints it
          assert.strictEqual(rows, rowsOfBatch * batches)
          assert.isBelow(peak, most)
        }).pipe(Effect.scoped),
      120_000
    )
  }
})
