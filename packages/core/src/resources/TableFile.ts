/**
 * Tables as files: Arrow, CSV, lines of JSON, Parquet.
 *
 * @since 0.1.0
 */
import type * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { badArgument, type PlatformError } from "effect/PlatformError"
import * as Pull from "effect/Pull"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Redivis } from "../client/service.ts"
import { type CoercionError, IntegrityError, InvalidInput } from "../contract/RedivisError.ts"
import type * as Reference from "../contract/Reference.ts"
import { pullBatches } from "../data/arrow/pullBatches.ts"
import { csvLine, jsonLine } from "../data/text/lines.ts"
import * as Table from "./Table.ts"
import * as Variable from "./Variable.ts"

/**
 * What makes Parquet of rows: `Parquet.fromRows`, which is given by whoever
 * wants it, since it needs `hyparquet-writer` installed.
 *
 * @category models
 * @since 0.1.0
 */
export type Encode = <E, R>(
  rows: Stream.Stream<object, E, R>,
  options: { readonly variables: ReadonlyArray<Variable.Variable> }
) => Stream.Stream<Uint8Array, E | InvalidInput | CoercionError, R>

/**
 * What a file holds: an Arrow IPC stream, CSV with a header, an object of JSON
 * a line, or Parquet.
 *
 * **Details**
 *
 * In CSV a null is nothing between the commas, and an empty text is `""`. So the
 * null of a table of one variable is an empty line, for which CSV has no other
 * spelling, and a reader that skips empty lines loses the row: tell it not to
 * (pandas: `skip_blank_lines=False`), or ask for another format.
 *
 * Arrow comes in one answer, as the server writes it, and is held to its number
 * of rows: a connection that breaks, or a row more than `maxResults`, is an
 * error. The other formats are made of rows, which go on over breaks.
 *
 * @category models
 * @since 0.1.0
 */
export type Format =
  | { readonly format: "arrow" | "csv" | "jsonl" }
  | { readonly format: "parquet"; readonly encode: Encode }

/**
 * How far the writing of a file has come.
 *
 * @category models
 * @since 0.1.0
 */
export interface Progress {
  readonly rows: number
  /** Rows that there are to be. */
  readonly totalRows: number
  /** Bytes of the file so far. */
  readonly bytes: number
}

/**
 * What is written, and who is told.
 *
 * @category models
 * @since 0.1.0
 */
export interface Selection {
  /** In the order that is wanted; all where it is not given. */
  readonly variables?: ReadonlyArray<string> | undefined
  /** Rows at most. */
  readonly maxResults?: number | undefined
  /** Is told after each part of the file. */
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
}

/**
 * @category models
 * @since 0.1.0
 */
export type Options = Selection & Format

/**
 * @category errors
 * @since 0.1.0
 */
export type BytesError = Table.RowsError | Table.BytesError | Table.GetError | Variable.ListError

/**
 * @category errors
 * @since 0.1.0
 */
export type WriteError = BytesError | PlatformError

/** What of a file system a file is written with; a `FileSystem` of Effect is one. */
export interface Files {
  readonly open: (path: string, options: { readonly flag: "wx" }) => Effect.Effect<
    {
      readonly writeAll: (bytes: Uint8Array) => Effect.Effect<void, PlatformError>
      readonly sync: Effect.Effect<void, PlatformError>
    },
    PlatformError,
    Scope.Scope
  >
  readonly rename: (from: string, to: string) => Effect.Effect<void, PlatformError>
  readonly remove: (path: string, options: { readonly force: true }) => Effect.Effect<void, PlatformError>
  /** Left out where nothing can be told before all is written. */
  readonly stat?: ((path: string) => Effect.Effect<{ readonly type: string }, PlatformError>) | undefined
}

type Bytes = Stream.Stream<Uint8Array, BytesError, Redivis>

/** What is counted while the bytes are made. */
interface Count {
  rows: number
  readonly totalRows: number
}

const encoder = /*#__PURE__*/ new TextEncoder()

const exact = { integer: "bigint" } as const

const rowsOf = (reference: Reference.TableInput, options: Selection, count: Count) =>
  Table.rows(reference, {
    variables: options.variables,
    maxResults: options.maxResults,
    values: exact,
    ordered: true
  }).pipe(Stream.mapArray((rows) => {
    count.rows += rows.length
    return rows
  }))

/** The variables as they will be in the rows. */
const chosen = (reference: Reference.TableInput, { variables }: Selection) =>
  Effect.map(Stream.runCollect(Variable.list({ table: reference }, { pageSize: 1000 })), (known) => {
    if (variables === undefined) return known
    // a name that is none of the table's is refused with its rows
    return variables.flatMap((name) => known.filter((one) => one.name.toLowerCase() === name.toLowerCase()))
  })

const textBytes = (reference: Reference.TableInput, options: Options, count: Count): Bytes =>
  Stream.unwrap(Effect.map(chosen(reference, options), (variables) => {
    const names = variables.map(({ name }) => name)
    const line = options.format === "csv" ? csvLine : jsonLine(names)
    const rows = rowsOf(reference, options, count).pipe(
      Stream.mapArray((rows) => [
        encoder.encode(rows.map((row) => line(names.map((name) => row[name]))).join(""))
      ])
    )
    return options.format === "csv" ? Stream.concat(Stream.make(encoder.encode(csvLine(names))), rows) : rows
  }))

const parquetBytes = (
  reference: Reference.TableInput,
  options: Selection,
  encode: Encode,
  count: Count
): Bytes =>
  Stream.unwrap(
    Effect.map(
      chosen(reference, options),
      (variables) => encode(rowsOf(reference, options, count), { variables })
    )
  )

/** The server's own bytes, handed on once they are known to be whole batches, with all rows in the end. */
const arrowBytes = (reference: Reference.TableInput, options: Selection, count: Count): Bytes =>
  Stream.transformPull(
    Table.arrow(reference, { variables: options.variables, maxResults: options.maxResults }),
    (pull) =>
      Effect.sync(() => {
        let received: Array<Uint8Array> = []
        let isEnded = false
        const chunks = Effect.map(Pull.catchDone(pull, () => Effect.succeed(undefined)), (bytes) => {
          received.push(...(bytes ?? []))
          return bytes
        })
        const batches = pullBatches(chunks, { operation: "tables.listRows" })
        const shortfall = (): IntegrityError | undefined =>
          count.rows === count.totalRows ? undefined : new IntegrityError({
            operation: "tables.listRows",
            reason: "RowCount",
            detail: `${count.totalRows} rows were to come and ${count.rows} came`
          })
        const next: Pull.Pull<Arr.NonEmptyReadonlyArray<Uint8Array>, BytesError> = Effect.suspend(() =>
          isEnded ? Cause.done() : Effect.flatMap(batches, (batch): typeof next => {
            count.rows += batch?.numRows ?? 0
            isEnded = batch === undefined
            const error = isEnded ? shortfall() : undefined
            if (error !== undefined) return Effect.fail(error)
            const [first, ...rest] = received
            received = []
            return first === undefined ? next : Effect.succeed([first, ...rest])
          })
        )
        return next
      })
  )

const bytesOf = (reference: Reference.TableInput, options: Options, count: Count): Bytes => {
  switch (options.format) {
    case "arrow":
      return arrowBytes(reference, options, count)
    case "parquet":
      return parquetBytes(reference, options, options.encode, count)
    default:
      return textBytes(reference, options, count)
  }
}

const formats: ReadonlyArray<string> = ["arrow", "csv", "jsonl", "parquet"]

const counted = (reference: Reference.TableInput, options: Options): Effect.Effect<Count, BytesError, Redivis> =>
  Effect.gen(function*() {
    if (!formats.includes(options.format)) {
      return yield* new InvalidInput({ field: "format", reason: "must be arrow, csv, jsonl or parquet" })
    }
    if (options.format === "parquet" && typeof options.encode !== "function") {
      return yield* new InvalidInput({
        field: "encode",
        reason: "must be Parquet.fromRows where the format is parquet"
      })
    }
    const { numRows } = yield* Table.get(reference)
    return { rows: 0, totalRows: Math.min(numRows, options.maxResults ?? numRows) }
  })

const told = (count: Count, bytes: Bytes, onProgress: Options["onProgress"]): Bytes => {
  let written = 0
  return Stream.tap(bytes, (part) => {
    written += part.length
    return onProgress?.({ rows: count.rows, totalRows: count.totalRows, bytes: written }) ?? Effect.void
  })
}

/**
 * The bytes of a file with the rows of a table.
 *
 * **Details**
 *
 * CSV, lines of JSON and Parquet are made from the rows of a read session, in
 * order and exact: integers with all their digits, an empty text quoted in CSV
 * where null is nothing, NaN and infinities as text in JSON. Arrow is what the
 * server sends, checked batch by batch and by the count of its rows. No part
 * of the table is held but one batch or row group.
 *
 * **Failures**
 *
 * - `InvalidInput`: the format is none, or has nothing to encode it
 * - `CoercionError`: a value does not fit its variable's type
 * - `IntegrityError`: the rows that came are not all
 * - `NotFound`: there is no such table, or the token may not see it
 *
 * **Example** (Lines of JSON)
 *
 * ```ts
 * import * as TableFile from "@effect-redivis/core/TableFile"
 * import * as Stream from "effect/Stream"
 *
 * const lines = TableFile.bytes("demo.penguins.birds", { format: "jsonl" }).pipe(
 *   Stream.decodeText(),
 *   Stream.splitLines
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const bytes = (
  reference: Reference.TableInput,
  options: Options
): Stream.Stream<Uint8Array, BytesError, Redivis> =>
  Stream.unwrap(
    Effect.map(
      counted(reference, options),
      (count) => told(count, bytesOf(reference, options, count), options.onProgress)
    )
  )

/** A path that names a file, as far as its text tells. */
const checkPath = (path: string): Effect.Effect<void, InvalidInput> => {
  const name = path.split(/[/\\]/).at(-1)
  return path.includes("\0") || name === "" || name === "." || name === ".."
    ? Effect.fail(new InvalidInput({ field: "path", reason: "must end in the name of a file" }))
    : Effect.void
}

/** What could not be renamed in the end is told before anything is made: the place of a folder, one that may not be read. */
const checkPlace = ({ stat }: Files, path: string, beside: string): Effect.Effect<void, PlatformError> =>
  stat === undefined ? Effect.void : Effect.forEach([path, beside], (one) =>
    Effect.matchEffect(stat(one), {
      onFailure: (error) => error.reason._tag === "NotFound" ? Effect.void : Effect.fail(error),
      onSuccess: ({ type }) =>
        type === "Directory"
          ? Effect.fail(badArgument({ module: "TableFile", method: "write", description: `${one} is a folder` }))
          : Effect.void
    }), { discard: true })

/**
 * Writes a table into a file, whole or not at all: beside it first, under a
 * name of its own, which is renamed once all is written. `NodeFiles.toFile` and
 * `DenoFiles.toFile` are this with the platform's files.
 *
 * **Details**
 *
 * A file of that name is replaced. After a failure or an interruption nothing
 * is left of what was written, and a file that was there before is untouched.
 * A place that cannot be written, or not be read where a rename asks for that,
 * is a failure before the first request.
 *
 * **Failures**
 *
 * - `InvalidInput`: the path ends in no name, or as for {@link bytes}
 * - `PlatformError`: the file cannot be written
 * - those of {@link bytes}
 *
 * **Example** (With a file system of Effect)
 *
 * ```ts
 * import * as TableFile from "@effect-redivis/core/TableFile"
 * import * as Effect from "effect/Effect"
 * import * as FileSystem from "effect/FileSystem"
 *
 * const write = Effect.gen(function*() {
 *   const files = yield* FileSystem.FileSystem
 *   yield* TableFile.write(files, "demo.penguins.birds", "birds.csv", { format: "csv" })
 * })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const write = (
  files: Files,
  reference: Reference.TableInput,
  path: string,
  options: Options
): Effect.Effect<void, WriteError, Redivis> =>
  Effect.gen(function*() {
    yield* checkPath(path)
    const beside = `${path}.${(yield* Random.nextInt).toString(36).replace("-", "")}.part`
    yield* checkPlace(files, path, beside)
    let isOpened = false
    const opened = files.open(beside, { flag: "wx" }).pipe(
      Effect.tap(() => Effect.sync(() => isOpened = true)),
      Effect.uninterruptible
    )
    const written = Effect.scoped(Effect.gen(function*() {
      const file = yield* opened
      yield* Stream.runForEach(bytes(reference, options), (part) => file.writeAll(part))
      yield* file.sync
    }))
    yield* written.pipe(
      Effect.andThen(files.rename(beside, path)),
      // the file is closed by now; why it could not be written is worth more than why it cannot be removed
      Effect.onError(() => isOpened ? Effect.ignore(files.remove(beside, { force: true })) : Effect.void)
    )
  })
