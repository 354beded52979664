import { TerminalCapabilities } from "effect/cli/TerminalCapabilities"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"

/** One line for what was done. */
export const step = (name: string, text: string): Effect.Effect<void> =>
  Effect.flatMap(TerminalCapabilities, ({ canColor }) => {
    const title = name.padEnd(9)
    return Console.log(`${canColor ? `\u001b[1m${title}\u001b[22m` : title} ${text}`)
  })
