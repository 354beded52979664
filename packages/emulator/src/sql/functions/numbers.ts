/**
 * Functions of numbers. What gives NaN or an infinity for numbers that are
 * neither fails, as GoogleSQL has it.
 *
 * @since 0.1.0
 */
import { type Context, type Definition, native, of, scalar, total } from "../Function.ts"
import { divisor } from "../operators.ts"
import { refuse } from "../SqlError.ts"
import { constantInteger, once, onceEach } from "../Value.ts"

/** Fails where a result is not finite although the operands are. */
const finite = (result: string, operands: ReadonlyArray<string>, { fail, node }: Context): string =>
  once(
    result,
    (bound) =>
      `CASE WHEN ${[`NOT isfinite(${bound})`, ...operands.map((each) => `isfinite(${each})`)].join(" AND ")} THEN ${
        fail(`Floating point error in function: ${node.name}`)
      } ELSE ${bound} END`
  )

const floating = (name: string): Definition =>
  scalar(
    native("FLOAT64 -> FLOAT64", ([x], context) => once(x!, (bound) => finite(`${name}(${bound})`, [bound], context)))
  )

const angle = (name: string): Definition => total(native("FLOAT64 -> FLOAT64", ([x]) => `${name}(${x})`))

/** NaN of what is infinite, for which DuckDB fails. */
const periodic = (name: string): Definition =>
  total(
    native("FLOAT64 -> FLOAT64", ([x]) =>
      once(x!, (bound) => `CASE WHEN isinf(${bound}) THEN CAST('nan' AS DOUBLE) ELSE ${name}(${bound}) END`))
  )

/** `sqrt(-1)` and the like, which DuckDB refuses by itself. */
const partial = (name: string): Definition => scalar(native("FLOAT64 -> FLOAT64", ([x]) => `${name}(${x})`))

const rounding = (name: string): Definition =>
  total(
    native("FLOAT64 -> FLOAT64", ([x]) => `${name}(${x})`),
    native("NUMERIC -> NUMERIC", ([x]) => `CAST(${name}(${x}) AS DECIMAL(38, 9))`)
  )

/**
 * To digits behind the point, or before it; what is not finite stays. Beyond the
 * 290th digit only numbers as small have any, which are made larger first, since
 * no power of ten is as large as that.
 */
const toDigits = (name: "round" | "trunc", x: string, digits: string, context: Context): string =>
  onceEach([x, digits], ([bound, count]) => {
    const large = `(1e200::DOUBLE)`
    const small = `${name}(${bound} * ${large}, CAST(${count} - 200 AS INTEGER)) / ${large}`
    const rounded =
      `CASE WHEN NOT isfinite(${bound}) OR ${count} > 323 OR (${count} > 290 AND abs(${bound}) >= 1e-280::DOUBLE) THEN ${bound}` +
      ` WHEN ${count} < -308 THEN CAST(0 AS DOUBLE) WHEN ${count} > 290 THEN ${small}` +
      ` WHEN ${count} < -290 THEN ${name}(${bound} / ${large}, CAST(${count} + 200 AS INTEGER)) * ${large}` +
      ` ELSE ${name}(${bound}, CAST(${count} AS INTEGER)) END`
    return finite(rounded, [bound!], context)
  })

/** Overflow gives NULL. */
const finiteOrNull = (a: string, b: string, compute: (x: string, y: string) => string): string =>
  onceEach(
    [a, b],
    ([x, y]) =>
      once(compute(x!, y!), (bound) =>
        `CASE WHEN isfinite(${bound}) OR NOT isfinite(${x}) OR NOT isfinite(${y}) THEN ${bound} END`)
  )

/** Overflow gives NULL: the sum is built in 128 bits. */
const safe = (operator: string): Definition =>
  total(
    native("INT64, INT64 -> INT64", ([a, b]) =>
      `TRY_CAST((CAST(${a} AS HUGEINT) ${operator} CAST(${b} AS HUGEINT)) AS BIGINT)`),
    of("FLOAT64, FLOAT64 -> FLOAT64", ([a, b]) =>
      finiteOrNull(a!, b!, (x, y) => `(${x} ${operator} ${y})`))
  )

const quotient = (a: string, b: string, operator: string, context: Context): string =>
  context.node.isSafe ? `(${a} ${operator} nullif(${b}, 0))` : `(${a} ${operator} ${divisor(b)})`

/** Told apart from every other call by a number, since DuckDB computes once what is written twice in the same way. */
const eachTime = (sql: string, { env }: Context): string =>
  `CASE WHEN random() < ${env.shared.name("")} THEN ${sql} END`

const power: Definition = scalar(
  of(
    "FLOAT64, FLOAT64 -> FLOAT64",
    (operands, context) => onceEach(operands, ([a, b]) => finite(`pow(${a}, ${b})`, [a!, b!], context))
  )
)

export const numbers: Readonly<Record<string, Definition>> = {
  ABS: scalar(
    native("INT64 -> INT64", ([x]) => `abs(${x})`),
    native("NUMERIC -> NUMERIC", ([x]) => `abs(${x})`),
    native("FLOAT64 -> FLOAT64", ([x]) => `abs(${x})`)
  ),
  ACOS: partial("acos"),
  ASIN: partial("asin"),
  ATAN: angle("atan"),
  ATAN2: total(native("FLOAT64, FLOAT64 -> FLOAT64", ([y, x]) => `atan2(${y}, ${x})`)),
  BIT_COUNT: total(native("INT64 -> INT64", ([x]) => `CAST(bit_count(${x}) AS BIGINT)`)),
  CBRT: total(native("FLOAT64 -> FLOAT64", ([x]) => `cbrt(${x})`)),
  CEIL: rounding("ceil"),
  COS: periodic("cos"),
  COSH: floating("cosh"),
  DIV: scalar(native("INT64, INT64 -> INT64", ([a, b], context) => quotient(a!, b!, "//", context))),
  EXP: floating("exp"),
  FLOOR: rounding("floor"),
  IEEE_DIVIDE: {
    ...total(native("FLOAT64, FLOAT64 -> FLOAT64", ([a, b]) => `(${a} / ${b})`)),
    keepsNumbers: false
  },
  IS_INF: total(native("FLOAT64 -> BOOL", ([x]) => `isinf(${x})`)),
  IS_NAN: total(native("FLOAT64 -> BOOL", ([x]) => `isnan(${x})`)),
  LN: partial("ln"),
  LOG: scalar(
    native("FLOAT64 -> FLOAT64", ([x]) => `ln(${x})`),
    of("FLOAT64, FLOAT64 -> FLOAT64", ([x, base], context) => {
      const logarithm = once(
        base!,
        (bound) =>
          `CASE WHEN ${bound} = 1 THEN ${
            context.fail("LOG to the base 1 is not possible")
          } WHEN isinf(${bound}) THEN CAST('nan' AS DOUBLE) ELSE ln(${bound}) END`
      )
      return `(ln(${x}) / ${logarithm})`
    })
  ),
  LOG10: partial("log10"),
  MOD: scalar(
    native("INT64, INT64 -> INT64", ([a, b], context) => quotient(a!, b!, "%", context)),
    native("NUMERIC, NUMERIC -> NUMERIC", ([a, b], context) => quotient(a!, b!, "%", context))
  ),
  POW: power,
  ROUND: total(
    native("FLOAT64 -> FLOAT64", ([x]) => `round(${x})`),
    native("NUMERIC -> NUMERIC", ([x]) => `CAST(round(${x}) AS DECIMAL(38, 9))`),
    of("FLOAT64, INT64 -> FLOAT64", ([x, digits], context) => toDigits("round", x!, digits!, context)),
    of("NUMERIC, INT64 -> NUMERIC", ([x], { at, node }) => {
      const digits = constantInteger(node.arguments[1]!)
      return digits === undefined || digits < 0 || digits > 9
        ? refuse("ROUND of a NUMERIC takes a number of digits from 0 to 9 that is written out", at)
        : `CAST(round(${x}, ${digits}) AS DECIMAL(38, 9))`
    })
  ),
  SAFE_ADD: safe("+"),
  SAFE_DIVIDE: total(
    of("FLOAT64, FLOAT64 -> FLOAT64", ([a, b]) => finiteOrNull(a!, b!, (x, y) => `(${x} / nullif(${y}, 0))`))
  ),
  SAFE_MULTIPLY: safe("*"),
  SAFE_NEGATE: total(
    native("INT64 -> INT64", ([x]) => `TRY_CAST((- CAST(${x} AS HUGEINT)) AS BIGINT)`),
    native("FLOAT64 -> FLOAT64", ([x]) => `(- ${x})`)
  ),
  SAFE_SUBTRACT: safe("-"),
  SIGN: total(
    native("INT64 -> INT64", ([x]) => `CAST(sign(${x}) AS BIGINT)`),
    of(
      "FLOAT64 -> FLOAT64",
      ([x]) => once(x!, (bound) => `CASE WHEN isnan(${bound}) THEN ${bound} ELSE CAST(sign(${bound}) AS DOUBLE) END`)
    )
  ),
  SIN: periodic("sin"),
  SINH: floating("sinh"),
  SQRT: partial("sqrt"),
  TAN: periodic("tan"),
  TANH: angle("tanh"),
  TRUNC: total(
    native("FLOAT64 -> FLOAT64", ([x]) => `trunc(${x})`),
    native("NUMERIC -> NUMERIC", ([x]) => `CAST(trunc(${x}) AS DECIMAL(38, 9))`),
    of("FLOAT64, INT64 -> FLOAT64", ([x, digits], context) => toDigits("trunc", x!, digits!, context))
  ),
  RAND: scalar(native(" -> FLOAT64", (_, context) => eachTime("random()", context))),
  GENERATE_UUID: scalar(native(" -> STRING", (_, context) => eachTime("CAST(uuid() AS VARCHAR)", context)))
}
