/** A page that reads rows while it counts its frames; what it measured it posts to `/lines`, as JSON. */
import * as BrowserRedivis from "@effect-redivis/browser/BrowserRedivis"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Table from "@effect-redivis/core/Table"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

/** What one reading took, in milliseconds. */
export interface Reading {
  readonly contender: string
  readonly rows: number
  readonly time: number
  /** The longest time between two frames. */
  readonly gap: number
  readonly frames: number
  /** The longest that a timer of 0 ms waited. */
  readonly timer: number
}

/** The longest time between two calls, each of which asks for the next, until it is stopped. */
const watch = (ask: (next: () => void) => void): { readonly stop: () => { longest: number; count: number } } => {
  let last = performance.now()
  let longest = 0
  let count = 0
  let isOn = true
  const look = (): void => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    if (!isOn) return
    count++
    ask(look)
  }
  ask(look)
  return {
    stop: () => {
      look()
      isOn = false
      return { longest, count }
    }
  }
}

const parameters = new URLSearchParams(location.search)
const endpoint = parameters.get("endpoint") ?? ""

const contenders: Readonly<Record<string, Layer.Layer<Redivis.Redivis, unknown>>> = {
  core: Redivis.layerFetch({ endpoint }),
  browser: BrowserRedivis.layer({ endpoint })
}

const read = async (contender: string): Promise<Reading> => {
  const frames = watch((next) => void requestAnimationFrame(next))
  const timers = watch((next) => void setTimeout(next))
  const begin = performance.now()
  let rows = 0
  await Effect.runPromise(
    Stream.runForEachArray(Table.rows("owner.dataset.table"), (some) =>
      Effect.sync(() => {
        rows += some.length
      })).pipe(
        Effect.provide(contenders[contender]!)
      )
  )
  const time = performance.now() - begin
  const { count, longest } = frames.stop()
  return { contender, rows, time, gap: longest, frames: count, timer: timers.stop().longest }
}

// frames come when the page is there
await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
const turns = Number(parameters.get("turns"))
for (let turn = 0; turn <= turns; turn++) {
  for (const contender of Object.keys(contenders)) {
    const reading = await read(contender)
    await fetch("/lines", { method: "POST", body: JSON.stringify({ ...reading, turn }) })
  }
}
await fetch("/lines", { method: "POST", body: "the end" })
