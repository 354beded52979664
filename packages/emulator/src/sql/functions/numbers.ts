/**
 * Functions of numbers. What gives NaN or an infinity for numbers that are
 * neither fails, as GoogleSQL has it.
 *
 * @since 0.1.0
 */
import { type Context, type Definition, of, scalar, total } from "../Function.ts"
import { divisor } from "../operators.ts"
import { refuse } from "../SqlError.ts"
import { constantInteger, once } from "../Value.ts"

/** Fails where a result is not finite although the operands are. */
const finite = (result: string, operands: ReadonlyArray<string>, { fail, node }: Context): string =>
  once(
    result,
    (bound) =>
      `CASE WHEN isfinite(${bound})${
        operands.map((each) => ` OR NOT isfinite(${each})`).join("")
      } OR ${bound} IS NULL THEN ${bound} ELSE ${fail(`${node.name} of this number is not possible`)} END`
  )

const floating = (name: string): Definition =>
  scalar(of("FLOAT64 -> FLOAT64", ([x], context) => once(x!, (bound) => finite(`${name}(${bound})`, [bound], context))))

const angle = (name: string): Definition => total(of("FLOAT64 -> FLOAT64", ([x]) => `${name}(${x})`))

/** NaN of what is infinite, for which DuckDB fails. */
const periodic = (name: string): Definition =>
  total(
    of("FLOAT64 -> FLOAT64", ([x]) =>
      once(x!, (bound) => `CASE WHEN isinf(${bound}) THEN CAST('nan' AS DOUBLE) ELSE ${name}(${bound}) END`))
  )

/** `sqrt(-1)` and the like, which DuckDB refuses by itself. */
const partial = (name: string): Definition => scalar(of("FLOAT64 -> FLOAT64", ([x]) => `${name}(${x})`))

const rounding = (name: string): Definition =>
  total(
    of("FLOAT64 -> FLOAT64", ([x]) => `${name}(${x})`),
    of("NUMERIC -> NUMERIC", ([x]) => `CAST(${name}(${x}) AS DECIMAL(38, 9))`)
  )

/** To digits behind the point, or before it; what is not finite stays. */
const toDigits = (name: string, x: string, digits: string): string =>
  once(
    x,
    (bound) =>
      once(digits, (count) =>
        `CASE WHEN NOT isfinite(${bound}) OR ${count} > 400 THEN ${bound} WHEN ${count} < -308 THEN CAST(0 AS DOUBLE)` +
        ` ELSE ${name}(${bound}, CAST(${count} AS INTEGER)) END`)
  )

/** Overflow gives NULL. */
const finiteOrNull = (a: string, b: string, compute: (x: string, y: string) => string): string =>
  once(
    a,
    (x) =>
      once(b, (y) =>
        once(compute(x, y), (bound) =>
          `CASE WHEN isfinite(${bound}) OR NOT isfinite(${x}) OR NOT isfinite(${y}) THEN ${bound} END`))
  )

/** Overflow gives NULL: the sum is built in 128 bits. */
const safe = (operator: string): Definition =>
  total(
    of("INT64, INT64 -> INT64", ([a, b]) =>
      `TRY_CAST((CAST(${a} AS HUGEINT) ${operator} CAST(${b} AS HUGEINT)) AS BIGINT)`),
    of("FLOAT64, FLOAT64 -> FLOAT64", ([a, b]) =>
      finiteOrNull(a!, b!, (x, y) => `(${x} ${operator} ${y})`))
  )

const quotient = (a: string, b: string, operator: string, context: Context): string =>
  context.node.isSafe ? `(${a} ${operator} nullif(${b}, 0))` : `(${a} ${operator} ${divisor(b)})`

const power: Definition = scalar(
  of(
    "FLOAT64, FLOAT64 -> FLOAT64",
    ([x, y], context) => once(x!, (a) => once(y!, (b) => finite(`pow(${a}, ${b})`, [a, b], context)))
  )
)

const ceiling = rounding("ceil")

export const numbers: Readonly<Record<string, Definition>> = {
  ABS: scalar(
    of("INT64 -> INT64", ([x]) => `abs(${x})`),
    of("NUMERIC -> NUMERIC", ([x]) => `abs(${x})`),
    of("FLOAT64 -> FLOAT64", ([x]) => `abs(${x})`)
  ),
  ACOS: partial("acos"),
  ASIN: partial("asin"),
  ATAN: angle("atan"),
  ATAN2: total(of("FLOAT64, FLOAT64 -> FLOAT64", ([y, x]) => `atan2(${y}, ${x})`)),
  BIT_COUNT: total(of("INT64 -> INT64", ([x]) => `CAST(bit_count(${x}) AS BIGINT)`)),
  CBRT: total(of("FLOAT64 -> FLOAT64", ([x]) => `cbrt(${x})`)),
  CEIL: ceiling,
  CEILING: ceiling,
  COS: periodic("cos"),
  COSH: floating("cosh"),
  DIV: scalar(of("INT64, INT64 -> INT64", ([a, b], context) => quotient(a!, b!, "//", context))),
  EXP: floating("exp"),
  FLOOR: rounding("floor"),
  IEEE_DIVIDE: total(of("FLOAT64, FLOAT64 -> FLOAT64", ([a, b]) => `(${a} / ${b})`)),
  IS_INF: total(of("FLOAT64 -> BOOL", ([x]) => `isinf(${x})`)),
  IS_NAN: total(of("FLOAT64 -> BOOL", ([x]) => `isnan(${x})`)),
  LN: partial("ln"),
  LOG: scalar(
    of("FLOAT64 -> FLOAT64", ([x]) => `ln(${x})`),
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
    of("INT64, INT64 -> INT64", ([a, b], context) => quotient(a!, b!, "%", context)),
    of("NUMERIC, NUMERIC -> NUMERIC", ([a, b], context) => quotient(a!, b!, "%", context))
  ),
  POW: power,
  POWER: power,
  ROUND: total(
    of("FLOAT64 -> FLOAT64", ([x]) => `round(${x})`),
    of("NUMERIC -> NUMERIC", ([x]) => `CAST(round(${x}) AS DECIMAL(38, 9))`),
    of("FLOAT64, INT64 -> FLOAT64", ([x, digits]) => toDigits("round", x!, digits!)),
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
    of("INT64 -> INT64", ([x]) => `TRY_CAST((- CAST(${x} AS HUGEINT)) AS BIGINT)`),
    of("FLOAT64 -> FLOAT64", ([x]) => `(- ${x})`)
  ),
  SAFE_SUBTRACT: safe("-"),
  SIGN: total(
    of("INT64 -> INT64", ([x]) => `CAST(sign(${x}) AS BIGINT)`),
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
    of("FLOAT64 -> FLOAT64", ([x]) => `trunc(${x})`),
    of("NUMERIC -> NUMERIC", ([x]) => `CAST(trunc(${x}) AS DECIMAL(38, 9))`),
    of("FLOAT64, INT64 -> FLOAT64", ([x, digits]) => toDigits("trunc", x!, digits!))
  ),
  RAND: scalar(of(" -> FLOAT64", () => "random()")),
  GENERATE_UUID: scalar(of(" -> STRING", () => "CAST(uuid() AS VARCHAR)"))
}
