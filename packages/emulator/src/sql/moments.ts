/**
 * Which texts are dates and times, of those that a query writes out.
 *
 * @since 0.1.0
 */

const day = /^(\d{4})-(\d{1,2})-(\d{1,2})/
const clock = /^([01]?\d|2[0-3]):([0-5]?\d):([0-5]?\d)(?:\.\d{0,6})?/
const offset = /^(?:[zZ]|[+-](\d{1,2})(?::(\d{2}))?)$/

const isDay = ([, year, month, dayOfMonth]: RegExpExecArray): boolean => {
  // the year 0 behaves as any other in this calendar, and is none of GoogleSQL's
  const last = new Date(Date.UTC(2000 + Number(year) % 400, Number(month), 0)).getUTCDate()
  return Number(year) >= 1 && Number(month) >= 1 && Number(month) <= 12 && Number(dayOfMonth) >= 1 &&
    Number(dayOfMonth) <= last
}

const isZone = (text: string): boolean => {
  const found = offset.exec(text)
  if (found !== null) return Number(found[1] ?? 0) <= 14 && Number(found[2] ?? 0) < 60
  if (!/^[A-Za-z_]+(?:\/[A-Za-z0-9_+-]+)*$/.test(text)) return false
  try {
    new Intl.DateTimeFormat("en", { timeZone: text })
    return true
  } catch {
    return false
  }
}

export const isMoment = (text: string, name: string): boolean => {
  if (name === "TIME") return clock.exec(text)?.[0] === text
  const date = day.exec(text)
  if (date === null || !isDay(date)) return false
  const rest = text.slice(date[0].length)
  if (rest === "") return true
  if (name === "DATE") return false
  const time = clock.exec(rest.slice(1))
  const hasTime = /^[ Tt]/.test(rest) && time !== null
  const zone = hasTime ? rest.slice(1 + time[0].length) : rest
  return name === "DATETIME" ? hasTime && zone === "" : zone === "" || isZone(zone.replace(/^ /, ""))
}
