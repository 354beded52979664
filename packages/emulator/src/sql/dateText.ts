/**
 * Dates and times as text.
 *
 * @since 0.1.0
 */
import { once } from "./Value.ts"

/** Fractions of a second come in three digits or six, or not at all. */
const fraction = (sql: string): string =>
  `CASE WHEN microsecond(${sql}) % 1000000 = 0 THEN '' WHEN microsecond(${sql}) % 1000 = 0` +
  ` THEN printf('.%03d', (microsecond(${sql}) % 1000000) // 1000) ELSE printf('.%06d', microsecond(${sql}) % 1000000) END`

export const datetimeText = (sql: string): string =>
  once(sql, (bound) => `(strftime(${bound}, '%Y-%m-%d %H:%M:%S') || ${fraction(bound)})`)

export const timeText = (sql: string): string =>
  once(
    sql,
    (bound) => `(printf('%02d:%02d:%02d', hour(${bound}), minute(${bound}), second(${bound})) || ${fraction(bound)})`
  )

export const timestampText = (sql: string): string =>
  once(sql, (bound) => `(strftime(${bound}, '%Y-%m-%d %H:%M:%S') || ${fraction(bound)} || '+00')`)
