/** Values of the eight types in all forms that rows come in, each with what a file has to hold of it. */
import * as FastCheck from "fast-check"

export type Held = null | boolean | number | bigint | string

export interface Written {
  readonly value: unknown
  readonly held: Held
}

const micros = FastCheck.bigInt({ min: -(10n ** 16n), max: 10n ** 17n })
const timeMicros = FastCheck.bigInt({ min: 0n, max: 86_399_999_999n })
const days = FastCheck.integer({ min: -1_000_000, max: 10_000_000 })

const fraction = (rest: bigint): string => rest === 0n ? "" : `.${String(rest).padStart(6, "0")}`

/** By the platform's own calendar. */
export const dateText = (count: number): string => new Date(count * 86_400_000).toISOString().replace(/T.*/, "")

const timeText = (count: bigint): string => {
  const seconds = new Date(Number(count / 1_000_000n) * 1000).toISOString().slice(11, 19)
  return `${seconds}${fraction(count % 1_000_000n)}`
}

export const dateTimeText = (count: bigint): string => {
  const rest = ((count % 1_000_000n) + 1_000_000n) % 1_000_000n
  const second = new Date(Number((count - rest) / 1000n)).toISOString()
  return `${second.replace(/\.000Z$/, "")}${fraction(rest)}`
}

const same = (value: boolean | number | bigint | string): Written => ({ value, held: value })

const texts = FastCheck.oneof(
  FastCheck.string({ unit: "binary", maxLength: 12 }).filter((text) => text.isWellFormed()),
  FastCheck.constantFrom("", "a", "é", "🎉", "\uFEFFmark", "a\u0000b", "é".repeat(40))
)

export const valuesOf: Record<string, FastCheck.Arbitrary<Written>> = {
  string: texts.map(same),
  geography: FastCheck.constantFrom("POINT(1 2)", "POLYGON((0 0, 1 0, 1 1, 0 0))").map(same),
  integer: FastCheck.oneof(
    FastCheck.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(same),
    FastCheck.maxSafeInteger().map((value) => ({ value, held: BigInt(value) })),
    FastCheck.constantFrom(0n, 1n, -1n).map(same)
  ),
  float: FastCheck.oneof(FastCheck.double(), FastCheck.constantFrom(0, -0, NaN, Infinity, -Infinity, 1)).map(same),
  boolean: FastCheck.boolean().map(same),
  date: FastCheck.oneof(days.map(same), days.map((held) => ({ value: dateText(held), held }))),
  time: FastCheck.oneof(timeMicros.map(same), timeMicros.map((held) => ({ value: timeText(held), held }))),
  dateTime: FastCheck.oneof(micros.map(same), micros.map((held) => ({ value: dateTimeText(held), held })))
}

/** Names that objects or files may stumble over. */
const names = FastCheck.oneof(
  FastCheck.constantFrom("__proto__", "toString", "a.b", "0", "10", "", "naïve name", "SELECT", "\"quoted\""),
  FastCheck.string({ unit: "grapheme", maxLength: 8 }).filter((name) => name.isWellFormed())
)

export interface Table {
  readonly variables: ReadonlyArray<{ readonly name: string; readonly type: string }>
  /** One row each, in the order of the variables. */
  readonly rows: ReadonlyArray<ReadonlyArray<Written>>
}

/** Tables whose rows have one null in ten values. */
export const tables = (
  name: FastCheck.Arbitrary<string> = names,
  sizes: { readonly maxRows: number } = { maxRows: 60 }
): FastCheck.Arbitrary<Table> =>
  FastCheck.uniqueArray(
    FastCheck.record({ name, type: FastCheck.constantFrom(...Object.keys(valuesOf)) }),
    { minLength: 1, maxLength: 8, selector: ({ name }) => name.toLowerCase() }
  ).chain((variables) =>
    FastCheck.record({
      variables: FastCheck.constant(variables),
      rows: FastCheck.array(
        FastCheck.tuple(
          ...variables.map(({ type }) =>
            FastCheck.option(valuesOf[type]!, { freq: 9 }).map((written) => written ?? { value: null, held: null })
          )
        ),
        { maxLength: sizes.maxRows }
      )
    })
  )

export const objectsOf = ({ rows, variables }: Table): ReadonlyArray<object> =>
  rows.map((row) => {
    const object = {}
    for (const [index, { name }] of variables.entries()) {
      Object.defineProperty(object, name, { value: row[index]!.value, enumerable: true })
    }
    return object
  })

/** A text by which two values are the same exactly if they are equal, NaN and -0 included. */
export const exact = (value: unknown): string =>
  typeof value === "string" ? JSON.stringify(value) : Object.is(value, -0) ? "-0" : `${typeof value} ${String(value)}`
