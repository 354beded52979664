/** Names of tables and variables as TypeScript has them. */

const plain = /^[A-Za-z_$][\w$]*$/

/** A key of an object literal. `"__proto__"` as any other would set the prototype. */
export const keyOf = (name: string): string =>
  name === "__proto__" ? "[\"__proto__\"]" : plain.test(name) ? name : JSON.stringify(name)

/**
 * Letters of identifiers that compilers of any age know: Latin, the basic ones of Greek and Cyrillic, kana, Han and
 * Hangul.
 */
const otherThanLetters = /[^0-9A-Za-zÀ-ÖØ-öø-ſα-ωΑ-ΡΣ-ΩА-я\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fa5\uac00-\ud7a3]+/

/** What a module has already, or what means something else to those who read it. */
const taken = ["Schema", "Temporal", "NaN", "Infinity"]

const capitalised = (word: string): string => {
  const [first = "", ...rest] = word
  return first.toUpperCase() + rest.join("")
}

const words = (name: string): ReadonlyArray<string> => name.normalize("NFC").split(otherThanLetters)

/** An identifier in PascalCase for each table, no two the same. */
export const identifiersOf = (names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const used = new Set(taken)
  return names.map((name) => {
    // some letters have no capital of their own, but several characters
    const joined = words(words(name).map(capitalised).join("")).join("")
    const base = joined === "" || /^\d/.test(joined) ? `Table${joined}` : joined
    let unique = base
    for (let count = 2; used.has(unique); count++) unique = `${base}${count}`
    used.add(unique)
    return unique
  })
}

/** A documentation comment, whatever the text is; none where there is nothing to say. */
export const comment = (paragraphs: ReadonlyArray<string | null | undefined>, indent: string): string => {
  const lines = paragraphs
    .filter((paragraph) => paragraph !== undefined && paragraph !== null && paragraph.trim() !== "")
    .flatMap((
      paragraph,
      index
    ) => [...(index === 0 ? [] : [""]), ...paragraph!.trim().split(/\r\n|[\n\r\u2028\u2029]/)])
    .map((line) => line.replaceAll("*/", "*\\/").trimEnd())
  if (lines.length === 0) return ""
  return lines.length === 1
    ? `${indent}/** ${lines[0]} */\n`
    : `${indent}/**\n${lines.map((line) => `${indent} *${line === "" ? "" : ` ${line}`}\n`).join("")}${indent} */\n`
}
