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

/** The text with each run of `_` as one, none at its ends: programs differ in whether they join and trim them. */
const plain = (text: string): string => trimmed(separated(text, /_+/g))

/** What programs write for a name, by what their `\W` is. */
const written = (between: RegExp) => (name: string): string => plain(separated(name, between).toLowerCase())

const asWritten = (text: string): string => plain(text.toLowerCase())

/**
 * What a text and a name are held to, from what tells most names apart to what
 * tells least. Those that programs write leave out marks, or all letters beyond
 * ASCII, so that names that are two may be one: there the text has to be what is
 * written for the name, and nothing of its own is left out.
 */
const forms: ReadonlyArray<readonly [ofText: (text: string) => string, ofName: (name: string) => string]> = [
  [(text) => text.normalize("NFC"), (name) => name.normalize("NFC")],
  [nameKey, nameKey],
  [asWritten, written(/[^\p{L}\p{M}\p{N}_]+/gu)],
  [asWritten, written(/[^\p{L}\p{N}_]+/gu)],
  [asWritten, normalizeName]
]

/**
 * What a text finds among named things, as a server looks: the very name before
 * any other spelling of it, with the letters beyond ASCII before without them.
 *
 * **Details**
 *
 * A name is found by both normal forms that clients make of it: `Straße/№ 7` by
 * `straße_7` and by `stra_e_7`. A text that has letters beyond ASCII itself
 * finds no name that has others: `東京` is not `大阪`. `nearest` leaves out the
 * forms without marks and letters beyond ASCII.
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
  for (const [ofText, ofName] of options?.nearest === true ? forms.slice(0, 2) : forms) {
    const wanted = ofText(text)
    const found = candidates.find((candidate) => ofName(nameOf(candidate)) === wanted)
    if (found !== undefined) return found
  }
  return undefined
}
