/**
 * Guesses what a misspelt name was meant to be.
 *
 * @since 0.1.0
 */

/** Changes of single letters between two texts, or `limit` if there are more. */
export const distance = (left: string, right: string, limit: number): number => {
  if (Math.abs(left.length - right.length) >= limit) return limit
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i++) {
    const next = [i]
    for (let j = 1; j <= right.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (left[i - 1] === right[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return Math.min(row[right.length]!, limit)
}

/** `; did you mean species?`, or nothing. */
export const suggest = (name: string, known: Iterable<string>): string => {
  if (name.length > 100) return ""
  let best: string | undefined
  let least = Math.floor(name.length / 4) + 2
  for (const candidate of known) {
    const changes = distance(name.toLowerCase(), candidate.toLowerCase(), least)
    if (changes < least) {
      least = changes
      best = candidate
    }
  }
  return best === undefined ? "" : `; did you mean ${best}?`
}
