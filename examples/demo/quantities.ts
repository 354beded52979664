/** Numbers as a person reads them. */
import * as Duration from "effect/Duration"

export const count = (amount: number): string => amount.toLocaleString("en-US")

/** Three digits: 9.86, 24.1, 358. */
const short = (amount: number): string => amount.toLocaleString("en-US", { maximumSignificantDigits: 3 })

export const megabytes = (bytes: number): string => `${short(bytes / 1e6)} MB`

export const seconds = (duration: Duration.Duration): string => `${short(Duration.toSeconds(duration))} s`

/** As `24.1 MB/s`. */
export const byteRate = (bytes: number, duration: Duration.Duration): string =>
  `${megabytes(bytes / Duration.toSeconds(duration))}/s`

/** As `358,000 rows/s`. */
export const rowRate = (rows: number, duration: Duration.Duration): string =>
  `${short(Math.round(rows / Duration.toSeconds(duration)))} rows/s`
