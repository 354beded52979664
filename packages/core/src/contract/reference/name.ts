/** The forms in which names of datasets, workflows, tables and uploads compare. */

const separated = (name: string, between: RegExp): string => name.replace(between, "_")

/** Without the `_` at its ends; nothing at all is one `_`. Runs are one `_` already. */
const trimmed = (text: string): string => text.replace(/^_|_$/g, "") || "_"

/**
 * A name as references of the service write it: lower case, each run of
 * characters other than letters a to z and digits one `_`, none at its ends.
 *
 * **Details**
 *
 * Underscores belong to the runs, so that a name, what a constructor writes for
 * it and what the service prints have one normal form: `St. Louis (MO)` and
 * `St_ Louis (MO)` are `st_louis_mo`. Letters beyond ASCII are in the runs too:
 * `Été` is `t`. Of a name without any letter a to z or digit one `_` is left,
 * as of all names in Chinese: {@link nameKey} tells those apart.
 *
 * @category equality
 * @since 0.1.0
 */
export const normalizeName = (name: string): string => trimmed(separated(name, /[\W_]+/g).toLowerCase())

const lettersOf = (name: string, between: RegExp): string =>
  // a letter in lower case may come with a mark that it had not before, as that of İ does
  trimmed(separated(separated(name, between).toLowerCase(), between))

/**
 * A name in the form that tells names of all scripts apart: as
 * {@link normalizeName}, with the letters, marks and digits beyond ASCII kept.
 *
 * **Details**
 *
 * Which letters beyond ASCII the service compares is not known, so two names
 * are taken for one where this form is the same, and only there: `Größe (cm)`
 * and `grösse cm` are two, as are `日本` and `中国`. A name in ASCII has the same
 * form in both.
 *
 * @category equality
 * @since 0.1.0
 */
export const nameKey = (name: string): string =>
  lettersOf(name.normalize("NFC"), /[^\p{L}\p{M}\p{N}]+/gu).normalize("NFC")

/**
 * The same name: character by character, whether a letter and its mark are
 * written as one character or as two.
 *
 * @category equality
 * @since 0.1.0
 */
export const isSameName = (self: string, that: string): boolean => self.normalize("NFC") === that.normalize("NFC")

/**
 * Whether a text names what is called `name`: it is that name in any spelling
 * that {@link nameKey} takes as one, or what references of the service write
 * for it.
 *
 * @category equality
 * @since 0.1.0
 */
export const isNamed = (text: string, name: string): boolean =>
  nameKey(text) === nameKey(name) || text === normalizeName(name)

/**
 * Whether a text in a reference stands for this very name: as a constructor
 * writes it, or as the service does.
 */
export const isWritten = (text: string, name: string): boolean =>
  isSameName(text, name.replace(/[.:`]/g, "_")) || text === normalizeName(name)

/**
 * The forms that servers and clients make of a name, from the one that tells
 * most apart to the one that tells least: programs whose `\w` knows all scripts
 * write the letters of a name and leave out its marks, others leave out both.
 */
const forms: ReadonlyArray<(name: string) => string> = [
  (name) => name.normalize("NFC"),
  nameKey,
  (name) => lettersOf(name, /[^\p{L}\p{N}]+/gu),
  normalizeName
]

/**
 * What a text finds among named things, as a server looks: the very name before
 * any other spelling of it, with the letters beyond ASCII before without them.
 *
 * **Details**
 *
 * A name is found by both normal forms that clients make of it: `Straße/№ 7` by
 * `straße_7` and by `stra_e_7`. `nearest` leaves out the forms without marks
 * and letters beyond ASCII, in which names that are two may be one.
 *
 * @category equality
 * @since 0.1.0
 */
export const findNamed = <A>(
  text: string,
  candidates: ReadonlyArray<A>,
  nameOf: (candidate: A) => string,
  options?: { readonly nearest?: boolean | undefined }
): A | undefined => {
  for (const form of options?.nearest === true ? forms.slice(0, 2) : forms) {
    const wanted = form(text)
    const found = candidates.find((candidate) => form(nameOf(candidate)) === wanted)
    if (found !== undefined) return found
  }
  return undefined
}
