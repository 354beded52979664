/** Reads the served table once, and prints the seconds, the rows and the peak of memory above the start. */
import * as Table from "@effect-redivis/core/Table"
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"

const [endpoint = "", count = "1", pause = "0", taken = "50000"] = process.argv.slice(2)
const streams = Number(count)

/** So many rows are taken before the consumer pauses. */
const rowsBeforePause = Number(taken)

let rows = 0
let sincePause = 0
const program = Stream.runForEachArray(
  Table.rows("owner.dataset.table", { streams, ordered: streams === 1 }),
  (some) =>
    Effect.suspend(() => {
      rows += some.length
      sincePause += some.length
      if (Number(pause) === 0 || sincePause < rowsBeforePause) return Effect.void
      sincePause = 0
      return Effect.sleep(Number(pause))
    })
).pipe(Effect.provide(NodeRedivis.layer({ endpoint, token: Redacted.make("token") })))

globalThis.gc?.()
const before = process.memoryUsage().rss
let peak = before
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss)
}, 20)
const begun = performance.now()
await Effect.runPromise(program)
clearInterval(watch)
console.log(JSON.stringify({ seconds: (performance.now() - begun) / 1000, rows, peak: peak - before }))
process.exit(0)
