/**
 * Parquet files from rows, written as the rows come.
 *
 * Needs `hyparquet-writer`, which is installed beside this package by whoever
 * uses this module.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Pull from "effect/Pull"
import * as Stream from "effect/Stream"
import { ByteWriter } from "hyparquet-writer/src/bytewriter.js"
import { ParquetWriter } from "hyparquet-writer/src/parquet-writer.js"
import { CoercionError, InvalidInput } from "../contract/RedivisError.ts"
import type { VariableType } from "../contract/variable.ts"
import { type Stored, storedAs } from "./parquet/column.ts"

/**
 * A column of the file: what of a variable it is made from.
 *
 * @category models
 * @since 0.1.0
 */
export interface Column {
  readonly name: string
  readonly type: VariableType
}

/**
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The columns in their order; a row's other properties are left out. */
  readonly variables: ReadonlyArray<Column>
  /**
   * Rows in one row group at most. So many rows are held at a time; a group ends
   * earlier where its values take more than about 64 MiB.
   *
   * @default 100_000
   */
  readonly rowGroupSize?: number | undefined
}

interface Filled {
  readonly name: string
  readonly stored: Stored
  values: Array<unknown>
}

/** About how many bytes of values end a group before it has its rows. */
const mostBytes = 64 * 1024 * 1024

const refused = (field: string, reason: string): Effect.Effect<never, InvalidInput> =>
  Effect.fail(new InvalidInput({ field, reason }))

const columnsOf = (variables: ReadonlyArray<Column>): Effect.Effect<ReadonlyArray<Filled>, InvalidInput> => {
  if (variables.length === 0) {
    return refused("variables", "names no variable, and a Parquet file has at least one column")
  }
  const names = new Set<string>()
  const columns: Array<Filled> = []
  for (const { name, type } of variables) {
    if (names.has(name)) return refused("variables", `names ${JSON.stringify(name)} twice`)
    names.add(name)
    const stored = storedAs(type)
    if (stored === undefined) {
      return refused("variables", `gives ${JSON.stringify(name)} the type ${JSON.stringify(type)}, which is unknown`)
    }
    columns.push({ name, stored, values: [] })
  }
  return Effect.succeed(columns)
}

/** At most 40 characters of a value that is none of an object's. */
const shown = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" || typeof value === "bigint" || typeof value === "boolean"
    ? String(value).slice(0, 40)
    : undefined

/** A file that is being written: rows go in, and come out as the bytes of whole row groups. */
class Writing {
  readonly #columns: ReadonlyArray<Filled>
  readonly #most: number
  readonly #writer = new ByteWriter()
  readonly #file: ParquetWriter
  #rows = 0
  #bytes = 0
  /** Rows of the groups before. */
  #before = 0

  constructor(columns: ReadonlyArray<Filled>, most: number) {
    this.#columns = columns
    this.#most = most
    this.#file = new ParquetWriter({
      writer: this.#writer,
      schema: [
        { name: "root", num_children: columns.length },
        ...columns.map(({ name, stored }) => ({ ...stored.element, name }))
      ],
      createdBy: "effect-redivis"
    })
  }

  get isFull(): boolean {
    return this.#rows >= this.#most || this.#bytes >= mostBytes
  }

  /** Takes a row; one with a value that does not fit is refused. */
  add(row: object): CoercionError | undefined {
    for (const { name, stored, values } of this.#columns) {
      const value: unknown = (row as Record<string, unknown>)[name] // any object has properties by name
      const kept = value === null ? null : stored.store(value)
      if (kept === undefined) return this.#misfit(name, stored.expected, value)
      values.push(kept)
      this.#bytes += typeof kept === "string" ? kept.length + 16 : 16
    }
    this.#rows++
    return undefined
  }

  #misfit(column: string, expected: string, value: unknown): CoercionError {
    const text = shown(value)
    return new CoercionError({
      row: this.#before + this.#rows,
      column,
      expected: value === undefined ? "there: a row lacks it, where a value or null is wanted" : expected,
      ...(text === undefined ? undefined : { value: text })
    })
  }

  /** What was written since the last time; its memory is not used again. */
  #take(): Uint8Array {
    const bytes = this.#writer.getBytes()
    this.#writer.buffer = new ArrayBuffer(1024)
    this.#writer.view = new DataView(this.#writer.buffer)
    this.#writer.index = 0
    return bytes
  }

  /** Ends the row group. */
  group(): Uint8Array {
    const columnData = this.#columns.map((column) => {
      const { name, stored, values } = column
      column.values = []
      // in a dictionary 0 and -0 would be one
      return { name, data: values, ...(stored.element.type === "DOUBLE" ? { encoding: "PLAIN" as const } : undefined) }
    })
    void this.#file.write({ columnData, rowGroupSize: this.#rows }) // at once: the writer keeps all in memory
    this.#before += this.#rows
    this.#rows = 0
    this.#bytes = 0
    return this.#take()
  }

  /** Ends the file. */
  end(): Uint8Array {
    const rest = this.#rows === 0 ? undefined : this.group()
    void this.#file.finish()
    const footer = this.#take()
    if (rest === undefined) return footer
    const bytes = new Uint8Array(rest.length + footer.length)
    bytes.set(rest)
    bytes.set(footer, rest.length)
    return bytes
  }
}

/**
 * Writes rows as a Parquet file, as a stream of its bytes.
 *
 * **Details**
 *
 * The rows come from `Table.rows`, `Query.rows` or elsewhere, and the variables
 * from `Variable.list`. At most one row group is held in memory, and rows are
 * taken only as bytes are wanted. Values may have any of the forms that rows
 * come in: integers as number or bigint, dates and times as text, as counts or
 * as `Temporal`'s plain types. Integers become `INT64`, floats `DOUBLE`, dates
 * `DATE`, times and dates with times microseconds without a zone, geography
 * its WKT text; every column may be null. Pages are compressed by Snappy. A
 * stream that fails or is interrupted leaves bytes that no reader takes for a
 * file, since the footer comes last.
 *
 * **Failures**
 *
 * - `InvalidInput`: no variable, one named twice or of an unknown type, or a
 *   `rowGroupSize` that is no whole number from 1 on
 * - `CoercionError`: a value does not fit its variable's type, or a row lacks it
 * - those of the rows
 *
 * **Example** (A table as a file's bytes)
 *
 * ```ts
 * import * as Parquet from "@effect-redivis/core/Parquet"
 * import * as Table from "@effect-redivis/core/Table"
 * import * as Variable from "@effect-redivis/core/Variable"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const bytes = Stream.unwrap(Effect.gen(function*() {
 *   const table = "demo.penguins.birds"
 *   const variables = yield* Stream.runCollect(Variable.list({ table }))
 *   return Parquet.fromRows(Table.rows(table, { values: { integer: "bigint" } }), { variables })
 * }))
 * ```
 *
 * @category encoding
 * @since 0.1.0
 */
export const fromRows = <E, R>(
  rows: Stream.Stream<object, E, R>,
  options: Options
): Stream.Stream<Uint8Array, E | InvalidInput | CoercionError, R> =>
  Stream.transformPull(rows, (pull) =>
    Effect.gen(function*() {
      const most = options.rowGroupSize ?? 100_000
      if (!Number.isSafeInteger(most) || most < 1) {
        return yield* refused("rowGroupSize", "must be a whole number from 1 on")
      }
      const file = new Writing(yield* columnsOf(options.variables), most)
      /** Rows that came, of which some are left for the next group. */
      let chunk: ReadonlyArray<object> = []
      let from = 0
      let isEnded = false
      const write = (bytes: Uint8Array): Effect.Effect<Arr.NonEmptyReadonlyArray<Uint8Array>> =>
        Effect.succeed(Arr.of(bytes))
      const next: Pull.Pull<Arr.NonEmptyReadonlyArray<Uint8Array>, E | CoercionError> = Effect.suspend(() => {
        if (isEnded) return Cause.done()
        while (from < chunk.length) {
          const misfit = file.add(chunk[from++]!)
          if (misfit !== undefined) return Effect.fail(misfit)
          if (file.isFull) return write(file.group())
        }
        return Effect.flatMap(Pull.catchDone(pull, () => Effect.succeed(undefined)), (rows) => {
          if (rows === undefined) {
            isEnded = true
            return write(file.end())
          }
          chunk = rows
          from = 0
          return next
        })
      })
      return next
    }))
