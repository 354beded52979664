/**
 * One reading of a table for all who want it at the same time. Whoever claims
 * it first reads from the server; the others wait until it is kept.
 *
 * A fiber that reads may be gone without a word, as in a worker whose request
 * was cancelled, and nothing of one request may wake another there. So a claim
 * is data: its holder beats as long as it lives, and each who waits looks by a
 * timer of its own.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Claim, Claimed, RowCacheError, Store } from "./store.ts"

/** In milliseconds, as all times here. */
const firstLook = 5
const lookEvery = 100
const beatEvery = 400

/** Who has not shown itself for so long, by the looks of who waits, is lost. */
const longestSilence = 1500

/** So long a holder may be busy with its rows in sum: a program that takes its time keeps nobody waiting. */
const longestOwn = 30_000

/** Holders that ended without an entry, before everybody reads for oneself: a server that fails is not asked by one after the other. */
const mostHolders = 3

/** Claims, and what was given up, that are remembered: lost fibers take nothing back. */
const mostClaims = 1000

interface Held {
  readonly holder: string
  beats: number
  isGivenUp: boolean
}

type Take = NonNullable<Store["claim"]>

const claimsInMemory = (): Take => {
  const claims = new Map<string, Held>()
  let holders = 0
  return (key, lost) =>
    Effect.suspend((): Effect.Effect<Claim | Claimed, never, Scope.Scope> => {
      const other = claims.get(key)
      if (other !== undefined) {
        const { holder, isGivenUp } = other
        const sign = String(other.beats)
        if (holder !== lost?.holder || sign !== lost.sign) {
          return Effect.succeed({ isMine: false, holder, sign, isGivenUp })
        }
      }
      const held: Held = { holder: String(++holders), beats: 0, isGivenUp: false }
      claims.delete(key)
      claims.set(key, held)
      for (const oldest of claims.keys()) {
        if (claims.size <= mostClaims) break
        claims.delete(oldest)
      }
      const claim: Claim = {
        isMine: true,
        beat: Effect.sync(() => void held.beats++),
        giveUp: Effect.sync(() => {
          held.isGivenUp = true
        })
      }
      const release = Effect.sync(() => {
        if (claims.get(key) === held) claims.delete(key)
      })
      return Effect.as(Effect.addFinalizer(() => release), claim)
    })
}

interface Known {
  readonly claim: Take
  /** What turned out to be larger than what is kept: the rows of a key never change. */
  readonly tooLarge: Set<string>
}

const stores = /*#__PURE__*/ new WeakMap<Store, Known>()

const knownOf = (store: Store): Known => {
  const known = stores.get(store) ?? { claim: store.claim ?? claimsInMemory(), tooLarge: new Set<string>() }
  stores.set(store, known)
  return known
}

/** What a reading is asked for, and has not given yet. */
interface Activity {
  begun: number
  waiting: number
}

/** What one reading does for the others. */
export interface Flight {
  readonly isFlight: true
  /** Rows whose reading shows that it goes on. */
  readonly watch: <A, E, R>(rows: Stream.Stream<A, E, R>) => Stream.Stream<A, E, R>
  /** The rows are more than what is kept: nobody waits for them, now and later. */
  readonly passOver: Effect.Effect<void>
}

/** Notes when rows are asked for and have not come, for whatever reason. */
const watched = <A, E, R>(rows: Stream.Stream<A, E, R>, activity: Activity): Stream.Stream<A, E, R> =>
  Stream.transformPull(rows, (pull) =>
    Effect.succeed(Effect.suspend(() => {
      activity.begun++
      activity.waiting++
      return Effect.onExit(pull, () => Effect.sync(() => void activity.waiting--))
    })))

/** Beats while rows are waited for, and while they are taken as they come. */
const beating = (claim: Claim, activity: Activity): Effect.Effect<void> =>
  Effect.gen(function*() {
    let own = 0
    let begun = -1
    while (own < longestOwn) {
      yield* Effect.sleep(beatEvery)
      if (activity.waiting === 0) own += beatEvery
      if (activity.waiting > 0 || activity.begun !== begun) yield* Effect.ignore(claim.beat)
      begun = activity.begun
    }
  })

/** What `look` finds, or the claim of a key once nobody else has one; nothing where waiting leads nowhere. */
const claimed = <A extends object, R>(
  take: Take,
  key: string,
  look: Effect.Effect<A | undefined, RowCacheError, R>
): Effect.Effect<A | Claim | undefined, RowCacheError, Scope.Scope | R> =>
  Effect.gen(function*() {
    let seen: Claimed | undefined
    let holders = 0
    let silence = 0
    let pause = firstLook
    while (true) {
      const found = yield* Effect.uninterruptible(take(key, silence >= longestSilence ? seen : undefined))
      const isAnother = !found.isMine && found.holder !== "" && found.holder !== seen?.holder
      if (found.isMine || (isAnother && seen !== undefined)) {
        const kept = yield* look
        if (kept !== undefined) return kept
      }
      if (found.isMine) return found
      if (found.isGivenUp || (isAnother && ++holders > mostHolders)) return undefined
      if (isAnother || found.sign !== seen?.sign) silence = 0
      seen = found
      yield* Effect.sleep(pause)
      silence += pause
      pause = Math.min(2 * pause, lookEvery)
    }
  })

/**
 * Waits for what another one reads of a table, or for the turn to read it from
 * the server, which lasts until the scope closes. Nothing where everybody reads
 * for oneself.
 */
export const board = <A extends object, R>(
  store: Store,
  key: string,
  look: Effect.Effect<A | undefined, RowCacheError, R>
): Effect.Effect<A | Flight | undefined, never, Scope.Scope | R> =>
  Effect.gen(function*() {
    const { claim: take, tooLarge } = knownOf(store)
    if (tooLarge.has(key)) return undefined
    // a place that takes no claims is one that keeps nothing, which is told where it is to keep
    const claim = yield* Effect.catch(claimed(take, key, look), () => Effect.succeed(undefined))
    if (claim === undefined || !("isMine" in claim)) return claim
    const activity: Activity = { begun: 0, waiting: 0 }
    yield* Effect.forkScoped(beating(claim, activity))
    const flight: Flight = {
      isFlight: true,
      watch: (rows) => watched(rows, activity),
      passOver: Effect.suspend(() => {
        if (tooLarge.size >= mostClaims) tooLarge.clear()
        tooLarge.add(key)
        return Effect.ignore(claim.giveUp)
      })
    }
    return flight
  })
