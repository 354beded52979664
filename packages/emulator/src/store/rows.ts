/** Rows out of a relation, as bytes. */
import type { DuckDBDataChunk } from "@duckdb/node-api"
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as ArrowWriter from "./arrow/ArrowWriter.ts"
import { linesOf } from "./arrow/strings.ts"
import * as Contents from "./contents.ts"
import type { Chunks, Database, DuckFault } from "./Database.ts"
import { quoteText, variableKey } from "./identifiers.ts"
import type * as Model from "./model.ts"
import { type Relation, type Relations, type Segment, selectSegment } from "./relations.ts"
import type { Resolve } from "./sources.ts"
import type { Rows } from "./Store.ts"
import { StoreInvalid } from "./StoreError.ts"
import { arrowTypeOf, textOf } from "./types.ts"

/** Columns by name without regard to case, in the order in which they are asked for, each once. */
export const selectColumns = (
  columns: ReadonlyArray<Model.SchemaField>,
  wanted: ReadonlyArray<string> | undefined
): Effect.Effect<ReadonlyArray<Model.SchemaField>, StoreInvalid> => {
  if (wanted === undefined || wanted.length === 0) return Effect.succeed(columns)
  const byKey = new Map(columns.map((column) => [variableKey(column.name), column]))
  const chosen = new Map<string, Model.SchemaField>()
  for (const name of wanted) {
    const column = byKey.get(variableKey(name))
    if (column === undefined) {
      return Effect.fail(
        new StoreInvalid({ field: "selectedVariables", message: `there is no variable ${JSON.stringify(name)}` })
      )
    }
    chosen.set(variableKey(name), column)
  }
  return Effect.succeed([...chosen.values()])
}

/** First and last row, the last not among them, within a relation. */
export interface Range {
  readonly from: number
  readonly to: number
}

export const rangeOf = (
  numRows: number,
  selection: Pick<Model.RowSelection, "offset" | "limit" | "overrun"> | undefined
): Effect.Effect<Range, StoreInvalid> =>
  Effect.gen(function*() {
    for (const field of ["offset", "limit"] as const) {
      const value = selection?.[field]
      if (value !== undefined && (!Number.isSafeInteger(value) || value < 0)) {
        return yield* new StoreInvalid({ field, message: "must be a whole number of 0 or more" })
      }
    }
    const from = Math.min(selection?.offset ?? 0, numRows)
    return { from, to: Math.min(numRows, from + (selection?.limit ?? numRows) + (selection?.overrun ?? 0)) }
  })

/** Parts that rows are dealt into: few tables of tests have as many rows, so that each of these comes anywhere. */
const mostParts = 64

/** Numbers from 0 to 1, the same ones for the same seed. */
const drawing = (seed: number): () => number => {
  let state = seed >>> 0
  return () => {
    state = state + 0x6d2b79f5 >>> 0
    let mixed = Math.imul(state ^ state >>> 15, state | 1)
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61)
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32
  }
}

/** All rows of a relation in another order, which the seed decides, and of that as many as a range has. */
export const dealt = (numRows: number, { from, to }: Range, seed: number): ReadonlyArray<Range> => {
  const count = Math.min(numRows, mostParts)
  const start = (index: number): number => Math.floor(numRows * index / count)
  const parts = Array.from({ length: count }, (_, index): Range => ({ from: start(index), to: start(index + 1) }))
  const draw = drawing(seed)
  for (let last = parts.length - 1; last > 0; last--) {
    const other = Math.floor(draw() * (last + 1))
    const part = parts[last]!
    parts[last] = parts[other]!
    parts[other] = part
  }
  let left = to - from
  return parts.flatMap((part) => {
    const taken = Math.min(left, part.to - part.from)
    left -= taken
    return taken === 0 ? [] : [{ from: part.from, to: part.from + taken }]
  })
}

/** A CSV value: what holds a delimiter, a quote or a line break is quoted, and so is empty text, apart from null. */
const csvValue = ({ type }: Model.SchemaField, value: string): string => {
  const text = textOf(type, value)
  return type === "string" || type === "geography"
    ? `coalesce(CASE WHEN ${text} = '' OR regexp_matches(${text}, '[",\\r\\n]') ` +
      `THEN '"' || replace(${text}, '"', '""') || '"' ELSE ${text} END, '')`
    : `coalesce(${text}, '')`
}

/** A JSON value. In the arrays of `ndjson` numbers are text; in both what JSON has no number for is. */
const jsonValue = ({ type }: Model.SchemaField, value: string, format: "ndjson" | "jsonl"): string => {
  const text = textOf(type, value)
  const quoted = `CAST(to_json(${text}) AS VARCHAR)`
  switch (type) {
    case "boolean":
      return `coalesce(${text}, 'null')`
    case "integer":
      return format === "jsonl" ? `coalesce(${text}, 'null')` : `coalesce('"' || ${text} || '"', 'null')`
    case "float":
      return format === "jsonl"
        ? `coalesce(CASE WHEN isfinite(${value}) THEN ${text} ELSE ${quoted} END, 'null')`
        : `coalesce(${quoted}, 'null')`
    default:
      return `coalesce(${quoted}, 'null')`
  }
}

const line = (
  format: Exclude<Model.RowFormat, "arrow">,
  columns: ReadonlyArray<Model.SchemaField>,
  values: ReadonlyArray<string>
): string => {
  const parts = columns.map((column, index) => {
    const value = values[index]!
    if (format === "csv") return csvValue(column, value)
    if (format === "ndjson") return jsonValue(column, value, format)
    return `${quoteText(`${JSON.stringify(column.name)}:`)} || ${jsonValue(column, value, format)}`
  })
  // no part is null; a chain of operators would be too deep an expression for thousands of columns
  const joined = parts.length === 0 ? "''" : `concat_ws(',', ${parts.join(", ")})`
  switch (format) {
    case "csv":
      return `${joined} || chr(10)`
    case "ndjson":
      return `'[' || ${joined} || ']' || chr(10)`
    case "jsonl":
      return `'{' || ${joined} || '}' || chr(10)`
  }
}

const csvHeader = (columns: ReadonlyArray<Model.SchemaField>): Uint8Array =>
  new TextEncoder().encode(
    `${
      columns.map(({ name }) => /[",\r\n]/.test(name) || name === "" ? `"${name.replaceAll("\"", "\"\"")}"` : name)
        .join(",")
    }\n`
  )

/** Turns chunks into bytes. */
interface Encoder {
  readonly start: () => ReadonlyArray<Uint8Array>
  readonly write: (chunk: DuckDBDataChunk) => ReadonlyArray<Uint8Array>
  readonly end: () => ReadonlyArray<Uint8Array>
}

const arrowEncoder = (
  columns: ReadonlyArray<Model.SchemaField>,
  options: Model.ReadOptions & { readonly batchRows: number }
): Encoder => {
  const writer = ArrowWriter.make(columns.map(({ name, type }) => ({ name, type: arrowTypeOf(type) })), {
    batchRows: options.batchRows
  })
  return {
    start: () => [writer.schema],
    write: (chunk) => writer.write(chunk, 0, chunk.rowCount),
    end: () => [...writer.flush(), ...(options.eosSentinel === true ? [writer.emptyBatch()] : []), writer.end]
  }
}

const textEncoder = (
  format: Exclude<Model.RowFormat, "arrow">,
  columns: ReadonlyArray<Model.SchemaField>
): Encoder => ({
  start: () => format === "csv" && columns.length > 0 ? [csvHeader(columns)] : [],
  write: (chunk) => [linesOf(chunk)],
  end: () => []
})

export interface RowReader {
  /** Rows of a relation, as they were when the relation was made, one range after the other. */
  readonly stream: (
    relation: Relation,
    columns: ReadonlyArray<Model.SchemaField>,
    ranges: ReadonlyArray<Range>,
    format: Model.RowFormat,
    options: Model.ReadOptions | undefined
  ) => Stream.Stream<Uint8Array>
}

export const makeRowReader = (
  database: Database,
  relations: Relations,
  defaults: { readonly batchRows: number }
): RowReader => ({
  stream: (relation, columns, ranges, format, options) =>
    Stream.unwrap(Effect.gen(function*() {
      // One transaction: what is dropped meanwhile is still there for it.
      const session = yield* database.session
      const segments = yield* relations.segments(relation.id)
      if (segments.reduce((sum, { numRows }) => sum + numRows, 0) !== relation.numRows) {
        return yield* Effect.die(new Error("The rows were removed before they were read"))
      }
      const encoder = format === "arrow"
        ? arrowEncoder(columns, { ...options, batchRows: Math.max(1, options?.batchRows ?? defaults.batchRows) })
        : textEncoder(format, columns)

      const starts: Array<number> = []
      segments.reduce((position, { numRows }) => {
        starts.push(position)
        return position + numRows
      }, 0)
      const pieces = ranges.flatMap((range) =>
        segments.flatMap((segment, index) => {
          const from = Math.max(range.from - starts[index]!, 0)
          const to = Math.min(range.to - starts[index]!, segment.numRows)
          return from >= to || columns.length === 0 ? [] : [{ segment, from, to }]
        })
      )

      // The state of the pull: which piece comes next, and what of it is being read.
      let next = 0
      let chunks: Chunks | undefined
      let stage: "start" | "rows" | "done" = "start"

      const open = ({ from, segment, to }: Range & { readonly segment: Segment }): Effect.Effect<Chunks, DuckFault> =>
        Effect.flatMap(Contents.columnsOf(database, segment.contentId), (own) =>
          session.chunks(selectSegment(
            segment,
            own,
            columns,
            { from, to },
            format === "arrow" ? undefined : (values) => `${line(format, columns, values)} AS line`
          )))

      const step = Effect.gen(function*() {
        if (stage === "start") {
          stage = "rows"
          return encoder.start()
        }
        if (chunks === undefined) {
          const piece = pieces[next++]
          if (piece === undefined) {
            stage = "done"
            return encoder.end()
          }
          chunks = yield* open(piece)
          return []
        }
        const chunk = yield* chunks.next
        if (chunk === undefined) {
          chunks = undefined
          return []
        }
        return encoder.write(chunk)
      })

      const pull = Effect.gen(function*() {
        while (stage !== "done") {
          const parts = yield* Effect.orDie(step)
          if (Arr.isReadonlyArrayNonEmpty(parts)) return parts
        }
        return yield* Cause.done()
      })
      return Stream.fromPull(Effect.succeed(pull))
    }))
})

export const makeRows = (relations: Relations, resolve: Resolve, reader: RowReader): Rows => ({
  count: (source, selection) =>
    Effect.gen(function*() {
      const { relation } = yield* resolve(source)
      yield* selectColumns(yield* relations.columns(relation.id), selection?.variables)
      const { from, to } = yield* rangeOf(relation.numRows, selection)
      return to - from
    }),
  read: (source, format, selection, options) =>
    Effect.gen(function*() {
      const { relation } = yield* resolve(source)
      const columns = yield* selectColumns(yield* relations.columns(relation.id), selection?.variables)
      const range = yield* rangeOf(relation.numRows, selection)
      const order = selection?.order
      const ranges = order === undefined ? [range] : dealt(relation.numRows, range, order)
      return reader.stream(relation, columns, ranges, format, options)
    })
})

/** Rows of a statement of the store's own as an Arrow stream; its columns are the fields. */
export const streamSelect = (
  database: Database,
  fields: ReadonlyArray<Model.SchemaField>,
  sql: string,
  batchRows: number
): Stream.Stream<Uint8Array> =>
  Stream.unwrap(Effect.gen(function*() {
    const session = yield* database.session
    const encoder = arrowEncoder(fields, { batchRows })
    const chunks = yield* Effect.orDie(session.chunks(sql))
    let isDone = false
    const pull: Effect.Effect<Arr.NonEmptyReadonlyArray<Uint8Array>, Cause.Done> = Effect.suspend(() =>
      isDone
        ? Cause.done()
        : Effect.flatMap(Effect.orDie(chunks.next), (chunk) => {
          isDone = chunk === undefined
          const parts = chunk === undefined ? encoder.end() : encoder.write(chunk)
          return Arr.isReadonlyArrayNonEmpty(parts) ? Effect.succeed(parts) : pull
        })
    )
    return Stream.concat(Stream.fromIterable(encoder.start()), Stream.fromPull(Effect.succeed(pull)))
  }))
