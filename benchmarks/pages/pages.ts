/**
 * How smooth a page stays that reads 1,000,000 rows as they come: the longest
 * time between two frames, the median of seven readings, and what the readings
 * take, in each browser of this machine, over the layer of the browser package
 * and over the core's own, which yields to nobody.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { createInterface } from "node:readline"
import { chromiumEngine } from "../../tests/browsers/chromium.ts"
import type { Engine } from "../../tests/browsers/engine.ts"
import { firefoxEngine } from "../../tests/browsers/firefox.ts"
import { openPages } from "../../tests/browsers/pages.ts"
import { webkitEngine } from "../../tests/browsers/webkit.ts"
import { bundle } from "../../tests/runner/bundle.ts"
import { median, type Outcome, rounded } from "../measure.ts"
import { record, rowsOfBatch } from "../streams/streams.ts"
import type { Reading } from "./read.ts"

const here = import.meta.dirname
const numRows = 1_000_000
const turns = 7

/** The readings after the first of each contender, which warms up. */
const readIn = async (engine: Engine, endpoint: string): Promise<ReadonlyArray<Reading> | string> => {
  const open = await engine.find()
  if (typeof open === "string") return open
  const script = await bundle(Path.join(here, "read.ts"), { platform: "browser", conditions: ["browser"] })
  const pages = await openPages()
  const readings: Array<Reading> = []
  const finished = new Promise<void>((resolve) => {
    pages.serve({
      files: {
        "/": "<!doctype html><title>Rows</title><script type=\"module\" src=\"/read.js\"></script>",
        "/read.js": script
      },
      onLine: (line) => {
        if (line === "the end") return resolve()
        const reading = JSON.parse(line) as Reading & { readonly turn: number } // posted by read.ts
        if (reading.rows !== numRows) throw new Error(`${reading.rows} of ${numRows} rows came`)
        if (reading.turn > 0) readings.push(reading)
      }
    })
  })
  const opened = await open(`${pages.origin}/?turns=${turns}&endpoint=${encodeURIComponent(endpoint)}`)
  const problem = await Promise.race([finished, opened.ended])
  await opened.close()
  pages.close()
  if (problem !== undefined) throw new Error(`${engine.runtime}: ${problem}\n${opened.log()}`)
  return readings
}

export const pages = async (): Promise<Outcome> => {
  const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-redivis-pages-"))
  await record(folder)
  const server = spawn(
    process.execPath,
    [Path.join(here, "..", "streams", "serve.ts"), "--folder", folder, "--batches", String(numRows / rowsOfBatch)],
    { stdio: ["ignore", "pipe", "inherit"] }
  )
  const [port] = await once(createInterface({ input: server.stdout }), "line") as [string]
  const figures: Record<string, number> = {}
  const lines: Array<string> = []
  for (const engine of [chromiumEngine, firefoxEngine, webkitEngine]) {
    const readings = await readIn(engine, `http://127.0.0.1:${port}/api/v1`)
    if (typeof readings === "string") {
      lines.push(`  ${engine.runtime}: ${readings}`)
      continue
    }
    for (const contender of ["core", "browser"]) {
      const own = readings.filter((reading) => reading.contender === contender)
      const of = (name: "frames" | "gap" | "time" | "timer"): number => median(own.map((reading) => reading[name]))
      const title = `${engine.runtime} over ${contender}`
      figures[`longest gap between frames, ms, ${title}`] = rounded(of("gap"))
      figures[`time, ms, ${title}`] = rounded(of("time"))
      lines.push(
        `  ${title.padEnd(24)} ${of("gap").toFixed(0).padStart(5)} ms at most between frames, timers ${
          of("timer").toFixed(0).padStart(4)
        } ms late, ${of("frames")} frames, ${of("time").toFixed(0)} ms`
      )
    }
  }
  server.kill()
  Fs.rmSync(folder, { recursive: true })
  return { figures, text: lines.join("\n") }
}
