/** The first records of delimited text, to find out its delimiter and its names. */

export interface Dialect {
  readonly delimiter: string
  /** Empty: values are never quoted. */
  readonly quote: string
  readonly escape: string
}

export interface Records {
  readonly records: ReadonlyArray<ReadonlyArray<string>>
  /** Quotes within values that are not quoted: a sign of the wrong delimiter. */
  readonly strayQuotes: number
}

/**
 * Records of a text that may break off: the last is given only if it is ended,
 * or if the text is whole.
 */
export const parseRecords = (
  text: string,
  dialect: Dialect,
  options: { readonly isWhole: boolean; readonly limit: number }
): Records => {
  const { delimiter, quote, escape } = dialect
  const records: Array<ReadonlyArray<string>> = []
  let record: Array<string> = []
  let value = ""
  let isQuoted = false
  let isStarted = false
  let strayQuotes = 0
  const endRecord = (): void => {
    if (record.length > 0 || isStarted) records.push([...record, value])
    record = []
    value = ""
    isStarted = false
  }
  for (let index = 0; index < text.length && records.length < options.limit; index++) {
    const character = text[index]!
    if (isQuoted) {
      if (character === escape && (text[index + 1] === quote || (escape !== quote && text[index + 1] === escape))) {
        value += text[++index]
      } else if (character === quote) {
        isQuoted = false
      } else {
        value += character
      }
    } else if (quote !== "" && character === quote && value === "") {
      isQuoted = true
      isStarted = true
    } else if (text.startsWith(delimiter, index)) {
      record.push(value)
      value = ""
      isStarted = true
      index += delimiter.length - 1
    } else if (character === "\n" || character === "\r") {
      endRecord()
      if (character === "\r" && text[index + 1] === "\n") index++
    } else {
      if (quote !== "" && character === quote) strayQuotes++
      value += character
      isStarted = true
    }
  }
  if (options.isWhole && records.length < options.limit) endRecord()
  return { records, strayQuotes }
}

const delimiters = [",", "\t", "|", ";"]

/** The delimiter that splits the records into most values, the same number in each where there is such. */
export const findDelimiter = (
  text: string,
  quoting: Omit<Dialect, "delimiter">,
  isWhole: boolean
): string => {
  const scored = delimiters.map((delimiter) => {
    const { records, strayQuotes } = parseRecords(text, { ...quoting, delimiter }, { isWhole, limit: 100 })
    const values = records[0]?.length ?? 1
    return { delimiter, values, isEven: strayQuotes === 0 && records.every(({ length }) => length === values) }
  }).filter(({ values }) => values > 1)
  const best =
    scored.toSorted((left, right) => Number(right.isEven) - Number(left.isEven) || right.values - left.values)[0]
  return best?.delimiter ?? ","
}
