/**
 * Dates and times that a query writes out: which texts are such, and their SQL.
 * What is none is refused before the query runs, and needs no test while it does.
 *
 * @since 0.1.0
 */
import { inRange } from "./ranges.ts"
import * as Types from "./types.ts"
import { quoteText } from "./Value.ts"

const day = /^(\d{4})-(\d{1,2})-(\d{1,2})/
const clock = /^([01]?\d|2[0-3]):([0-5]?\d):([0-5]?\d)(\.\d{0,6})?/
const offset = /^([+-])(\d{1,2})(?::(\d{2}))?$/

const two = (text: string): string => text.padStart(2, "0")

const dayOf = (text: string): readonly [day: string, rest: string] | undefined => {
  const found = day.exec(text)
  if (found === null) return undefined
  const [whole, year, month, dayOfMonth] = found as unknown as [string, string, string, string]
  // its calendar repeats itself every 400 years
  const last = new Date(Date.UTC(2000 + Number(year) % 400, Number(month), 0)).getUTCDate()
  const isDay = Number(year) >= 1 && Number(month) >= 1 && Number(month) <= 12 && Number(dayOfMonth) >= 1 &&
    Number(dayOfMonth) <= last
  return isDay ? [`${year}-${two(month)}-${two(dayOfMonth)}`, text.slice(whole.length)] : undefined
}

const clockOf = (text: string): readonly [clock: string, rest: string] | undefined => {
  const found = clock.exec(text)
  if (found === null) return undefined
  const [whole, hour, minute, second, fraction = ""] = found as unknown as [string, string, string, string, string?]
  return [`${two(hour)}:${two(minute)}:${two(second)}${fraction === "." ? "" : fraction}`, text.slice(whole.length)]
}

/** As DuckDB reads it behind a time; nothing is UTC. */
const zoneOf = (text: string): string | undefined => {
  if (text === "" || /^z$/i.test(text)) return ""
  const [, sign, hours, minutes = "00"] = offset.exec(text) ?? []
  if (hours !== undefined) {
    return Number(hours) <= 14 && Number(minutes) < 60
      ? `${sign}${two(hours)}:${minutes}`
      : undefined
  }
  if (!/^[A-Za-z_]+(?:\/[A-Za-z0-9_+-]+)*$/.test(text)) return undefined
  try {
    new Intl.DateTimeFormat("en", { timeZone: text })
    return ` ${text}`
  } catch {
    return undefined
  }
}

/** The SQL of a text that is of the type, or nothing. */
export const momentOf = (text: string, name: Types.ScalarName): string | undefined => {
  if (name === "TIME") {
    const time = clockOf(text)
    return time?.[1] === "" ? `CAST(${quoteText(time[0])} AS TIME)` : undefined
  }
  const date = dayOf(text)
  if (date === undefined) return undefined
  if (name === "DATE") return date[1] === "" ? `CAST(${quoteText(date[0])} AS DATE)` : undefined
  const time = /^[ Tt]/.test(date[1]) ? clockOf(date[1].slice(1)) : undefined
  const spelled = `${date[0]} ${time?.[0] ?? "00:00:00"}`
  const rest = time?.[1] ?? date[1]
  const zone = name === "DATETIME" ? rest === "" ? "" : undefined : zoneOf(rest.replace(/^ /, ""))
  if (zone === undefined) return undefined
  return zone === ""
    ? `CAST(${quoteText(spelled)} AS TIMESTAMP)`
    : inRange(`timezone('UTC', CAST(${quoteText(spelled + zone)} AS TIMESTAMPTZ))`, Types.timestamp)
}
