/**
 * Rows and MB a second out of the emulator's recorded Arrow stream, as objects
 * and as columns: the client, the official one, flechette and apache-arrow, each
 * in processes of its own that take turns, all on the same bytes. They come out
 * of memory by a `fetch` of the process, so that it is the clients that are
 * compared; beside it, what is left of that where the bytes come over a socket,
 * and the most memory that each process had.
 */
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { createInterface } from "node:readline"
import { type Outcome, rounded } from "../measure.ts"
import * as Answers from "./answers.ts"
import { record } from "./record.ts"
import type { Text } from "./sample.ts"

const here = import.meta.dirname
const numRows = 131_072
const turns = 2

interface Round {
  readonly cpu: number
  readonly rows: number
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN

const serve = async (folder: string): Promise<{ readonly endpoint: string; readonly stop: () => void }> => {
  const server = spawn(process.execPath, [Path.join(here, "serve.ts"), folder], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  const [port] = await once(createInterface({ input: server.stdout }), "line") as [string]
  return { endpoint: `http://127.0.0.1:${port}/api/v1`, stop: () => void server.kill() }
}

interface Reading {
  readonly rounds: ReadonlyArray<Round>
  /** The most memory that the process had, in bytes. */
  readonly peak: number
}

const readOnce = (contender: string, source: string): Reading => {
  const result = spawnSync(process.execPath, [Path.join(here, "read.ts"), contender, source], { encoding: "utf8" })
  if (result.status !== 0) throw new Error(`${contender}: ${result.stderr}`)
  const reading = JSON.parse(result.stdout.trim().split("\n").at(-1) ?? "") as Reading // printed by read.ts
  const wrong = reading.rounds.find(({ rows }) => rows !== numRows)
  if (wrong !== undefined) throw new Error(`${contender} gave ${wrong.rows} of ${numRows} rows`)
  return reading
}

interface Figure {
  /** CPU seconds of one reading of all rows: the machine's other load does not count. */
  readonly cpu: number
  readonly peak: number
}

const compare = <Contender extends string>(
  contenders: ReadonlyArray<Contender>,
  source: string
): Readonly<Record<Contender, Figure>> => {
  const readings = Array.from(
    { length: turns },
    () => contenders.map((contender) => ({ contender, reading: readOnce(contender, source) }))
  ).flat()
  return Object.fromEntries(
    contenders.map((contender): [Contender, Figure] => {
      const own = readings.filter((reading) => reading.contender === contender).map(({ reading }) => reading)
      return [contender, {
        cpu: median(own.flatMap(({ rounds }) => rounds.map(({ cpu }) => cpu))),
        peak: Math.max(...own.map(({ peak }) => peak))
      }]
    })
  ) as Record<Contender, Figure> // one entry for each
}

const titles: Readonly<Record<Text, string>> = {
  ascii: "eight types, strings of 200 characters",
  accented: "the same, not ASCII",
  none: "six types, no strings"
}

const names = {
  ours: "rows as they come",
  collected: "all rows in an array",
  official: "redivis 0.3.10",
  flechette: "flechette",
  apache: "apache-arrow",
  oursColumns: "columns",
  officialColumns: "columns, redivis 0.3.10",
  flechetteColumns: "columns, flechette",
  apacheColumns: "columns, apache-arrow"
}

type Contender = keyof typeof names

const contenders = Object.keys(names) as ReadonlyArray<Contender> // its keys

/** What of ours is compared with what. */
const ratios: ReadonlyArray<readonly [figure: string, ours: Contender, other: Contender]> = [
  ["TimesOfficial", "ours", "official"],
  ["CollectedTimesOfficial", "collected", "official"],
  ["TimesFlechette", "ours", "flechette"],
  ["TimesApache", "ours", "apache"],
  ["ColumnsTimesOfficial", "oursColumns", "officialColumns"],
  ["ColumnsTimesFlechette", "oursColumns", "flechetteColumns"],
  ["ColumnsTimesApache", "oursColumns", "apacheColumns"]
]

const cells = (name: string, ...values: ReadonlyArray<string>): string =>
  `  ${name.padEnd(26)}${values.map((value) => value.padStart(12)).join("  ")}`

/** Ratios above 1: so many times the rows a second of the other. */
export const rows = async (): Promise<Outcome> => {
  const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "rows-"))
  const figures: Record<string, number> = {}
  const lines: Array<string> = ["10 % nulls; per second of CPU, and the most memory of the process"]
  try {
    for (const recorded of await record(numRows, ["ascii", "none"], [1000, 65_536])) {
      const name = `${recorded.text}${recorded.batchRows}`
      const at = Path.join(folder, name)
      Answers.write(at, recorded)
      const found = compare(contenders, at)
      const { endpoint, stop } = await serve(at)
      const overSocket = compare(["ours", "official"], endpoint)
      stop()
      const megabytes = recorded.bytes.length / 1e6
      const socket = rounded(overSocket.official.cpu / overSocket.ours.cpu)
      const compared = ratios.map(([figure, ours, other]) => ({
        figure,
        ours,
        other,
        times: rounded(found[other].cpu / found[ours].cpu)
      }))
      figures[`${name}RowsPerSecond`] = Math.round(numRows / found.ours.cpu)
      figures[`${name}SocketTimesOfficial`] = socket
      for (const { figure, times } of compared) figures[`${name}${figure}`] = times
      lines.push(
        `${titles[recorded.text]}, batches of ${recorded.batchRows}, ${Math.round(megabytes)} MB`,
        cells("", "rows/s", "MB/s", "peak MB", "ours is"),
        ...contenders.map((contender) => {
          const { cpu, peak } = found[contender]
          const times = compared.filter(({ other }) => other === contender).map(({ times }) => `${times} x`)
          return cells(
            names[contender],
            String(Math.round(numRows / cpu)),
            String(Math.round(megabytes / cpu)),
            String(Math.round(peak / 1e6)),
            times.join(", ")
          )
        }),
        `  of rows, ${names.official} against rows as they come, then in an array; over a socket ${socket} x`
      )
    }
  } finally {
    Fs.rmSync(folder, { recursive: true })
  }
  return { figures, text: lines.join("\n") }
}
