/**
 * Whole tables as typed arrays, one a column: for numeric work and plots.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { defined } from "../client/defined.ts"
import { CoercionError } from "../contract/RedivisError.ts"
import { variableTypes } from "../contract/variable.ts"
import type { Batch } from "./Arrow.ts"
import { Builder } from "./columns/builder.ts"
import type { Forms, Kind } from "./columns/convert.ts"

/**
 * Which arrays whole numbers come in. What is not chosen is exact, and so is
 * what is: a value that has no place in its array is a `CoercionError`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Values {
  /**
   * `number` in a `Float64Array`, `int32` in an `Int32Array`, `bigint` in a
   * `BigInt64Array`.
   *
   * @default "number"
   */
  readonly integer?: "number" | "int32" | "bigint" | undefined
  /**
   * Microseconds since midnight: `micros` in a `BigInt64Array`, `number` in a
   * `Float64Array`.
   *
   * @default "micros"
   */
  readonly time?: "micros" | "number" | undefined
  /**
   * Microseconds since 1970-01-01T00:00:00: `micros` in a `BigInt64Array`,
   * `number` in a `Float64Array`, which reaches from 1684 to 2255.
   *
   * @default "micros"
   */
  readonly dateTime?: "micros" | "number" | undefined
}

interface Arrays {
  readonly number: Float64Array
  readonly int32: Int32Array
  readonly bigint: BigInt64Array
  readonly micros: BigInt64Array
}

/** The array of a choice; of each that it may be where it is open. */
type ArrayOf<V extends Values, Key extends keyof Values, Default extends keyof Arrays> = Key extends keyof V
  ? Arrays[Exclude<V[Key], undefined> & keyof Arrays] | (undefined extends V[Key] ? Arrays[Default] : never)
  : Arrays[Default]

interface Of<Type, Values> {
  readonly name: string
  readonly type: Type
  /** One value a row. Where the row is null stands NaN, or 0 where the array has no NaN, or null among texts. */
  readonly values: Values
  /** One byte a row, 1 for null; absent where nothing is null. */
  readonly nulls?: Uint8Array
  readonly nullCount: number
}

/**
 * One column, told by its `type`: booleans are bytes, 1 for true, and dates the
 * days since 1970-01-01.
 *
 * @category models
 * @since 0.1.0
 */
export type Column<V extends Values = {}> =
  | Of<"integer", ArrayOf<V, "integer", "number">>
  | Of<"float", Float64Array>
  | Of<"boolean", Uint8Array>
  | Of<"date", Int32Array>
  | Of<"time", ArrayOf<V, "time", "micros">>
  | Of<"dateTime", ArrayOf<V, "dateTime", "micros">>
  | Of<"string" | "geography", ReadonlyArray<string | null>>

interface Table<Column> {
  readonly numRows: number
  /** In their order; objects have names that are whole numbers first. */
  readonly names: ReadonlyArray<string>
  /** By name, `__proto__` as any other. */
  readonly columns: { readonly [name: string]: Column }
}

/**
 * The rows of a table, column by column.
 *
 * @category models
 * @since 0.1.0
 */
export type Columns<V extends Values = {}> = Table<Column<V>>

/**
 * @category models
 * @since 0.1.0
 */
export interface Options<V extends Values = {}> {
  readonly values?: V | undefined
  /**
   * The columns that there are to be, as `Variable.list` gives them: a table
   * without rows has them too, and text that is geography is told as such. Else
   * the batches say what there is.
   */
  readonly variables?: ReadonlyArray<{ readonly name: string; readonly type: string }> | undefined
}

type VariableType = typeof variableTypes[number]

const isVariableType = (type: string): type is VariableType => (variableTypes as ReadonlyArray<string>).includes(type)

const formsOf = ({ dateTime, integer, time }: Values): Forms => ({
  integer: integer ?? "number",
  time: time === "number" ? "number" : "bigint",
  dateTime: dateTime === "number" ? "number" : "bigint"
})

/** The columns that grow. */
class Growing {
  readonly #forms: Forms
  readonly #types = new Map<string, VariableType>()
  #builders: ReadonlyArray<Builder> | undefined
  #numRows = 0

  constructor({ values, variables }: Options<Values>) {
    this.#forms = formsOf(values ?? {})
    for (const { name, type } of variables ?? []) {
      if (isVariableType(type)) this.#types.set(name, type)
    }
    if (variables !== undefined) this.#begin(variables.map(({ name }) => name))
  }

  #begin(names: ReadonlyArray<string>): void {
    this.#builders = names.map((name) => {
      const type = this.#types.get(name)
      const kind: Kind | undefined = type === "geography" ? "string" : type
      return new Builder(name, kind, this.#forms)
    })
  }

  /** Takes a batch, or says what of it does not fit. */
  add({ columns, numRows, schema }: Batch): CoercionError | undefined {
    const names = schema.fields.map(({ name }) => name)
    if (new Set(names).size < names.length) {
      const column = names.find((name, index) => names.indexOf(name) !== index)!
      return new CoercionError({ column, expected: "a column that is there once" })
    }
    if (this.#builders === undefined) this.#begin(names)
    const builders = this.#builders!
    for (let index = 0; index < Math.max(builders.length, names.length); index++) {
      const builder = builders[index]
      if (builder === undefined || builder.name !== names[index]) {
        const column = builder?.name ?? names[index]!
        return new CoercionError({ column, expected: "a column of each batch, at the same place" })
      }
      const misfit = builder.add(columns[index]!, numRows)
      if (typeof misfit === "string") return new CoercionError({ column: builder.name, expected: misfit })
      if (misfit !== undefined) {
        const { expected, row, value } = misfit
        return new CoercionError({
          row: this.#numRows + row,
          column: builder.name,
          value: String(value).slice(0, 40),
          expected
        })
      }
    }
    this.#numRows += numRows
    return undefined
  }

  whole(): Columns<Values> {
    const columns: { [name: string]: Column<Values> } = {}
    const names: Array<string> = []
    for (const builder of this.#builders ?? []) {
      const { name } = builder
      const { kind, nullCount, nulls, values } = builder.whole()
      const type = kind === "string" && this.#types.get(name) === "geography" ? "geography" : kind
      // the array is the kind's
      const value = defined({ name, type, values, nulls, nullCount }) as Column<Values>
      Object.defineProperty(columns, name, { value, enumerable: true })
      names.push(name)
    }
    return { numRows: this.#numRows, names, columns }
  }
}

/**
 * Collects batches into one array a column.
 *
 * **Details**
 *
 * Each batch is copied as it comes and is let go; at the end the pieces of one
 * column after the other are joined, so that memory holds the table once and
 * one column twice. A column that is null throughout, and of which no variable
 * says more, is of the type `string`.
 *
 * **Failures**
 *
 * - `CoercionError`: a value has no place in the array that was chosen, or the
 *   batches are not of the same columns
 * - those of the batches
 *
 * **Example** (A mean)
 *
 * ```ts
 * import * as Columns from "@effect-redivis/core/Columns"
 * import * as Table from "@effect-redivis/core/Table"
 * import * as Effect from "effect/Effect"
 *
 * const mean = Columns.fromBatches(Table.batches("demo.penguins.birds", { variables: ["body_mass_g"] })).pipe(
 *   Effect.map(({ columns, numRows }) => {
 *     const mass = columns["body_mass_g"]
 *     if (mass?.type !== "integer") return undefined
 *     const sum = mass.values.reduce((sum, value) => Number.isNaN(value) ? sum : sum + value, 0)
 *     return sum / (numRows - mass.nullCount)
 *   })
 * )
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const fromBatches = <E, R, const V extends Values = {}>(
  batches: Stream.Stream<Batch, E, R>,
  options: Options<V> = {}
): Effect.Effect<Columns<V>, E | CoercionError, R> =>
  Effect.suspend(() => {
    const growing = new Growing(options)
    return Effect.map(
      Stream.runForEach(batches, (batch) => {
        const misfit = growing.add(batch)
        return misfit === undefined ? Effect.void : Effect.fail(misfit)
      }),
      () => growing.whole() as unknown as Columns<V> // the arrays are those that V chose
    )
  })
