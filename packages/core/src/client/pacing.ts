/**
 * When a request may go: the arithmetic of the local budget. It holds numbers
 * only and knows no fiber, so that nothing in it can wake, or hang with,
 * another request's fiber. All times are monotonic and in milliseconds, but for
 * those that are said to be on the server's clock.
 */
import type { RateLimitSnapshot } from "../contract/RedivisError.ts"
import * as Presence from "./presence.ts"

/** The length of the server's windows. */
export const windowMillis = 60_000

/** No wait for a point in time is longer: what says otherwise is wrong. */
export const longestWait = 2 * windowMillis

/**
 * How far before an answer a point in time may lie that it still means as one.
 * By one clock, where the answer has a `Date`, up to a window; by two only as
 * far as clocks that are set differ.
 */
export const longestPast = (isOneClock: boolean): number => isOneClock ? windowMillis : 5000

/** A point that was told in whole seconds may be rounded, and by so much too early. */
const rounding = 1000

/** What the service documents, for where its headers cannot be read. */
const documentedLimit = 1000

/** Requests that may be on their way before anything is known. */
const firstRequests = 10

/** Added to the end of a window: the clocks of several servers differ a little, and so do timers. */
const guard = 50

/** Waiters spread their start after a window's end or a block over this time, never before it. */
const spread = 250

/**
 * Two ends of windows that differ by less belong to one window: a server may
 * compute the end anew for each answer.
 */
const sameWindow = 1000

/** A request that nobody says anything of, and that was not settled for so long, has lost its fiber. */
const leaseMillis = 150_000

/** A waiter that has not asked so long after its own time has lost its fiber. One that comes after all goes first. */
const overdueMillis = 750

/** So many of the foremost waiters may go before each other: strict order would leave a slot idle until its turn wakes. */
const foremost = 8

/** With the quarter more by which waits differ, as long as one look of theirs counts. */
const longestPoll = Presence.lookMillis * 0.8

/** Rounds without a refusal after which one more may be on its way: up to what was refused, and the longest wait for it. */
const leastPatience = 2
const mostPatience = 256

/** Too short rather than too long: who sleeps too long leaves a slot idle. */
const firstLatency = 20

/** A request on its way. */
export interface Flight extends Presence.Holder {
  readonly sentAt: number
  /** Whether it was taken for one whose fiber is gone. */
  isLost: boolean
}

/** What a budget knows of one account. */
export interface State {
  limit: number
  /** What the server has left in this window, those in flight not subtracted; before its first answer, what may be tried. */
  remaining: number
  /** The end of the last known window on the server's clock, which names the window. */
  resetAt: number
  /** The end of this window; infinite before its first answer. */
  endsAt: number
  /** When the last window ended. */
  rolledAt: number
  /** Own requests of this window that were answered or lost. */
  counted: number
  /** Requests without an answer, which may have been counted after the answer that `remaining` comes from. */
  lost: number
  /** Those of them that were lost since `lostMark`. */
  lostSince: number
  lostMark: number
  /** Requests of other clients a millisecond, in this window and in the one before it. */
  others: number
  othersBefore: number
  blockedUntil: number
  blockedAt: number
  /** Rounds of 429 in a row. */
  rounds: number
  /** Whether the server named no end for the last block. */
  isGuess: boolean
  /** From sending to the headers of the answer, on the average of late; a guess before the first. */
  latency: number
  /** When a request last went or was answered. */
  movedAt: number
  /** Requests that the server is likely to take at once. */
  atOnce: number
  /** So many at once were refused last; infinite where that is not known, or known to be over. */
  refusedAtOnce: number
  /** Most requests that were on their way together since `atOnce` changed. */
  together: number
  /** Answers since they were as many as may be, without a refusal. */
  taken: number
  /** Rounds of answers before as many as were refused are tried again; 1 before the first refusal. */
  patience: number
  /** The last request that went before `atOnce` fell: those until then are refused for the same reason. */
  fellAfter: number
  isHeaderSeen: boolean
  sent: number
  /** Requests on their way, by their numbers. */
  readonly flights: Presence.Presence<Flight, number>
  issued: number
  /** No ticket below it waits. */
  head: number
  /** Tickets that wait, and when their own timers wake them. */
  readonly waiting: Map<number, number>
}

/** One waiter's place. */
export interface Turn {
  /** 0 before it had to wait. */
  ticket: number
  /** The number of its request, once it may go. */
  request: number
  flight?: Flight
}

export const make = (): State => ({
  limit: documentedLimit,
  remaining: firstRequests,
  resetAt: -Infinity,
  endsAt: Infinity,
  rolledAt: -Infinity,
  counted: 0,
  lost: 0,
  lostSince: 0,
  lostMark: -Infinity,
  others: 0,
  othersBefore: 0,
  blockedUntil: -Infinity,
  blockedAt: -Infinity,
  rounds: 0,
  isGuess: false,
  latency: firstLatency,
  movedAt: -Infinity,
  atOnce: firstRequests,
  refusedAtOnce: Infinity,
  together: 0,
  taken: 0,
  patience: 1,
  fellAfter: 0,
  isHeaderSeen: false,
  sent: 0,
  flights: Presence.make(),
  issued: 0,
  head: 1,
  waiting: new Map()
})

/** Whether nobody uses it now. */
export const isIdle = (state: State): boolean => state.flights.holders.size === 0 && state.waiting.size === 0

/**
 * What a new window may be tried with before its first answer: the limit may
 * have fallen to half, and other clients may have begun.
 */
const untried = (state: State): number => Math.max(Math.min(firstRequests, state.limit), Math.floor(state.limit / 2))

/** Leaves a window that has ended. */
const roll = (state: State, now: number): void => {
  if (now < state.endsAt) return
  // after a block of a guessed length one goes first
  state.remaining = state.isGuess ? 1 : untried(state)
  state.isGuess = false
  state.endsAt = Infinity
  state.rolledAt = now
  state.counted = 0
  state.lost = 0
  state.lostSince = 0
  state.othersBefore = state.others
  state.others = 0
}

/** Gives the places back of requests whose fibers are gone. The server may have counted them all the same. */
const expireRequests = (state: State, now: number): void => {
  Presence.look(state.flights, now, (flight) => {
    flight.isLost = true
    state.lostSince++
    state.counted++
  })
}

/** Notes that a request is on its way yet. */
export const hear = (state: State, { flight, request }: Turn): void => {
  if (flight === undefined) return
  Presence.hear(state.flights, request, flight)
  if (!flight.isLost) return
  // it is counted when it is settled
  flight.isLost = false
  state.counted = Math.max(0, state.counted - 1)
  state.lostSince = Math.max(0, state.lostSince - 1)
}

/** Moves the head to the first ticket that really waits. */
const advance = (state: State, now: number): void => {
  while (state.head <= state.issued) {
    const wakeAt = state.waiting.get(state.head)
    if (wakeAt !== undefined && now - wakeAt < overdueMillis) return
    state.waiting.delete(state.head)
    state.head++
  }
}

/** How many requests may be on their way together. */
const mostInFlight = (state: State, maxConcurrent: number): number => {
  const atOnce = Math.min(maxConcurrent, state.atOnce)
  const known = state.remaining - state.lost - state.lostSince
  // before an answer one is always left, or a dead network would leave nothing to try with
  const remaining = state.endsAt === Infinity ? Math.max(1, known) : known
  const others = Math.max(state.others, state.othersBefore)
  if (others === 0 || remaining <= 1) return Math.min(atOnce, remaining)
  // others go on while ours are on their way: the last ones are sent a few at a time, so that at most one comes too late
  const taken = Math.ceil(others * state.latency * 3)
  return Math.min(atOnce, Math.max(1, Math.floor(Math.min(remaining / 2, remaining - taken))))
}

/** Half of the time in which so many others are likely to be answered, unless that is long. */
const drain = (state: State, ahead: number, maxConcurrent: number): number => {
  // until something was refused, as many as may be soon are
  const together = state.patience === 1 ? maxConcurrent : Math.min(maxConcurrent, state.atOnce)
  // half a millisecond for each: who is gone is noticed by its turn alone
  return Math.min(ahead / 2, (ahead / together) * state.latency * 0.5)
}

/**
 * Lets the waiter's request go and returns 0, or returns the milliseconds after
 * which the waiter is to ask again. `random` is drawn from 0 to 1.
 */
export const ask = (
  state: State,
  turn: Turn,
  now: number,
  maxConcurrent: number,
  random: number,
  lease = leaseMillis
): number => {
  roll(state, now)
  if (turn.ticket === 0 && state.waiting.size === 0) {
    // nobody is before it
    if (now >= state.blockedUntil && state.flights.holders.size < mostInFlight(state, maxConcurrent)) {
      return go(state, turn, now, lease)
    }
    state.flights.lookedAt = now
  }
  advance(state, now)
  const isNew = turn.ticket === 0
  if (isNew) turn.ticket = ++state.issued
  // what was taken for lost and is not, has an old ticket
  const ahead = Math.max(0, turn.ticket - state.head)
  const wait = waitOf(state, now, ahead, isNew, maxConcurrent, random)
  if (wait === 0) return go(state, turn, now, lease)
  state.waiting.set(turn.ticket, now + wait)
  return wait
}

const go = (state: State, turn: Turn, now: number, lease: number): number => {
  if (turn.ticket !== 0) state.waiting.delete(turn.ticket)
  turn.request = ++state.sent
  state.movedAt = now
  turn.flight = { sentAt: now, heardAt: state.flights.watched, lease, isLost: false }
  const { holders } = state.flights
  holders.set(turn.request, turn.flight)
  if (holders.size > state.together) state.together = holders.size
  return 0
}

const waitOf = (
  state: State,
  now: number,
  ahead: number,
  isNew: boolean,
  maxConcurrent: number,
  random: number
): number => {
  const later = spread * random
  if (now < state.blockedUntil) {
    return Math.ceil(state.blockedUntil - now + later + drain(state, Math.max(0, ahead - foremost), maxConcurrent))
  }
  const { holders } = state.flights
  // who has just come has given nobody the time to be heard
  if (!isNew && holders.size >= mostInFlight(state, maxConcurrent)) expireRequests(state, now)
  const free = mostInFlight(state, maxConcurrent) - holders.size
  if (free > 0 && ahead < free + (isNew ? 0 : foremost)) return 0
  // Even if the server has counted all that is in flight, this window has no place for it. Some of those ahead may
  // have gone before the head, so those who are close stay awake until nothing remains.
  const close = state.remaining > 0 ? maxConcurrent + foremost : 0
  if (ahead >= state.remaining + close && state.endsAt !== Infinity) {
    const beyond = Math.min(ahead - state.remaining, state.limit)
    const atEnd = state.endsAt - now + later + drain(state, Math.max(0, beyond - foremost), maxConcurrent)
    // as long as something remains, those ahead may be gone
    return Math.ceil(state.remaining > 0 ? Math.min(atEnd, longestPoll + ahead / 2) : atEnd)
  }
  // the slot that it waits for comes with an answer, which wakes nobody: it looks again on a timer of its own
  const still = Math.max(state.latency, now - state.movedAt)
  const often = Math.min(longestPoll, Math.max(1, still / 8))
  const soon = often + drain(state, Math.max(0, ahead - foremost - Math.max(0, free)), maxConcurrent)
  return Math.ceil(soon * (0.75 + random / 2))
}

/** The waiter has given up. */
export const leave = (state: State, turn: Turn): void => {
  if (turn.ticket !== 0) state.waiting.delete(turn.ticket)
}

/** When a refused request may come again; `undefined` where the server does not say. */
export const resumesAt = ({ remaining, resetAt, retryAt }: RateLimitSnapshot): number | undefined =>
  // the end of a window that has requests left is no word on when the server takes more at once
  retryAt ?? (remaining ? undefined : resetAt)

/** Milliseconds from the answer to a point on the server's clock, or `undefined` where the clocks cannot be compared. */
const until = (point: number | undefined, snapshot: RateLimitSnapshot, wallNow: number): number | undefined => {
  if (point === undefined) return undefined
  const isOneClock = snapshot.date !== undefined
  const wait = point - (snapshot.date ?? wallNow)
  return wait > -longestPast(isOneClock) && (isOneClock || wait <= longestWait) ? wait : undefined
}

/** How much later than it says a point may be. */
export const slackOf = (point: number | undefined, { isRounded }: RateLimitSnapshot): number =>
  isRounded && point !== undefined && point % 1000 === 0 ? rounding : 0

/**
 * The request is over. Without a status nothing was answered and it may or may
 * not have been counted. `wallNow` is the local clock, which serves where the
 * answer has no `Date`.
 */
export const settle = (
  state: State,
  request: number,
  snapshot: RateLimitSnapshot | undefined,
  status: number | undefined,
  now: number,
  wallNow: number
): void => {
  roll(state, now)
  const { holders } = state.flights
  const sentAt = holders.get(request)?.sentAt
  holders.delete(request)
  if (snapshot === undefined || status === undefined) {
    state.lostSince++
    state.counted++
    return
  }
  if (sentAt !== undefined) {
    state.latency += (Math.min(Math.max(now - sentAt, 1), windowMillis) - state.latency) / 8
  }
  state.movedAt = now
  if (sentAt !== undefined && sentAt > state.lostMark) {
    // it was counted after those that were lost before the mark
    state.lost = state.lostSince
    state.lostSince = 0
    state.lostMark = now
  }
  if (status === 429) {
    const isNarrowed = (snapshot.remaining ?? state.remaining) > 0 && narrow(state, request)
    if (isNarrowed && snapshot.remaining !== undefined && snapshot.retryAt === undefined) {
      // fewer at once are the cure, and the server asks for no other
      learn(state, snapshot, sentAt ?? now, now, wallNow)
    } else {
      throttle(state, snapshot, sentAt ?? now, now, wallNow)
    }
    return
  }
  if ((sentAt ?? now) > state.blockedAt && now >= state.blockedUntil) state.rounds = 0
  widen(state, request)
  learn(state, snapshot, sentAt ?? now, now, wallNow)
}

/** Lets so many be on their way together from now on. */
const change = (state: State, atOnce: number): void => {
  state.atOnce = atOnce
  state.together = 0
  state.taken = 0
}

/**
 * The server took fewer at once: half of them, or where one more was tried, one
 * less. Those that were on their way by then are refused for the same reason
 * and change nothing. `false` where one alone was refused.
 */
const narrow = (state: State, request: number): boolean => {
  if (request <= state.fellAfter) return true
  const refused = Math.min(state.atOnce, state.together)
  if (refused <= 1) return false
  const isTrial = refused >= state.refusedAtOnce
  state.refusedAtOnce = refused
  state.patience = Math.min(state.patience * 2, mostPatience)
  state.fellAfter = state.sent
  change(state, isTrial ? refused - 1 : Math.floor(refused / 2))
  return true
}

/** Answers that were not refused let more go at once: twice as many until the first refusal, later one more at a time. */
const widen = (state: State, request: number): void => {
  if (state.together < state.atOnce || request <= state.fellAfter) return
  const isBelow = state.atOnce + 1 < state.refusedAtOnce
  if (++state.taken < state.atOnce * (isBelow ? Math.min(leastPatience, state.patience) : state.patience)) return
  if (state.atOnce >= state.refusedAtOnce) {
    state.refusedAtOnce = Infinity
    state.patience = leastPatience
  }
  change(state, state.patience === 1 ? state.atOnce * 2 : state.atOnce + 1)
}

/** Holds everything back until the server allows it again. */
const throttle = (
  state: State,
  snapshot: RateLimitSnapshot,
  sentAt: number,
  now: number,
  wallNow: number
): void => {
  const point = resumesAt(snapshot)
  const told = until(point, snapshot, wallNow)
  const isNewRound = sentAt > state.blockedAt
  // those that were on their way together are one round
  if (isNewRound) state.rounds++
  // a point that has just passed is taken at its word once
  const named = told !== undefined && (told > 0 || state.rounds <= 1)
    ? Math.min(Math.max(0, told) + slackOf(point, snapshot), longestWait) + guard
    : undefined
  const wait = named ?? Math.min(windowMillis, 1000 * 2 ** (Math.max(1, state.rounds) - 1))
  state.isGuess = named === undefined
  if (isNewRound) state.blockedAt = now
  state.blockedUntil = Math.max(state.blockedUntil, now + wait)
  if (snapshot.limit !== undefined) state.limit = snapshot.limit
  // what is left is not known until an answer after the block says it
  state.remaining = 0
  state.endsAt = state.blockedUntil
  if (snapshot.resetAt !== undefined) state.resetAt = Math.max(state.resetAt, snapshot.resetAt)
}

/** Begins a window that is known from its answer; requests that were lost before it stay counted. */
const open = (state: State, remaining: number, endsAt: number): void => {
  if (state.endsAt !== Infinity) {
    state.counted = 0
    state.othersBefore = state.others
  }
  state.remaining = remaining
  state.endsAt = endsAt
  state.counted++
  state.others = 0
}

/**
 * Milliseconds from the answer to the end of its window, never too short. A
 * rounded point is up to two seconds off together with what `Date` leaves out;
 * but whoever is counted in a window of a minute is at most a minute before its
 * end.
 */
const endOf = (told: number, slack: number): number =>
  slack === 0 || told > windowMillis + 2 * rounding ? told + slack : Math.min(told + slack, windowMillis)

/** Takes what an answer says of the window that it was counted in. */
const learn = (
  state: State,
  snapshot: RateLimitSnapshot,
  sentAt: number,
  now: number,
  wallNow: number
): void => {
  const { limit, remaining } = snapshot
  if (remaining === undefined) {
    if (state.endsAt !== Infinity) {
      state.remaining--
      state.counted++
    } else if (!state.isHeaderSeen) {
      // the headers are hidden: the documented limit, counted from the first answer, since the window began before it
      open(state, documentedLimit - 1, now + windowMillis + guard)
    }
    return
  }
  state.isHeaderSeen = true
  const told = until(snapshot.resetAt, snapshot, wallNow)
  const resetAt = told === undefined || told <= 0 || told > longestWait ? undefined : snapshot.resetAt
  // a window that is over, and had nothing left: what is left of the next one is asked soon, by one request
  const isOver = told !== undefined && told <= 0 && remaining === 0
  if (isOver && sentAt < state.rolledAt) return
  const wait = resetAt === undefined || told === undefined
    ? isOver ? rounding : windowMillis
    : endOf(told, slackOf(resetAt, snapshot))
  const endsAt = now + wait + guard
  const isOpen = state.endsAt !== Infinity
  const isSame = resetAt === undefined || Math.abs(resetAt - state.resetAt) <= sameWindow
  if (isSame && isOpen) {
    if (limit !== undefined && limit > state.limit) state.remaining += limit - state.limit
    // answers overtake each other, and the least was said last
    state.remaining = Math.min(state.remaining, remaining)
    // each answer's difference is too long by what its Date leaves out and by its way here: the shortest is nearest
    if (isOver && endsAt < state.endsAt) state.isGuess = true
    state.endsAt = Math.min(state.endsAt, endsAt)
    state.counted++
  } else if (isSame && resetAt !== undefined && sentAt < state.rolledAt) {
    // of the window that has ended meanwhile
    return
  } else if (resetAt !== undefined && resetAt < state.resetAt - sameWindow && isOpen) {
    // of an earlier window
    return
  } else {
    const isKnown = isSame && resetAt !== undefined
    open(state, remaining, endsAt)
    if (isOver) state.isGuess = true
    // a window that goes on although it seemed to be over: what was counted in it is not known any more
    if (isKnown) state.counted = Infinity
    if (resetAt !== undefined) state.resetAt = resetAt
  }
  if (limit !== undefined) state.limit = limit
  const taken = state.limit - remaining - state.counted - state.flights.holders.size
  if (taken > 0) {
    const elapsed = Math.max(1000, windowMillis - (state.endsAt - now))
    state.others = Math.max(state.others, taken / elapsed)
  }
}
