/** Rows as lines of text, from which the same values can be read again. */

/** Values as rows have them by default, and integers of any size. */
type Cell = null | boolean | number | bigint | string

/** Numbers whole, -0 and what is none among them too. */
const numberText = (value: number): string => Object.is(value, -0) ? "-0" : String(value)

const csvCell = (value: Cell): string => {
  if (value === null) return ""
  const text = typeof value === "number" ? numberText(value) : String(value)
  // an empty text is not null
  return text === "" || /[",\n\r]|^\s|\s$/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text
}

export const csvLine = (cells: ReadonlyArray<Cell>): string => `${cells.map(csvCell).join(",")}\n`

const jsonCell = (value: Cell): string => {
  if (typeof value === "bigint") return String(value)
  // JSON has no numbers for these
  if (typeof value === "number") return Number.isFinite(value) ? numberText(value) : `"${value}"`
  return JSON.stringify(value)
}

/** Writes a row as an object, its keys in order. */
export const jsonLine = (names: ReadonlyArray<string>): (cells: ReadonlyArray<Cell>) => string => {
  const keys = names.map((name) => `${JSON.stringify(name)}:`)
  return (cells) => `{${cells.map((cell, index) => keys[index] + jsonCell(cell)).join(",")}}\n`
}
