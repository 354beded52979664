/**
 * Rows a second out of the emulator's recorded Arrow stream, as objects: the
 * client, the official one, flechette and apache-arrow, each in processes of its
 * own that take turns, all on the same bytes. They come out of memory by a
 * `fetch` of the process, so that it is the clients that are compared; beside
 * it, what is left of that where the bytes come over a socket.
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

const readOnce = (contender: string, source: string): ReadonlyArray<Round> => {
  const result = spawnSync(process.execPath, [Path.join(here, "read.ts"), contender, source], { encoding: "utf8" })
  if (result.status !== 0) throw new Error(`${contender}: ${result.stderr}`)
  const rounds = JSON.parse(result.stdout.trim().split("\n").at(-1) ?? "[]") as ReadonlyArray<Round> // printed by read.ts
  const wrong = rounds.find(({ rows }) => rows !== numRows)
  if (wrong !== undefined) throw new Error(`${contender} gave ${wrong.rows} of ${numRows} rows`)
  return rounds
}

/** CPU seconds of one reading of all rows, by contender: the machine's other load does not count. */
const compare = <Contender extends string>(
  contenders: ReadonlyArray<Contender>,
  source: string
): Readonly<Record<Contender, number>> => {
  const readings = Array.from(
    { length: turns },
    () => contenders.map((contender) => ({ contender, rounds: readOnce(contender, source) }))
  ).flat()
  return Object.fromEntries(
    contenders.map((contender) => [
      contender,
      median(
        readings.filter((reading) => reading.contender === contender).flatMap(({ rounds }) =>
          rounds.map(({ cpu }) => cpu)
        )
      )
    ])
  ) as Record<Contender, number> // one entry for each
}

const titles: Readonly<Record<Text, string>> = {
  ascii: "eight types, strings of 200 characters",
  accented: "the same, not ASCII",
  none: "six types, no strings"
}

/** Ratios above 1: so many times the rows a second of the other. */
export const rows = async (): Promise<Outcome> => {
  const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "rows-"))
  const figures: Record<string, number> = {}
  const lines: Array<string> = ["rows as objects, 10 % nulls; times the rows of the other in a second of CPU"]
  try {
    for (const recorded of await record(numRows, ["ascii", "none"], [1000, 65_536])) {
      const name = `${recorded.text}${recorded.batchRows}`
      const at = Path.join(folder, name)
      Answers.write(at, recorded)
      const inProcess = compare(["ours", "collected", "official", "flechette", "apache"], at)
      const { endpoint, stop } = await serve(at)
      const overSocket = compare(["ours", "official"], endpoint)
      stop()
      const figuresOfOne = {
        RowsPerSecond: Math.round(numRows / inProcess.ours),
        TimesOfficial: rounded(inProcess.official / inProcess.ours),
        CollectedTimesOfficial: rounded(inProcess.official / inProcess.collected),
        SocketTimesOfficial: rounded(overSocket.official / overSocket.ours),
        TimesFlechette: rounded(inProcess.flechette / inProcess.ours),
        TimesApache: rounded(inProcess.apache / inProcess.ours)
      }
      for (const [figure, value] of Object.entries(figuresOfOne)) figures[`${name}${figure}`] = value
      lines.push(
        `${
          titles[recorded.text]
        }, batches of ${recorded.batchRows}: ${figuresOfOne.RowsPerSecond} rows a second of CPU`,
        `  official ${figuresOfOne.TimesOfficial} (all rows kept: ${figuresOfOne.CollectedTimesOfficial}; ` +
          `over a socket: ${figuresOfOne.SocketTimesOfficial}), flechette ${figuresOfOne.TimesFlechette}, ` +
          `apache-arrow ${figuresOfOne.TimesApache}`
      )
    }
  } finally {
    Fs.rmSync(folder, { recursive: true })
  }
  return { figures, text: lines.join("\n") }
}
