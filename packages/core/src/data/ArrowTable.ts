/**
 * Tables of flechette from the batches of the strict reader: for Vega, Arquero,
 * Observable Plot and what else takes Arrow tables.
 *
 * Needs `@uwdata/flechette`, which is installed beside this package by whoever
 * uses this module.
 *
 * @since 0.1.0
 */
import * as Flechette from "@uwdata/flechette"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { CoercionError } from "../contract/RedivisError.ts"
import type { Batch, DataType, Schema } from "./Arrow.ts"
import type { Column } from "./arrow/column.ts"
import { isSameType, type PlainType } from "./arrow/dataType.ts"

/**
 * How a table gives its values, in flechette's own words.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /**
   * Whether integers and times of 64 bits are given as `bigint`; as numbers they
   * throw where they do not fit.
   *
   * @default true
   */
  readonly useBigInt?: boolean | undefined
  /**
   * Whether timestamps are given as `bigint` in their unit, else as
   * milliseconds.
   *
   * @default true unless `useDate` is
   */
  readonly useBigIntTimestamp?: boolean | undefined
  /**
   * Whether dates, and timestamps that are no `bigint`, are given as `Date`.
   *
   * @default false
   */
  readonly useDate?: boolean | undefined
  /**
   * Whether row objects read their values when they are asked for.
   *
   * @default false
   */
  readonly useProxy?: boolean | undefined
}

type Extraction = { readonly [Key in "useBigInt" | "useBigIntTimestamp" | "useDate" | "useProxy"]: boolean }

const extraction = (options: Options): Extraction => {
  const useDate = options.useDate ?? false
  return {
    useBigInt: options.useBigInt ?? true,
    useBigIntTimestamp: options.useBigIntTimestamp ?? !useDate,
    useDate,
    useProxy: options.useProxy ?? false
  }
}

const units = ["second", "millisecond", "microsecond", "nanosecond"] as const
const timeUnit = (unit: typeof units[number]): 0 | 1 | 2 | 3 => units.indexOf(unit) as 0 | 1 | 2 | 3 // one of the four

const plainType = (type: PlainType): Flechette.DataType => {
  switch (type._tag) {
    case "Null":
      return Flechette.nullType()
    case "Bool":
      return Flechette.bool()
    case "Int":
      return Flechette.int(type.bitWidth, type.signed)
    case "Float":
      return Flechette.float(type.bitWidth === 16 ? 0 : type.bitWidth === 32 ? 1 : 2)
    case "Utf8":
      return Flechette.utf8()
    case "LargeUtf8":
      return Flechette.largeUtf8()
    case "Date":
      return type.unit === "day" ? Flechette.dateDay() : Flechette.dateMillisecond()
    case "Time":
      return Flechette.time(timeUnit(type.unit))
    case "Timestamp":
      return Flechette.timestamp(timeUnit(type.unit), type.timezone ?? null)
  }
}

const dataType = (type: DataType): Flechette.DataType => {
  if (type._tag !== "Dictionary") return plainType(type)
  const { indices, ordered, values } = type
  const width = Flechette.int(indices.bitWidth, indices.signed)
  return Flechette.dictionary(plainType(values), width, ordered, Number(type.id))
}

/** Texts that the strict reader has checked: flechette would take a mark of byte order at their start away. */
class TextBatch extends Flechette.Batch<string> {
  // as `Flechette.Batch` has it for values that are in no typed array
  static override ArrayType = Array as never
  readonly #column: Column
  constructor(options: ConstructorParameters<typeof Flechette.Batch>[0], column: Column) {
    super(options)
    this.#column = column
  }
  override value(index: number): string {
    return this.#column.at(index) as string // a text column, and `at` has looked for nulls
  }
}

/** Makes flechette's columns, dictionaries once. */
class Columns {
  readonly #extraction: Extraction
  readonly #dictionaries = new Map<Column, Flechette.Column<unknown>>()
  constructor(extraction: Extraction) {
    this.#extraction = extraction
  }

  /** The same memory, as flechette sees it. */
  batch(column: Column, type: Flechette.DataType): Flechette.Batch<unknown> {
    // flechette's writer wants a validity, if an empty one
    const { length, nullCount, offsets, validity = new Uint8Array(0), values } = column
    const options = {
      length,
      nullCount,
      type,
      validity,
      values,
      ...(offsets === undefined ? undefined : { offsets })
    }
    if (offsets !== undefined) return new TextBatch(options, column)
    const batch = new (Flechette.batchType(type, this.#extraction))(options)
    return column.dictionary === undefined ? batch : batch.setDictionary(this.#dictionary(column.dictionary))
  }

  #dictionary(column: Column): Flechette.Column<unknown> {
    const known = this.#dictionaries.get(column)
    if (known !== undefined) return known
    const type = dataType(column.type)
    const dictionary = new Flechette.Column([this.batch(column, type)], type)
    this.#dictionaries.set(column, dictionary)
    return dictionary
  }
}

/** Whether columns of these types can be one; dictionaries of several streams have ids of their own. */
const isOneType = (left: DataType, right: DataType): boolean =>
  left._tag === "Dictionary"
    ? right._tag === "Dictionary" && isSameType(left.values, right.values) && isSameType(left.indices, right.indices)
    : right._tag !== "Dictionary" && isSameType(left, right)

/** Why batches of these schemas are not of one table. */
const difference = (first: Schema, other: Schema): CoercionError | undefined => {
  if (first === other) return undefined
  for (const [index, { name, type }] of first.fields.entries()) {
    const found = other.fields[index]
    if (found === undefined || found.name !== name) {
      return new CoercionError({ column: name, expected: "a column of each batch, at the same place" })
    }
    if (!isOneType(type, found.type)) {
      return new CoercionError({ column: name, expected: "of the same type in each batch" })
    }
  }
  const more = other.fields[first.fields.length]
  return more === undefined ? undefined : new CoercionError({ column: more.name, expected: "a column of each batch" })
}

/**
 * Collects batches into a table of flechette.
 *
 * **Details**
 *
 * Nothing is copied: the table's columns are views of the memory that the
 * batches hold, all of which stays as long as the table does. Values are exact
 * by default: integers of 64 bits, times and timestamps are `bigint`, dates
 * the milliseconds of their day, as flechette gives them. A stream without a
 * batch is a table without columns.
 *
 * **Failures**
 *
 * - `CoercionError`: the batches are not of the same columns
 * - those of the batches
 *
 * **Example** (A table for plots)
 *
 * ```ts
 * import * as ArrowTable from "@effect-redivis/core/ArrowTable"
 * import * as Table from "@effect-redivis/core/Table"
 *
 * const birds = ArrowTable.fromBatches(Table.batches("demo.penguins.birds"), { useBigInt: false })
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const fromBatches = <E, R>(
  batches: Stream.Stream<Batch, E, R>,
  options: Options = {}
): Effect.Effect<Flechette.Table, E | CoercionError, R> =>
  Effect.suspend(() => {
    const columns = new Columns(extraction(options))
    let first: Schema | undefined
    let types: ReadonlyArray<Flechette.DataType> = []
    let parts: ReadonlyArray<Array<Flechette.Batch<unknown>>> = []
    const add = ({ columns: found, numRows, schema }: Batch): Effect.Effect<void, CoercionError> => {
      if (first === undefined) {
        first = schema
        types = schema.fields.map(({ type }) => dataType(type))
        parts = types.map(() => [])
      }
      const different = difference(first, schema)
      if (different !== undefined) return Effect.fail(different)
      if (numRows > 0) found.forEach((column, index) => parts[index]!.push(columns.batch(column, types[index]!)))
      return Effect.void
    }
    const table = (): Flechette.Table => {
      const fields = (first?.fields ?? []).map(({ name, nullable }, index) =>
        Flechette.field(name, types[index]!, nullable)
      )
      const children = parts.map((part, index) => new Flechette.Column(part, types[index]))
      return new Flechette.Table({ version: Flechette.Version.V5, fields }, children, options.useProxy)
    }
    return Effect.map(Stream.runForEach(batches, add), table)
  })
