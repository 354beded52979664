/**
 * Rows of tables and queries: a read session, its streams, their batches, and
 * the rows in them as objects.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { bytes } from "../client/bytes.ts"
import { defined } from "../client/defined.ts"
import * as pages from "../client/pages.ts"
import { Redivis } from "../client/Redivis.ts"
import { onSource, onTable, type Source } from "../client/resolve.ts"
import type * as Operation from "../contract/Operation.ts"
import * as readSession from "../contract/readSession.ts"
import { CoercionError, type Common, IntegrityError, InvalidInput } from "../contract/RedivisError.ts"
import type * as Reference from "../contract/Reference.ts"
import * as table from "../contract/table.ts"
import * as variable from "../contract/variable.ts"
import * as Arrow from "./Arrow.ts"
import { isMisfit, makeRows, type Selected } from "./rowObjects.ts"
import { misfitOfType, type Row, type Values } from "./rowValues.ts"

export type { Source } from "../client/resolve.ts"
export type { Row, Value, Values } from "./rowValues.ts"

/**
 * What reading rows fails with.
 *
 * @category errors
 * @since 0.1.0
 */
export type RowsError =
  | Common
  | Operation.Failure<typeof readSession.postByTable>
  | Operation.Failure<typeof readSession.getStream>
  | Operation.Failure<typeof variable.listByTable>
  | CoercionError
  | IntegrityError

/**
 * Which rows are read, and how their values are given.
 *
 * @category models
 * @since 0.1.0
 */
export interface RowsOptions<V extends Values = {}> {
  /** In the order that is wanted, whatever their letters' case; all where it is not given. */
  readonly variables?: ReadonlyArray<string> | undefined
  /** Rows at most. */
  readonly maxResults?: number | undefined
  /** How integers, dates and times are given. */
  readonly values?: V | undefined
}

const operation = readSession.getStream.name

/** How many letters have to change to make one name of the other. */
const distance = (left: string, right: string): number => {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      current.push(Math.min(
        previous[column]! + 1,
        current[column - 1]! + 1,
        previous[column - 1]! + (left[row - 1] === right[column - 1] ? 0 : 1)
      ))
    }
    previous = current
  }
  return previous[right.length]!
}

const nearest = (name: string, names: ReadonlyArray<string>): string =>
  names
    .map((known) => ({ known, far: distance(name.toLowerCase().slice(0, 60), known.toLowerCase().slice(0, 60)) }))
    .toSorted((one, other) => one.far - other.far)
    .slice(0, 3)
    .map(({ known }) => known)
    .join(", ")

/** The variables that are wanted, by the table's own spelling. */
const select = (
  known: ReadonlyArray<variable.Variable>,
  wanted: ReadonlyArray<string> | undefined
): Effect.Effect<ReadonlyArray<variable.Variable>, InvalidInput> => {
  if (wanted === undefined) return Effect.succeed(known)
  if (wanted.length === 0) {
    return Effect.fail(new InvalidInput({ field: "variables", reason: "names no variable; leave it out for all" }))
  }
  const byName = new Map(known.map((variable) => [variable.name.toLowerCase(), variable]))
  const chosen: Array<variable.Variable> = []
  for (const name of wanted) {
    const found = byName.get(name.toLowerCase())
    if (found === undefined) {
      return Effect.fail(
        new InvalidInput({
          field: "variables",
          reason: `has ${JSON.stringify(name)}, which is none of the table's; nearest are ${
            nearest(name, known.map((variable) => variable.name))
          }`
        })
      )
    }
    if (chosen.includes(found)) {
      return Effect.fail(new InvalidInput({ field: "variables", reason: `names ${JSON.stringify(name)} twice` }))
    }
    chosen.push(found)
  }
  return Effect.succeed(chosen)
}

const refuseType = (column: string, expected: string): CoercionError =>
  new CoercionError({ operation, column, expected })

/** The place of each variable in a stream's columns; a stream with other columns or other types is refused. */
const place = (
  variables: ReadonlyArray<variable.Variable>,
  schema: Arrow.Schema
): Effect.Effect<ReadonlyArray<Selected>, CoercionError> => {
  const places = new Map<string, number>()
  for (const [index, field] of schema.fields.entries()) {
    const name = field.name.toLowerCase()
    if (places.has(name)) return Effect.fail(refuseType(field.name, "a column that is there once"))
    places.set(name, index)
  }
  const columns: Array<Selected> = []
  for (const { name, type } of variables) {
    const index = places.get(name.toLowerCase())
    if (index === undefined) return Effect.fail(refuseType(name, "a column of the stream"))
    const expected = misfitOfType(type, schema.fields[index]!.type)
    if (expected !== undefined) return Effect.fail(refuseType(name, expected))
    columns.push({ name, type, index })
    places.delete(name.toLowerCase())
  }
  for (const extra of places.keys()) return Effect.fail(refuseType(extra, "one of the variables that were asked for"))
  return Effect.succeed(columns)
}

interface Reading {
  readonly variables: ReadonlyArray<variable.Variable>
  readonly values: Values
  /** Rows that the session has. */
  readonly numRows: number
  /** Rows that are wanted; a server may send more. */
  readonly most: number
  /** Rows that arrived, and rows that were handed on. */
  arrived: number
  given: number
}

const shown = (value: bigint | number): string => String(value).slice(0, 40)

const rowsOfStream = (
  redivis: Redivis["Service"],
  id: string,
  reading: Reading
): Stream.Stream<Record<string, unknown>, RowsError> =>
  Stream.suspend(() => {
    let make: ReturnType<typeof makeRows> | undefined
    const stream = bytes(redivis, readSession.getStream, {
      params: { stream: id },
      query: { offset: 0, eosSentinel: true }
    })
    return Arrow.readStream(stream, { operation, sentinel: true, maxRows: reading.numRows - reading.arrived }).pipe(
      Stream.mapEffect((batch): Effect.Effect<ReadonlyArray<Record<string, unknown>>, CoercionError> =>
        Effect.gen(function*() {
          make ??= makeRows(yield* place(reading.variables, batch.schema), reading.values)
          const rows = make(batch, reading.most - reading.given)
          if (isMisfit(rows)) {
            return yield* new CoercionError({
              operation,
              row: reading.arrived + rows.row,
              column: rows.column,
              value: shown(rows.value),
              expected: rows.expected
            })
          }
          reading.arrived += batch.numRows
          reading.given += rows.length
          return rows
        })
      ),
      Stream.flattenIterable
    )
  })

/** Fails where the rows that arrived are not those that the session announced. */
const complete = (reading: Reading, isLimited: boolean): Stream.Stream<never, IntegrityError> =>
  Stream.suspend(() => {
    const { arrived, numRows } = reading
    // under a limit a server may send a few rows more than it was asked for
    return arrived === numRows || (isLimited && arrived > numRows) ? Stream.empty : Stream.fail(
      new IntegrityError({
        operation,
        reason: "RowCount",
        detail: `the session has ${numRows} rows and ${arrived} came`
      })
    )
  })

/** All variables of a source. */
const variablesOf = (source: Source): Effect.Effect<ReadonlyArray<variable.Variable>, RowsError, Redivis> =>
  pages.collect((options) => {
    const query = pages.pageQuery(options)
    return Effect.map(
      onSource<variable.VariablePage, RowsError>(source, {
        table: (redivis, table) => redivis.execute(variable.listByTable, { params: { table }, query }),
        query: (redivis, id) => redivis.execute(variable.listByQuery, { params: { query: id }, query })
      }),
      (page) => pages.pageOf(page)
    )
  })

/** The rows of a table or a query as objects, stream after stream of one session. */
export const rows = <const V extends Values = {}>(
  source: Source,
  options?: RowsOptions<V>
): Stream.Stream<Row<V>, RowsError, Redivis> =>
  Stream.unwrap(Effect.gen(function*() {
    const redivis = yield* Redivis
    const maxResults = options?.maxResults
    if (maxResults !== undefined && (!Number.isSafeInteger(maxResults) || maxResults < 0)) {
      return yield* new InvalidInput({ field: "maxResults", reason: "must be a whole number from 0 on" })
    }
    const variables = yield* select(yield* variablesOf(source), options?.variables)
    const body = defined({
      format: "arrow",
      selectedVariables: options?.variables === undefined ? undefined : variables.map(({ name }) => name),
      maxResults,
      requestedStreamCount: 1
    })
    const session = yield* onSource<readSession.ReadSession, RowsError>(source, {
      table: (redivis, table) => redivis.execute(readSession.postByTable, { params: { table }, body }),
      query: (redivis, query) => redivis.execute(readSession.postByQuery, { params: { query }, body })
    })
    const reading: Reading = {
      variables,
      values: options?.values ?? {},
      numRows: session.numRows,
      most: maxResults ?? session.numRows,
      arrived: 0,
      given: 0
    }
    return Stream.fromIterable(session.streams).pipe(
      Stream.flatMap((stream) => rowsOfStream(redivis, stream.id, reading)),
      Stream.concat(complete(reading, maxResults !== undefined))
    ) as Stream.Stream<Row<V>, RowsError> // the values were converted as V says
  }))

/**
 * What {@link tableBytes} fails with.
 *
 * @category errors
 * @since 0.1.0
 */
export type BytesError = Common | Operation.Failure<typeof table.listRows>

/**
 * Which rows are read as bytes.
 *
 * @category models
 * @since 0.1.0
 */
export interface BytesOptions {
  /** In the order that is wanted; all where it is not given. */
  readonly variables?: ReadonlyArray<string> | undefined
  /** Rows at most. */
  readonly maxResults?: number | undefined
}

/** The rows of a table in one answer, as bytes of a format. */
export const tableBytes = (
  reference: Reference.TableInput,
  format: "csv" | "ndjson" | "arrow",
  options?: BytesOptions
): Stream.Stream<Uint8Array, BytesError, Redivis> =>
  Stream.unwrap(
    onTable<Stream.Stream<Uint8Array, BytesError>, never>(reference, (redivis, reference) =>
      Effect.succeed(bytes(redivis, table.listRows, {
        params: { table: reference },
        query: defined({ format, selectedVariables: options?.variables, maxResults: options?.maxResults })
      })))
  )
