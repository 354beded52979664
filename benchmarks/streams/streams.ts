/**
 * How reading scales over streams: the time from a server that gives each
 * connection 4 MB a second, and the memory that 5,000,000 rows (about 500 MB)
 * take while their consumer is slow.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { createInterface } from "node:readline"
import { Store } from "../../packages/emulator/src/store/Store.ts"
import * as StoreDuckDB from "../../packages/emulator/src/store/StoreDuckDB.ts"
import { type Outcome, rounded } from "../measure.ts"
import type { Recorded } from "./serve.ts"

const here = import.meta.dirname
export const rowsOfBatch = 10_000

const pad = (value: number): string => String(value).padStart(2, "0")

const csv = (rows: number): string => {
  const lines = ["id,x,y,member,day,at,word"]
  for (let row = 0; row < rows; row++) {
    lines.push(
      [
        row,
        row / 7,
        row * 1.5,
        row % 2 === 0,
        `2020-${pad(1 + row % 12)}-${pad(1 + row % 28)}`,
        `2020-01-02T${pad(row % 24)}:${pad(row % 60)}:${pad(row % 60)}.${pad(row % 100)}0001`,
        `a word or two of some forty-five letters ${row}`
      ].join(",")
    )
  }
  return `${lines.join("\n")}\n`
}

const bytesOf = (rows: number) =>
  Effect.gen(function*() {
    const store = yield* Store
    const owner = yield* store.accounts.putUser({ name: "benchmark" })
    const dataset = yield* store.datasets.create(owner.name, { name: `rows ${rows}` })
    const table = yield* store.tables.create(dataset, { name: "t" })
    const content = { kind: "bytes" as const, bytes: Stream.succeed(new TextEncoder().encode(csv(rows))) }
    const upload = yield* store.uploads.create(table, { name: "t.csv", content })
    yield* store.uploads.run(upload.id)
    const source = { kind: "upload", uploadId: upload.id } as const
    const stream = yield* store.rows.read(source, "arrow", undefined, { batchRows: rowsOfBatch, eosSentinel: true })
    const variables = yield* store.variables.list(source)
    return { bytes: Buffer.concat(yield* Stream.runCollect(stream)), variables }
  })

/** The length of the message at a place: its metadata tells that of its body. */
const messageLength = (bytes: Buffer, at: number): number => {
  const metadata = bytes.readInt32LE(at + 4)
  const root = at + 8 + bytes.readInt32LE(at + 8)
  const slot = root - bytes.readInt32LE(root)
  const field = bytes.readUInt16LE(slot + 4 + 2 * 3)
  return 8 + metadata + (field === 0 ? 0 : Number(bytes.readBigInt64LE(root + field)))
}

/** The stream of one batch as its schema, the batch, and the sentinel with the end. */
export const record = async (folder: string): Promise<number> => {
  const { bytes, variables } = await Effect.runPromise(Effect.provide(bytesOf(rowsOfBatch), StoreDuckDB.layer()))
  const schema = messageLength(bytes, 0)
  const batch = messageLength(bytes, schema)
  const recorded: Recorded = { variables: variables.map(({ name, type }) => ({ name, type })), rowsOfBatch }
  Fs.writeFileSync(Path.join(folder, "table.json"), JSON.stringify(recorded))
  Fs.writeFileSync(Path.join(folder, "head"), bytes.subarray(0, schema))
  Fs.writeFileSync(Path.join(folder, "batch"), bytes.subarray(schema, schema + batch))
  Fs.writeFileSync(Path.join(folder, "tail"), bytes.subarray(schema + batch))
  return batch
}

interface Reading {
  readonly seconds: number
  readonly rows: number
  readonly peak: number
}

/** Reads once from a server of its own. */
const read = async (folder: string, batches: number, options: {
  readonly streams: number
  readonly bytesASecond?: number
  readonly pause?: number
}): Promise<Reading> => {
  const parameters = ["--folder", folder, "--batches", String(batches)]
  if (options.bytesASecond !== undefined) parameters.push("--bytesASecond", String(options.bytesASecond))
  const server = spawn(process.execPath, [Path.join(here, "serve.ts"), ...parameters], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  const [port] = await once(createInterface({ input: server.stdout }), "line") as [string]
  const result = spawnSync(process.execPath, [
    "--expose-gc",
    Path.join(here, "read.ts"),
    `http://127.0.0.1:${port}/api/v1`,
    String(options.streams),
    String(options.pause ?? 0)
  ], { encoding: "utf8" })
  server.kill()
  if (result.status !== 0) throw new Error(result.stderr)
  const reading = JSON.parse(result.stdout.trim().split("\n").at(-1) ?? "{}") as Reading // printed by read.ts
  if (reading.rows !== batches * rowsOfBatch) throw new Error(`${reading.rows} of ${batches * rowsOfBatch} rows came`)
  return reading
}

export const streams = async (): Promise<Outcome> => {
  const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-redivis-streams-"))
  const bytes = await record(folder)
  const figures: Record<string, number> = {}
  const lines: Array<string> = []
  let alone = 0
  for (const count of [1, 2, 4, 8]) {
    const { seconds } = await read(folder, 24, { streams: count, bytesASecond: 4e6 })
    if (count === 1) alone = seconds
    figures[`time of ${count} streams`] = rounded(seconds / alone)
    lines.push(`  ${count} streams   ${seconds.toFixed(2)} s   ${(seconds / alone).toFixed(2)} of the time of one`)
  }
  for (const count of [1, 4]) {
    const { peak, seconds } = await read(folder, 500, { streams: count, pause: 20 })
    figures[`peak MB of 5,000,000 rows in ${count} streams`] = Math.round(peak / 1e6)
    lines.push(
      `  ${count} streams   5,000,000 rows (${Math.round(bytes * 500 / 1e6)} MB) in ${seconds.toFixed(1)} s, ${
        Math.round(peak / 1e6)
      } MB of memory above the start`
    )
  }
  Fs.rmSync(folder, { recursive: true })
  return { figures, text: lines.join("\n") }
}
