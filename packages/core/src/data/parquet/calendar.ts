/** Dates and times from text, to what Parquet stores of them. */

const wholeDate = /^(\d{4}|[+-]\d{6,7})-(\d\d)-(\d\d)$/
const wholeTime = /^([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,6}))?$/

const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

/** Days since 1970-01-01; `undefined` where the text is no date. */
export const daysOf = (text: string): number | undefined => {
  const parts = wholeDate.exec(text)
  if (parts === null) return undefined
  const year = Number(parts[1])
  const month = Number(parts[2])
  const day = Number(parts[3])
  const longest = (daysOfMonth[month - 1] ?? 0) + (month === 2 && isLeap(year) ? 1 : 0)
  if (day < 1 || day > longest) return undefined
  // whole eras of 400 years, in years that begin in March
  const fromMarch = month > 2 ? month - 3 : month + 9
  const yearFromMarch = month > 2 ? year : year - 1
  const era = Math.floor(yearFromMarch / 400)
  const yearOfEra = yearFromMarch - era * 400
  const dayOfYear = Math.floor((153 * fromMarch + 2) / 5) + day - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}

/** Microseconds since midnight; `undefined` where the text is no time of day. */
export const microsOf = (text: string): number | undefined => {
  const parts = wholeTime.exec(text)
  if (parts === null) return undefined
  const seconds = (Number(parts[1]) * 60 + Number(parts[2])) * 60 + Number(parts[3])
  return seconds * 1_000_000 + Number((parts[4] ?? "").padEnd(6, "0"))
}

/** Microseconds since 1970-01-01T00:00:00; `undefined` where the text is no date with a time. */
export const epochMicrosOf = (text: string): bigint | undefined => {
  const at = text.indexOf("T")
  const days = daysOf(text.slice(0, at))
  const micros = microsOf(text.slice(at + 1))
  return at < 0 || days === undefined || micros === undefined
    ? undefined
    : BigInt(days) * 86_400_000_000n + BigInt(micros)
}
