/**
 * Who holds what only its own fiber gives back. A worker's fibers end without a
 * word when their request does, so each holder says now and then that it is
 * there, by a timer of its own, and who wants what it holds listens. What counts
 * is the time in which somebody listened: while a program computes nobody can be
 * heard, and the first to wake afterwards must not take the others for gone.
 */

/** How often a holder says that it is there, in milliseconds: what is over before costs nothing. */
export const beatMillis = 400

/** A holder that is not heard for so long has lost its fiber. */
export const silenceMillis = 1250

/** What one look counts at most, and so how often to look. */
export const lookMillis = 250

export interface Holder {
  /** When it was heard last, of the time that counts. */
  heardAt: number
  /** How long it may be silent. */
  readonly lease: number
}

export interface Presence<H extends Holder = Holder, Key = object> {
  readonly holders: Map<Key, H>
  /** Milliseconds in which somebody listened. */
  watched: number
  lookedAt: number
}

export const make = <H extends Holder, Key>(): Presence<H, Key> => ({
  holders: new Map(),
  watched: 0,
  lookedAt: -Infinity
})

/** Notes that a holder is there; one that was taken for gone holds its place again. */
export const hear = <H extends Holder, Key>({ holders, watched }: Presence<H, Key>, key: Key, holder: H): void => {
  holder.heardAt = watched
  holders.set(key, holder)
}

/** Lets those go who are not there any more. To be called by who has slept since it came. */
export const look = <H extends Holder, Key>(
  presence: Presence<H, Key>,
  now: number,
  onGone?: (holder: H) => void
): void => {
  const { holders, lookedAt } = presence
  // a clock that goes back says nothing of how long it was
  presence.watched += Math.min(Math.max(0, now - lookedAt), lookMillis)
  presence.lookedAt = now
  for (const [key, holder] of holders) {
    if (presence.watched - holder.heardAt >= holder.lease) {
      holders.delete(key)
      onGone?.(holder)
    }
  }
}
