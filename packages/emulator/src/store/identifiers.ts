/**
 * Names in SQL, names in references, and ids.
 *
 * @since 0.1.0
 */
import { Reference } from "@effect-redivis/core/Contract"
import { createHash, randomBytes, randomInt } from "node:crypto"

/**
 * The form in which references write names of datasets, workflows, tables and
 * uploads, and by which most of them are found.
 */
export const normalName = Reference.normalizeName

/** The same for all names that are one; two names of another script than ours stay two. */
export const nameKey = Reference.nameKey

/** Whether one of them has this name already. */
export const isTaken = (name: string, others: ReadonlyArray<{ readonly name: string }>): boolean =>
  others.some((other) => nameKey(other.name) === nameKey(name))

/** Variables compare without regard to case, and in nothing else. */
export const variableKey = (name: string): string => name.toLowerCase()

export const quoteName = (name: string): string => `"${name.replaceAll("\"", "\"\"")}"`

/** A name, quoted, which none of these columns has. */
export const unusedName = (columns: ReadonlyArray<{ readonly name: string }>): string =>
  quoteName("_".repeat(1 + columns.reduce((longest, { name }) => Math.max(longest, name.length), 0)))

/** A text in SQL. A statement ends at a zero, which is therefore no part of it. */
export const quoteText = (text: string): string =>
  text.includes("\0")
    ? `(${text.split("\0").map(quoteText).join(" || chr(0) || ")})`
    : `'${text.replaceAll("'", "''")}'`

/** A resource's id, which nobody can guess. */
export const makeId = (): string => randomBytes(12).toString("hex")

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"

/** Four characters that no reference takes for a version. */
export const makeReferenceId = (isTaken: (id: string) => boolean): string => {
  for (;;) {
    const id = Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join("")
    if (id !== "next" && !isTaken(id)) return id
  }
}

/** Whether a text is like the ids that the service gives: one that is not known is then an id of nothing. */
export const isLikeReferenceId = (text: string): boolean => /^[a-z0-9]{4}$/i.test(text)

/** No letter that could be taken for a digit, as in the service's own ids. */
const idAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"

/** The id of what has a reference id: that, a dash, and nine characters. */
export const makeResourceId = (referenceId: string): string =>
  `${referenceId.toLowerCase()}-${Array.from({ length: 9 }, () => idAlphabet[randomInt(idAlphabet.length)]).join("")}`

export const isReferenceId = (id: string): boolean =>
  /^\w+$/.test(id) && !/^(next|current|sample|v\d+[._]\d+)$/i.test(id)

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

export const md5 = (text: string): string => createHash("md5").update(text).digest("hex")
