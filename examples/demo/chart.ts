/** Horizontal bars, one line each. */
import { filled } from "./bar.ts"

export interface Bar {
  readonly label: string
  readonly value: number
}

/** One line a bar. Those below zero end where those above begin, in whole characters. */
export const chart = (bars: ReadonlyArray<Bar>, width: number): ReadonlyArray<string> => {
  const numbers = bars.map(({ value }) => value.toFixed(1))
  const numberWidth = Math.max(...numbers.map(({ length }) => length))
  const above = Math.max(0, ...bars.map(({ value }) => value))
  const below = Math.max(0, ...bars.map(({ value }) => -value))
  const scale = width / (above + below || 1)
  const left = Math.ceil(below * scale)
  return bars.map(({ label, value }, index) => {
    const negative = value < 0 ? "█".repeat(Math.ceil(-value * scale)) : ""
    return `${label} ${numbers[index]!.padStart(numberWidth)} ${negative.padStart(left)}${
      value > 0 ? filled(value * scale) : ""
    }`.trimEnd()
  })
}
