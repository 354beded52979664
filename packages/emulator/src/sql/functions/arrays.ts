/**
 * Functions of arrays.
 *
 * @since 0.1.0
 */
import { type Context, type Definition, looking, native, of, scalar, total } from "../Function.ts"
import { addInterval, microseconds } from "../intervals.ts"
import { concatenate } from "../operators.ts"
import { refuse } from "../SqlError.ts"
import type { Expression } from "../syntax.ts"
import * as Types from "../types.ts"
import { constantInteger, joined, once, onceEach } from "../Value.ts"

/** At most so many elements, so that no number exhausts the memory. */
const mostElements = 10_000_000

const series = (start: string, end: string, step: string, context: Context): string =>
  onceEach(
    [start, end, step],
    ([from, to, by]) =>
      `CASE WHEN ${by} = 0 THEN ${context.fail(`${context.node.name}: the step is 0`)}` +
      ` WHEN abs((CAST(${to} AS HUGEINT) - CAST(${from} AS HUGEINT)) // ${by}) > ${mostElements} THEN ${
        context.fail(`${context.node.name}: the array has too many elements`)
      }` +
      ` ELSE generate_series(${from}, ${to}, ${by}) END`
  )

const writtenStep = (node: Expression | undefined): { readonly amount: number; readonly part: string } => {
  if (node === undefined) return { amount: 1, part: "DAY" }
  if (node.kind !== "interval" || node.to !== undefined) {
    return refuse("The step is an interval that is written out, such as INTERVAL 1 MONTH", node.at, "type INTERVAL")
  }
  const amount = constantInteger(node.value)
  if (amount === undefined || amount === 0 || Math.abs(amount) > 1_000_000) {
    return refuse("The number in the step is written out and not 0", node.at)
  }
  return { amount, part: node.part }
}

const dates = (values: ReadonlyArray<string>, context: Context): string => {
  const step = context.node.arguments[2]
  const { amount, part } = writtenStep(step)
  const factor = { DAY: 1, WEEK: 7, MONTH: 1, QUARTER: 3, YEAR: 12 }[part]
  if (factor === undefined) {
    return refuse(`GENERATE_DATE_ARRAY takes no step in ${part}`, step!.at, `part ${part} of DATE`)
  }
  const unit = part === "DAY" || part === "WEEK" ? "day" : "month"
  const length = Math.abs(amount) * factor
  return onceEach(values.slice(0, 2), ([from, to]) => {
    // each is counted from the start, so that the 31st comes back after a short month
    const each = addInterval(from!, "DATE", {
      part: unit.toUpperCase(),
      amount: `(i * CAST(${amount * factor} AS BIGINT))`,
      at: context.at
    }, false)
    const span = amount > 0 ? `date_diff('${unit}', ${from}, ${to})` : `date_diff('${unit}', ${to}, ${from})`
    return `list_filter(list_transform(range(CAST(0 AS BIGINT), ${span} // ${length} + 1), lambda i: ${each}), lambda d: d ${
      amount > 0 ? "<=" : ">="
    } ${to})`
  })
}

const timestamps = (values: ReadonlyArray<string>, context: Context): string => {
  const { amount, part } = writtenStep(context.node.arguments[2])
  const length = microseconds[part]
  if (length === undefined) {
    return refuse(`GENERATE_TIMESTAMP_ARRAY takes no step in ${part}`, context.at, `part ${part} of TIMESTAMP`)
  }
  const step = `CAST(${BigInt(amount) * length} AS BIGINT)`
  return onceEach(
    values.slice(0, 2),
    ([from, to]) =>
      `list_transform(${series(`epoch_us(${from})`, `epoch_us(${to})`, step, context)}, lambda t: make_timestamp(t))`
  )
}

const atEnd = (position: string) => ([list]: ReadonlyArray<string>, { fail, node }: Context): string =>
  once(
    list!,
    (bound) =>
      `CASE WHEN len(${bound}) = 0 THEN ${
        fail(`${node.name} of an empty array`)
      } ELSE list_extract(${bound}, ${position}) END`
  )

export const arrays: Readonly<Record<string, Definition>> = {
  ARRAY_CONCAT: scalar(native("T[]... -> T[]", (_, { at, values }) => concatenate(values, at).sql)),
  ARRAY_FIRST: scalar(of("T[] -> T", atEnd("1"))),
  ARRAY_LAST: scalar(of("T[] -> T", atEnd("-1"))),
  ARRAY_LENGTH: total(native("T[] -> INT64", ([list]) => `len(${list})`)),
  ARRAY_REVERSE: total(native("T[] -> T[]", ([list]) => `list_reverse(${list})`)),
  ARRAY_TO_STRING: total(
    of("STRING[], STRING -> STRING", ([list, delimiter]) => joined(list!, delimiter!)),
    looking("STRING[], STRING, STRING -> STRING", (values) =>
      // without a text for them, elements that are NULL are left out
      onceEach(values, ([list, delimiter, missing]) =>
        `CASE WHEN ${list} IS NOT NULL AND ${delimiter} IS NOT NULL THEN ${
          joined(`list_transform(${list}, lambda element: coalesce(element, ${missing}))`, delimiter!)
        } END`))
  ),
  GENERATE_ARRAY: scalar(
    of("INT64, INT64 -> INT64[]", ([from, to], context) => series(from!, to!, "CAST(1 AS BIGINT)", context)),
    of("INT64, INT64, INT64 -> INT64[]", ([from, to, step], context) => series(from!, to!, step!, context))
  ),
  GENERATE_TIMESTAMP_ARRAY: scalar(of("TIMESTAMP, TIMESTAMP, raw -> TIMESTAMP[]", timestamps)),
  RANGE_BUCKET: scalar(of("T, T[] -> INT64", ([x, bounds], { at, values }) => {
    if (!Types.isGroupable(values[0]!.type)) {
      refuse(`RANGE_BUCKET of ${Types.show(values[0]!.type)} is not possible`, at)
    }
    return onceEach([x!, bounds!], ([bound, list]) => `len(list_filter(${list}, lambda each: each <= ${bound}))`)
  })),
  GENERATE_DATE_ARRAY: scalar(
    of("DATE, DATE -> DATE[]", dates),
    of("DATE, DATE, raw -> DATE[]", dates)
  )
}
