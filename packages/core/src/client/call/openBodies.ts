/** Answers that are being read by whoever pulls them, of all clients: those of an origin share its connections. */
import * as Effect from "effect/Effect"
import { heldConnections, mostConnections } from "../../contract/connections.ts"
import * as Presence from "../presence.ts"
import type { Attempt } from "./attempt.ts"
import { aside } from "./log.ts"

const byOrigin = new Map<string, Presence.Presence>()

/** Those of a URL's origin. */
export const openBodies = (url: string): Presence.Presence => {
  const { origin } = new URL(url)
  let known = byOrigin.get(origin)
  if (known === undefined) {
    // a server may name ever new ones
    for (const [other, { holders }] of byOrigin) if (holders.size === 0) byOrigin.delete(other)
    byOrigin.set(origin, known = Presence.make())
  }
  return known
}

/** So long an answer may take before somebody is told what may hold it up. */
const longestSilence = 5000

/** Says once a client what a call may wait for. */
export const tellWhenHeldUp = ({ call, response }: Attempt, waited: number, now: number): Effect.Effect<void> => {
  const { operation, prepared, sending } = call
  const bodies = openBodies(prepared.url)
  Presence.look(bodies, now)
  const { size } = bodies.holders
  const isTold = waited < longestSilence || response !== undefined || size < mostConnections ||
    sending.configuration.platform.bodies >= mostConnections || sending.isHeldUp
  if (isTold) return Effect.void
  sending.isHeldUp = true
  return aside("Warn", `Redivis: ${operation.name} has had no answer for 5 s. ${heldConnections(size)}`)
}
