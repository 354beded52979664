/** Which version a request names, and whether its answer is of another one. */

/** The released version in a reference, or in a path of an answer, as `1.0`; nothing where it names none. */
export const versionIn = (text: string): string | undefined => {
  const [, major, minor] = /:v(\d+)[._](\d+)\b/i.exec(text) ?? []
  return major === undefined ? undefined : `${Number(major)}.${Number(minor)}`
}

/** What an answer, or the items of a listing, may tell their version by. */
interface Telling {
  readonly version?: { readonly tag?: string } | null
  readonly qualifiedReference?: string
  readonly uri?: string
  readonly results?: ReadonlyArray<Telling | null> | null
}

/**
 * The version of an answer that is not the one which was asked for; nothing
 * where it is, or where none is told.
 */
export const otherVersion = (asked: string | undefined, answer: unknown): string | undefined => {
  if (!asked) return undefined
  // what is taken for granted of it here may be of any type
  const one = (answer as Telling | null)?.results?.[0] ?? (answer as Telling | null)
  const texts = [one?.version?.tag, one?.qualifiedReference, one?.uri].filter((text) => typeof text === "string")
  const told = versionIn(`:${texts.join("/")}`)
  return told && asked !== told ? `the version v${told}` : undefined
}
