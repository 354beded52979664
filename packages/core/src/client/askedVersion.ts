/** Which version a request names, and whether its answer is of another one. */

const normal = (tag: string): string => tag.toLowerCase().replace("_", ".")

/** The tag of a released version in a reference, or in a path of an answer; nothing where it names none. */
export const tagIn = (text: unknown): string | undefined => {
  const found = typeof text === "string" ? /(?::|%3a)(v\d+[._]\d+)(?![^:.%/])/i.exec(text)?.[1] : undefined
  return found === undefined ? undefined : normal(found)
}

/**
 * The tag that a request asks for. `current` moves, and how references of a
 * draft are written is not known, so neither is compared in a reference.
 */
export const askedTag = (params: Readonly<Record<string, string>> | undefined): string | undefined => {
  const { dataset, table, tag } = params ?? {}
  if (tag === undefined) return tagIn(dataset ?? table)
  return normal(tag) === "current" ? undefined : normal(tag)
}

/** What an answer may tell its version by. */
interface Telling {
  readonly tag?: unknown
  readonly version?: { readonly tag?: unknown } | null
  readonly qualifiedReference?: unknown
  readonly uri?: unknown
}

/**
 * The tag of an answer, or of the first item of a listing, that is not the one
 * which was asked for; nothing where it is, or where none is told.
 */
export const otherTag = (asked: string | undefined, answer: unknown): string | undefined => {
  if (asked === undefined) return undefined
  // nothing is taken for granted of what it holds
  const { results } = Object(answer) as { readonly results?: unknown }
  const telling: Telling = Object(Array.isArray(results) ? results[0] : answer)
  const tag = telling.tag ?? telling.version?.tag
  const told = typeof tag === "string" ? normal(tag) : tagIn(telling.qualifiedReference) ?? tagIn(telling.uri)
  return told === asked ? undefined : told
}
