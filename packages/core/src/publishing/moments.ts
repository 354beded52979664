/** Moments as text, from the milliseconds since the epoch that the API tells them in. */

/** A point in time in ISO 8601, without a zone. */
const textOf = (milliseconds: number | null | undefined): string | undefined => {
  if (milliseconds === undefined || milliseconds === null) return undefined
  const moment = new Date(milliseconds)
  return Number.isFinite(moment.getTime()) ? moment.toISOString().slice(0, -1) : undefined
}

/** A day in ISO 8601; nothing for what no calendar has. */
export const dayOf = (milliseconds: number | null | undefined): string | undefined => {
  const text = textOf(milliseconds)
  return text?.slice(0, text.indexOf("T"))
}

/** The year of a point in time. */
export const yearOf = (milliseconds: number | null | undefined): string | undefined => {
  if (milliseconds === undefined || milliseconds === null) return undefined
  const year = new Date(milliseconds).getUTCFullYear()
  return Number.isFinite(year) ? String(year) : undefined
}

/**
 * A number that stands for a date or a time, as rows of that type have it: with
 * a fraction of six digits, unless it is 0. Text stays, since older answers have
 * it in place of numbers, and so does what no calendar has.
 */
export const momentOf = (type: string, value: number | string): string => {
  if (typeof value === "string") return value
  if (type === "date") return dayOf(value) ?? String(value)
  const text = textOf(value)
  if (text === undefined) return String(value)
  const exact = text.endsWith(".000") ? text.slice(0, -4) : `${text}000`
  return type === "time" ? exact.slice(exact.indexOf("T") + 1) : exact
}
