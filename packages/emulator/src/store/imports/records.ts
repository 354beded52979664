/** The first records of delimited text, to find out its delimiter. */

export interface Dialect {
  readonly delimiter: string
  /** Empty: values are never quoted. */
  readonly quote: string
  readonly escape: string
}

interface Records {
  readonly records: ReadonlyArray<ReadonlyArray<string>>
  /** Quotes within values that are not quoted: a sign of the wrong delimiter. */
  readonly strayQuotes: number
}

/**
 * Records of a text that may break off: the last is given only if it is ended,
 * or if the text is whole. What is wrong with them is of no matter here.
 */
const parseRecords = (
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
    } else if (quote !== "" && character === quote && value.trim() === "") {
      isQuoted = true
      isStarted = true
      value = ""
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

/**
 * The comma where it divides each record into the same number of values, two or
 * more; else another that does, the one of most values. A text in which none
 * does so has one column, if it can be read with commas at all.
 */
export const findDelimiter = (
  text: string,
  quoting: Omit<Dialect, "delimiter">,
  options: { readonly isWhole: boolean; readonly fillsShortRecords: boolean }
): string => {
  const scored = delimiters.filter((delimiter) => delimiter !== quoting.quote).map((delimiter) => {
    const { records, strayQuotes } = parseRecords(text, { ...quoting, delimiter }, {
      isWhole: options.isWhole,
      limit: 100
    })
    const values = records[0]?.length ?? 1
    const isEven = strayQuotes === 0 &&
      records.every(({ length }) => length === values || (options.fillsShortRecords && length < values))
    return { delimiter, values, isEven }
  })
  const dividing = scored.filter(({ values }) => values > 1).toSorted((left, right) => right.values - left.values)
  const even = dividing.filter(({ isEven }) => isEven)
  const comma = scored.find(({ delimiter }) => delimiter === ",")
  if (even.length > 0) return even.find(({ delimiter }) => delimiter === ",")?.delimiter ?? even[0]!.delimiter
  return comma?.isEven === true ? "," : dividing[0]?.delimiter ?? ","
}

/**
 * Whether most of the first records have as many values as the header: a
 * delimiter that was guessed wrongly does not do so. One or two that have not
 * are wrong themselves.
 */
export const divides = (text: string, dialect: Dialect, isWhole: boolean): boolean => {
  const [header, ...rest] = parseRecords(text, dialect, { isWhole, limit: 100 }).records
  return rest.length < 3 || rest.filter(({ length }) => length !== header?.length).length * 2 <= rest.length
}
