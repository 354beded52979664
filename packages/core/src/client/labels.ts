/** Labels, which the API only sets all at once: what is added or taken away goes by the labels that are there. */

/** As the official clients write them, which compare without case. */
const keyOf = (label: string): string => label.toLowerCase()

/** All labels with these beside them; nothing where that changes nothing. */
export const withLabels = (
  known: ReadonlyArray<string>,
  added: ReadonlyArray<string>
): ReadonlyArray<string> | undefined => {
  const keys = new Set(known.map(keyOf))
  const fresh = [...new Set(added.map(keyOf))].filter((key) => !keys.has(key))
  return fresh.length === 0 ? undefined : [...known, ...fresh]
}

/** All labels but these; nothing where that changes nothing. */
export const withoutLabels = (
  known: ReadonlyArray<string>,
  removed: ReadonlyArray<string>
): ReadonlyArray<string> | undefined => {
  const keys = new Set(removed.map(keyOf))
  const left = known.filter((label) => !keys.has(keyOf(label)))
  return left.length === known.length ? undefined : left
}
