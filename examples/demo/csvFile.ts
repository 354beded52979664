/** Rows into a CSV file, as they come: written beside it, and put in its place once all are there. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import * as Stream from "effect/Stream"

export interface Written {
  readonly rows: number
  readonly bytes: number
}

type Value = string | number | bigint | boolean | null | undefined

const cell = (value: Value): string => {
  if (typeof value === "number") return `${value}`
  if (value === null || value === undefined) return ""
  const text = String(value)
  return /[",\r\n]/.test(text) || text === "" ? `"${text.replaceAll("\"", "\"\"")}"` : text
}

const line = (cells: ReadonlyArray<Value>): string => `${cells.map(cell).join(",")}\n`

/** A stream that breaks leaves what was at `path` before, and nothing beside it. */
export const writeCsv = <Row extends Readonly<Record<string, Value>>, E, R>(
  path: string,
  columns: ReadonlyArray<string>,
  rows: Stream.Stream<Row, E, R>,
  onRows: (rows: ReadonlyArray<Row>) => Effect.Effect<void>
): Effect.Effect<Written, E | PlatformError, R | FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const beside = `${path}.part`
    const encoder = new TextEncoder()
    let written = 0
    let bytes = 0
    const write = Effect.scoped(Effect.gen(function*() {
      const file = yield* fileSystem.open(beside, { flag: "w" })
      const append = (text: string): Effect.Effect<void, PlatformError> => {
        const encoded = encoder.encode(text)
        bytes += encoded.byteLength
        return file.writeAll(encoded)
      }
      yield* append(line(columns))
      yield* Stream.runForEachArray(rows, (batch) => {
        written += batch.length
        const text = batch.map((row) => line(columns.map((column) => row[column]))).join("")
        return Effect.andThen(append(text), onRows(batch))
      })
      yield* file.sync
    }))
    yield* write.pipe(
      Effect.andThen(fileSystem.rename(beside, path)),
      Effect.onError(() => Effect.ignore(fileSystem.remove(beside, { force: true })))
    )
    return { rows: written, bytes }
  })

/** The rows of a file that {@link writeCsv} wrote and that has no quoted cell. */
export const readCsv = (
  path: string
): Stream.Stream<Readonly<Record<string, string>>, PlatformError, FileSystem.FileSystem> =>
  Stream.unwrap(Effect.map(FileSystem.FileSystem, (fileSystem) => {
    let columns: ReadonlyArray<string> | undefined
    return fileSystem.stream(path).pipe(
      Stream.decodeText(),
      Stream.splitLines,
      Stream.map((text) => text.split(",")),
      Stream.filter((cells) => {
        const isHeader = columns === undefined
        columns ??= cells
        return !isHeader
      }),
      Stream.map((cells) => Object.fromEntries((columns ?? []).map((column, index) => [column, cells[index] ?? ""])))
    )
  }))
