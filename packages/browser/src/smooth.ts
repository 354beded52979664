/** Bodies that leave a page time for its frames. */
import type { Transport, TransportResponse } from "@effect-redivis/core/Redivis"
import * as Effect from "effect/Effect"

/** How long a page may be kept from its frames and timers, in milliseconds: half of a frame. */
const longestTurn = 8

/** What is handed on at once. Firefox gives tens of megabytes where a page was busy, which are no work for one turn. */
const mostBytes = 262_144

/** When the page last had a turn, whichever body it was that waited. */
let lastTurn = 0

/** By a timer: `scheduler.yield` left timers waiting as long as before in Chromium, and messages did worse in Firefox. */
const yieldTurn = Effect.callback<void>((resume) => {
  const timer = setTimeout(() => {
    lastTurn = performance.now()
    resume(Effect.void)
  })
  return Effect.sync(() => clearTimeout(timer))
})

const smoothly = (response: TransportResponse): TransportResponse => {
  let rest: Uint8Array | undefined
  const next = Effect.suspend(() => rest === undefined ? response.pull : Effect.succeed(rest))
  const some = Effect.map(next, (bytes) => {
    rest = bytes !== undefined && bytes.length > mostBytes ? bytes.subarray(mostBytes) : undefined
    return bytes?.subarray(0, mostBytes)
  })
  return {
    // not the runtime's own body: Firefox does not end a request whose body is cancelled
    url: response.url,
    status: response.status,
    headers: response.headers,
    text: response.text,
    pull: Effect.suspend(() => performance.now() - lastTurn < longestTurn ? some : Effect.andThen(yieldTurn, some))
  }
}

/** Lets the page have a turn between the parts of bodies. */
export const smooth = (transport: Transport): Transport => ({
  send: (request, signal) => Effect.map(transport.send(request, signal), smoothly)
})
