/** How far a transfer is: a bar that is drawn over on a terminal, a line every few seconds elsewhere. */
import { TerminalCapabilities } from "effect/cli/TerminalCapabilities"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Terminal from "effect/Terminal"
import { bar } from "./bar.ts"

export interface Progress {
  /** What has come since the last time. */
  readonly add: (amount: number) => Effect.Effect<void>
}

/** Nothing on a line of a terminal. */
const cleared = "\r\u001b[K"

const redraw = Duration.toMillis("100 millis")
const nextLine = Duration.toMillis("5 seconds")

interface Screen {
  readonly canAnimate: boolean
  readonly display: (text: string) => Effect.Effect<void>
}

const screen: Effect.Effect<Screen, never, Terminal.Terminal> = Effect.gen(function*() {
  const { canAnimate } = yield* TerminalCapabilities
  const terminal = yield* Terminal.Terminal
  // a terminal that is gone is no reason to stop a transfer
  return { canAnimate, display: (text) => Effect.ignore(terminal.display(text)) }
})

/** Says on a terminal what is waited for, as long as it is. */
export const withNotice = <A, E, R>(text: string, effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(screen, ({ canAnimate, display }) =>
    canAnimate
      ? Effect.andThen(display(`  ${text} …`), effect).pipe(Effect.ensuring(display(cleared)))
      : effect)

/** Shows a progress while `use` runs, and takes the bar away afterwards. */
export const withProgress = Effect.fnUntraced(function*<A, E, R>(
  options: { readonly total: number; readonly describe: (done: number, elapsed: Duration.Duration) => string },
  use: (progress: Progress) => Effect.Effect<A, E, R>
): Effect.fn.Return<A, E, R | Terminal.Terminal> {
  const { canAnimate, display } = yield* screen
  const begin = yield* Clock.currentTimeMillis
  let done = 0
  let shownAt = begin
  const add = (amount: number): Effect.Effect<void> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      done += amount
      if (now - shownAt < (canAnimate ? redraw : nextLine)) return Effect.void
      shownAt = now
      const share = Math.min(1, done / options.total)
      const text = `${Math.floor(share * 100)} %, ${options.describe(done, Duration.millis(now - begin))}`
      return display(canAnimate ? `${cleared}  ${bar(share, 30)} ${text}` : `  ${text}\n`)
    })
  return yield* use({ add }).pipe(canAnimate ? Effect.ensuring(display(cleared)) : (effect) => effect)
})
