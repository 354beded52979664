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

/** One waiter's place. */
export interface Turn {
  /** 0 before it had to wait. */
  ticket: number
  /** The number of its request, once it may go. */
  request: number
  flight?: Flight
}

/** What a budget knows of one account. */
export interface State {
  /** Requests on their way, by their numbers. */
  readonly flights: Presence.Presence<Flight, number>
  /** Tickets that wait, and when their own timers wake them. */
  readonly waiting: ReadonlyMap<number, number>
  /** Whether nobody uses it now. */
  readonly isIdle: () => boolean
  /**
   * Lets the waiter's request go and returns 0, or returns the milliseconds after
   * which the waiter is to ask again. `random` is drawn from 0 to 1.
   */
  readonly ask: (turn: Turn, now: number, maxConcurrent: number, random: number, lease?: number) => number
  /** Notes that a request is on its way yet. */
  readonly hear: (turn: Turn) => void
  /** The waiter has given up. */
  readonly leave: (turn: Turn) => void
  /**
   * The request is over. Without a status nothing was answered and it may or may
   * not have been counted. `wallNow` is the local clock, which serves where the
   * answer has no `Date`.
   */
  readonly settle: (
    request: number,
    snapshot: RateLimitSnapshot | undefined,
    status: number | undefined,
    now: number,
    wallNow: number
  ) => void
  /** Own requests of this window that were answered or lost, and those of other clients a millisecond. */
  readonly counts: () => readonly [own: number, others: number]
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
 * Milliseconds from the answer to the end of its window, never too short. A
 * rounded point is up to two seconds off together with what `Date` leaves out;
 * but whoever is counted in a window of a minute is at most a minute before its
 * end.
 */
const endOf = (told: number, slack: number): number =>
  slack === 0 || told > windowMillis + 2 * rounding ? told + slack : Math.min(told + slack, windowMillis)

/** Its variables are its own, and their names cost a bundle nothing. */
export const make = (): State => {
  let limit = documentedLimit
  /** What the server has left in this window, those in flight not subtracted; before its first answer, what may be tried. */
  let remaining = firstRequests
  /** The end of the last known window on the server's clock, which names the window. */
  let resetAt = -Infinity
  /** The end of this window; infinite before its first answer. */
  let endsAt = Infinity
  /** When the last window ended. */
  let rolledAt = -Infinity
  /** Own requests of this window that were answered or lost. */
  let counted = 0
  /** Requests without an answer, which may have been counted after the answer that `remaining` comes from. */
  let lost = 0
  /** Those of them that were lost since `lostMark`. */
  let lostSince = 0
  let lostMark = -Infinity
  /** Requests of other clients a millisecond, in this window and in the one before it. */
  let others = 0
  let othersBefore = 0
  let blockedUntil = -Infinity
  let blockedAt = -Infinity
  /** Rounds of 429 in a row. */
  let rounds = 0
  /** Whether the server named no end for the last block. */
  let isGuess = false
  /** From sending to the headers of the answer, on the average of late; a guess before the first. */
  let latency = firstLatency
  /** When a request last went or was answered. */
  let movedAt = -Infinity
  /** Requests that the server is likely to take at once. */
  let atOnce = firstRequests
  /** So many at once were refused last; infinite where that is not known, or known to be over. */
  let refusedAtOnce = Infinity
  /** Most requests that were on their way together since `atOnce` changed. */
  let together = 0
  /** Answers since they were as many as may be, without a refusal. */
  let taken = 0
  /** Rounds of answers before as many as were refused are tried again; 1 before the first refusal. */
  let patience = 1
  /** The last request that went before `atOnce` fell: those until then are refused for the same reason. */
  let fellAfter = 0
  let isHeaderSeen = false
  let sent = 0
  /** Requests on their way, by their numbers. */
  const flights = Presence.make<Flight, number>()
  let issued = 0
  /** No ticket below it waits. */
  let head = 1
  /** Tickets that wait, and when their own timers wake them. */
  const waiting = new Map<number, number>()

  /** Whether nobody uses it now. */
  const isIdle = (): boolean => flights.holders.size === 0 && waiting.size === 0

  /**
   * What a new window may be tried with before its first answer: the limit may
   * have fallen to half, and other clients may have begun.
   */
  const untried = (): number => Math.max(Math.min(firstRequests, limit), Math.floor(limit / 2))

  /** Leaves a window that has ended. */
  const roll = (now: number): void => {
    if (now < endsAt) return
    // after a block of a guessed length one goes first
    remaining = isGuess ? 1 : untried()
    isGuess = false
    endsAt = Infinity
    rolledAt = now
    counted = 0
    lost = 0
    lostSince = 0
    othersBefore = others
    others = 0
  }

  /** Gives the places back of requests whose fibers are gone. The server may have counted them all the same. */
  const expireRequests = (now: number): void => {
    Presence.look(flights, now, (flight) => {
      flight.isLost = true
      lostSince++
      counted++
    })
  }

  /** Notes that a request is on its way yet. */
  const hear = ({ flight, request }: Turn): void => {
    if (flight === undefined) return
    Presence.hear(flights, request, flight)
    if (!flight.isLost) return
    // it is counted when it is settled
    flight.isLost = false
    counted = Math.max(0, counted - 1)
    lostSince = Math.max(0, lostSince - 1)
  }

  /** Moves the head to the first ticket that really waits. */
  const advance = (now: number): void => {
    while (head <= issued) {
      const wakeAt = waiting.get(head)
      if (wakeAt !== undefined && now - wakeAt < overdueMillis) return
      waiting.delete(head)
      head++
    }
  }

  /** How many requests may be on their way together. */
  const mostInFlight = (maxConcurrent: number): number => {
    const allowed = Math.min(maxConcurrent, atOnce)
    const known = remaining - lost - lostSince
    // before an answer one is always left, or a dead network would leave nothing to try with
    const left = endsAt === Infinity ? Math.max(1, known) : known
    const busy = Math.max(others, othersBefore)
    if (busy === 0 || left <= 1) return Math.min(allowed, left)
    // others go on while ours are on their way: the last ones are sent a few at a time, so that at most one comes too late
    const taken = Math.ceil(busy * latency * 3)
    return Math.min(allowed, Math.max(1, Math.floor(Math.min(left / 2, left - taken))))
  }

  /** Half of the time in which so many others are likely to be answered, unless that is long. */
  const drain = (ahead: number, maxConcurrent: number): number => {
    // until something was refused, as many as may be soon are
    const atATime = patience === 1 ? maxConcurrent : Math.min(maxConcurrent, atOnce)
    // a millisecond for each: who is gone is noticed by its turn alone
    return Math.min(ahead, (ahead / atATime) * latency * 0.5)
  }

  /**
   * Lets the waiter's request go and returns 0, or returns the milliseconds after
   * which the waiter is to ask again. `random` is drawn from 0 to 1.
   */
  const ask = (
    turn: Turn,
    now: number,
    maxConcurrent: number,
    random: number,
    lease = leaseMillis
  ): number => {
    roll(now)
    if (turn.ticket === 0 && waiting.size === 0) {
      // nobody is before it
      if (now >= blockedUntil && flights.holders.size < mostInFlight(maxConcurrent)) {
        return go(turn, now, lease)
      }
      flights.lookedAt = now
    }
    advance(now)
    const isNew = turn.ticket === 0
    if (isNew) turn.ticket = ++issued
    // what was taken for lost and is not, has an old ticket
    const ahead = Math.max(0, turn.ticket - head)
    const wait = waitOf(now, ahead, isNew, maxConcurrent, random)
    if (wait === 0) return go(turn, now, lease)
    waiting.set(turn.ticket, now + wait)
    return wait
  }

  const go = (turn: Turn, now: number, lease: number): number => {
    if (turn.ticket !== 0) waiting.delete(turn.ticket)
    turn.request = ++sent
    movedAt = now
    turn.flight = { sentAt: now, heardAt: flights.watched, lease, isLost: false }
    const { holders } = flights
    holders.set(turn.request, turn.flight)
    if (holders.size > together) together = holders.size
    return 0
  }

  const waitOf = (
    now: number,
    ahead: number,
    isNew: boolean,
    maxConcurrent: number,
    random: number
  ): number => {
    const later = spread * random
    if (now < blockedUntil) {
      return Math.ceil(blockedUntil - now + later + drain(Math.max(0, ahead - foremost), maxConcurrent))
    }
    const { holders } = flights
    // who has just come has given nobody the time to be heard
    if (!isNew && holders.size >= mostInFlight(maxConcurrent)) expireRequests(now)
    const free = mostInFlight(maxConcurrent) - holders.size
    if (free > 0 && ahead < free + (isNew ? 0 : foremost)) return 0
    // Even if the server has counted all that is in flight, this window has no place for it. Some of those ahead may
    // have gone before the head, so those who are close stay awake until nothing remains.
    const close = remaining > 0 ? maxConcurrent + foremost : 0
    if (ahead >= remaining + close && endsAt !== Infinity) {
      const beyond = Math.min(ahead - remaining, limit)
      const atEnd = endsAt - now + later + drain(Math.max(0, beyond - foremost), maxConcurrent)
      // as long as something remains, those ahead may be gone
      return Math.ceil(remaining > 0 ? Math.min(atEnd, longestPoll + ahead) : atEnd)
    }
    // the slot that it waits for comes with an answer, which wakes nobody: it looks again on a timer of its own
    const still = Math.max(latency, now - movedAt)
    const often = Math.min(longestPoll, Math.max(1, still / 8))
    const soon = often + drain(Math.max(0, ahead - foremost - Math.max(0, free)), maxConcurrent)
    return Math.ceil(soon * (0.75 + random / 2))
  }

  /** The waiter has given up. */
  const leave = (turn: Turn): void => {
    if (turn.ticket !== 0) waiting.delete(turn.ticket)
  }

  /**
   * The request is over. Without a status nothing was answered and it may or may
   * not have been counted. `wallNow` is the local clock, which serves where the
   * answer has no `Date`.
   */
  const settle = (
    request: number,
    snapshot: RateLimitSnapshot | undefined,
    status: number | undefined,
    now: number,
    wallNow: number
  ): void => {
    roll(now)
    const { holders } = flights
    const sentAt = holders.get(request)?.sentAt
    holders.delete(request)
    if (snapshot === undefined || status === undefined) {
      lostSince++
      counted++
      return
    }
    if (sentAt !== undefined) {
      latency += (Math.min(Math.max(now - sentAt, 1), windowMillis) - latency) / 8
    }
    movedAt = now
    if (sentAt !== undefined && sentAt > lostMark) {
      // it was counted after those that were lost before the mark
      lost = lostSince
      lostSince = 0
      lostMark = now
    }
    if (status === 429) {
      const isNarrowed = (snapshot.remaining ?? remaining) > 0 && narrow(request)
      if (isNarrowed && snapshot.remaining !== undefined && snapshot.retryAt === undefined) {
        // fewer at once are the cure, and the server asks for no other
        learn(snapshot, sentAt ?? now, now, wallNow)
      } else {
        throttle(snapshot, sentAt ?? now, now, wallNow)
      }
      return
    }
    if ((sentAt ?? now) > blockedAt && now >= blockedUntil) rounds = 0
    widen(request)
    learn(snapshot, sentAt ?? now, now, wallNow)
  }

  /** Lets so many be on their way together from now on. */
  const change = (many: number): void => {
    atOnce = many
    together = 0
    taken = 0
  }

  /**
   * The server took fewer at once: half of them, or where one more was tried, one
   * less. Those that were on their way by then are refused for the same reason
   * and change nothing. `false` where one alone was refused.
   */
  const narrow = (request: number): boolean => {
    if (request <= fellAfter) return true
    const refused = Math.min(atOnce, together)
    if (refused <= 1) return false
    const isTrial = refused >= refusedAtOnce
    refusedAtOnce = refused
    patience = Math.min(patience * 2, mostPatience)
    fellAfter = sent
    change(isTrial ? refused - 1 : Math.floor(refused / 2))
    return true
  }

  /** Answers that were not refused let more go at once: twice as many until the first refusal, later one more at a time. */
  const widen = (request: number): void => {
    if (together < atOnce || request <= fellAfter) return
    const isBelow = atOnce + 1 < refusedAtOnce
    if (++taken < atOnce * (isBelow ? Math.min(leastPatience, patience) : patience)) return
    if (atOnce >= refusedAtOnce) {
      refusedAtOnce = Infinity
      patience = leastPatience
    }
    change(patience === 1 ? atOnce * 2 : atOnce + 1)
  }

  /** Holds everything back until the server allows it again. */
  const throttle = (
    snapshot: RateLimitSnapshot,
    sentAt: number,
    now: number,
    wallNow: number
  ): void => {
    const point = resumesAt(snapshot)
    const told = until(point, snapshot, wallNow)
    const isNewRound = sentAt > blockedAt
    // those that were on their way together are one round
    if (isNewRound) rounds++
    // a point that has just passed is taken at its word once
    const named = told !== undefined && (told > 0 || rounds <= 1)
      ? Math.min(Math.max(0, told) + slackOf(point, snapshot), longestWait) + guard
      : undefined
    const wait = named ?? Math.min(windowMillis, 1000 * 2 ** (Math.max(1, rounds) - 1))
    isGuess = named === undefined
    if (isNewRound) blockedAt = now
    blockedUntil = Math.max(blockedUntil, now + wait)
    if (snapshot.limit !== undefined) limit = snapshot.limit
    // what is left is not known until an answer after the block says it
    remaining = 0
    endsAt = blockedUntil
    if (snapshot.resetAt !== undefined) resetAt = Math.max(resetAt, snapshot.resetAt)
  }

  /** Begins a window that is known from its answer; requests that were lost before it stay counted. */
  const open = (left: number, end: number): void => {
    if (endsAt !== Infinity) {
      counted = 0
      othersBefore = others
    }
    remaining = left
    endsAt = end
    counted++
    others = 0
  }

  /** Takes what an answer says of the window that it was counted in. */
  const learn = (
    snapshot: RateLimitSnapshot,
    sentAt: number,
    now: number,
    wallNow: number
  ): void => {
    const { limit: most, remaining: left } = snapshot
    if (left === undefined) {
      if (endsAt !== Infinity) {
        remaining--
        counted++
      } else if (!isHeaderSeen) {
        // the headers are hidden: the documented limit, counted from the first answer, since the window began before it
        open(documentedLimit - 1, now + windowMillis + guard)
      }
      return
    }
    isHeaderSeen = true
    const told = until(snapshot.resetAt, snapshot, wallNow)
    const point = told === undefined || told <= 0 || told > longestWait ? undefined : snapshot.resetAt
    // a window that is over, and had nothing left: what is left of the next one is asked soon, by one request
    const isOver = told !== undefined && told <= 0 && left === 0
    if (isOver && sentAt < rolledAt) return
    const wait = point === undefined || told === undefined
      ? isOver ? rounding : windowMillis
      : endOf(told, slackOf(point, snapshot))
    const end = now + wait + guard
    const isOpen = endsAt !== Infinity
    const isSame = point === undefined || Math.abs(point - resetAt) <= sameWindow
    if (isSame && isOpen) {
      if (most !== undefined && most > limit) remaining += most - limit
      // answers overtake each other, and the least was said last
      remaining = Math.min(remaining, left)
      // each answer's difference is too long by what its Date leaves out and by its way here: the shortest is nearest
      if (isOver && end < endsAt) isGuess = true
      endsAt = Math.min(endsAt, end)
      counted++
    } else if (isSame && point !== undefined && sentAt < rolledAt) {
      // of the window that has ended meanwhile
      return
    } else if (point !== undefined && point < resetAt - sameWindow && isOpen) {
      // of an earlier window
      return
    } else {
      const isKnown = isSame && point !== undefined
      open(left, end)
      if (isOver) isGuess = true
      // a window that goes on although it seemed to be over: what was counted in it is not known any more
      if (isKnown) counted = Infinity
      if (point !== undefined) resetAt = point
    }
    if (most !== undefined) limit = most
    const missing = limit - left - counted - flights.holders.size
    if (missing > 0) {
      const elapsed = Math.max(1000, windowMillis - (endsAt - now))
      others = Math.max(others, missing / elapsed)
    }
  }

  return { flights, waiting, isIdle, ask, hear, leave, settle, counts: () => [counted, others] }
}
