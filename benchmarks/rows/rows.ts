/**
 * Rows a second out of the emulator's recorded Arrow stream, as objects: the
 * client, the official one, flechette and apache-arrow, each in processes of its
 * own that take turns, all on the same bytes from the same server.
 */
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { createInterface } from "node:readline"
import { type Outcome, rounded } from "../measure.ts"
import { record } from "./record.ts"
import type { Text } from "./sample.ts"

const here = import.meta.dirname
const numRows = 131_072
const turns = 2
const contenders = ["ours", "collected", "official", "flechette", "apache"] as const
type Contender = typeof contenders[number]

interface Round {
  readonly seconds: number
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

const readOnce = (contender: Contender, endpoint: string): ReadonlyArray<Round> => {
  const result = spawnSync(process.execPath, ["--expose-gc", Path.join(here, "read.ts"), contender, endpoint], {
    encoding: "utf8"
  })
  if (result.status !== 0) throw new Error(`${contender}: ${result.stderr}`)
  const rounds = JSON.parse(result.stdout.trim().split("\n").at(-1) ?? "[]") as ReadonlyArray<Round> // printed by read.ts
  const wrong = rounds.find(({ rows }) => rows !== numRows)
  if (wrong !== undefined) throw new Error(`${contender} gave ${wrong.rows} of ${numRows} rows`)
  return rounds
}

/** CPU seconds of one reading of all rows, by contender: the machine's other load does not count. */
const compare = async (folder: string): Promise<Readonly<Record<Contender, number>>> => {
  const { endpoint, stop } = await serve(folder)
  const spent: Record<Contender, Array<number>> = { ours: [], collected: [], official: [], flechette: [], apache: [] }
  try {
    for (let turn = 0; turn < turns; turn++) {
      for (const contender of contenders) {
        spent[contender].push(...readOnce(contender, endpoint).map(({ cpu }) => cpu))
      }
    }
  } finally {
    stop()
  }
  return {
    ours: median(spent.ours),
    collected: median(spent.collected),
    official: median(spent.official),
    flechette: median(spent.flechette),
    apache: median(spent.apache)
  }
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
      Fs.mkdirSync(at)
      Fs.writeFileSync(Path.join(at, "stream.arrow"), recorded.bytes)
      Fs.writeFileSync(Path.join(at, "table.json"), JSON.stringify({ numRows, variables: recorded.variables }))
      const spent = await compare(at)
      figures[`${name}RowsPerSecond`] = Math.round(numRows / spent.ours)
      figures[`${name}CollectedTimesOfficial`] = rounded(spent.official / spent.collected)
      for (const other of ["official", "flechette", "apache"] as const) {
        figures[`${name}Times${other[0]?.toUpperCase()}${other.slice(1)}`] = rounded(spent[other] / spent.ours)
      }
      lines.push(
        `${titles[recorded.text]}, batches of ${recorded.batchRows}: ${
          Math.round(numRows / spent.ours)
        } rows a second of CPU; ` +
          `official ${rounded(spent.official / spent.ours)} (all rows kept: ${
            rounded(spent.official / spent.collected)
          }), flechette ${rounded(spent.flechette / spent.ours)}, ` +
          `apache-arrow ${rounded(spent.apache / spent.ours)}`
      )
    }
  } finally {
    Fs.rmSync(folder, { recursive: true })
  }
  return { figures, text: lines.join("\n") }
}
