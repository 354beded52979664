/**
 * Rows of tables and queries: a read session, its streams, their batches, and
 * the rows in them as objects.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
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
import type { Batch } from "./arrow/column.ts"
import { pullBatches } from "./arrow/pullBatches.ts"
import type { Schema } from "./arrow/schema.ts"
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
  const far = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    let diagonal = far[0]!
    far[0] = row
    for (let column = 1; column <= right.length; column++) {
      const above = far[column]!
      const exchanged = diagonal + (left[row - 1] === right[column - 1] ? 0 : 1)
      far[column] = Math.min(above + 1, far[column - 1]! + 1, exchanged)
      diagonal = above
    }
  }
  return far[right.length]!
}

const nearest = (name: string, names: ReadonlyArray<string>): string =>
  names
    .map((known) => ({ known, far: distance(name.toLowerCase().slice(0, 60), known.toLowerCase().slice(0, 60)) }))
    .toSorted((one, other) => one.far - other.far)
    .slice(0, 3)
    .map(({ known }) => known)
    .join(", ")

const refused = (field: string, reason: string): Effect.Effect<never, InvalidInput> =>
  Effect.fail(new InvalidInput({ field, reason }))

/** The variables that are wanted, by the table's own spelling. */
const select = (
  known: ReadonlyArray<variable.Variable>,
  wanted: ReadonlyArray<string> | undefined
): Effect.Effect<ReadonlyArray<variable.Variable>, InvalidInput> => {
  if (wanted === undefined) return Effect.succeed(known)
  if (wanted.length === 0) {
    return refused("variables", "names no variable; leave it out for all")
  }
  const byName = new Map(known.map((variable) => [variable.name.toLowerCase(), variable]))
  const chosen: Array<variable.Variable> = []
  for (const name of wanted) {
    const found = byName.get(name.toLowerCase())
    if (found === undefined) {
      return refused(
        "variables",
        `has ${JSON.stringify(name)}, which is none of the table's; nearest are ${
          nearest(name, known.map((variable) => variable.name))
        }`
      )
    }
    if (chosen.includes(found)) {
      return refused("variables", `names ${JSON.stringify(name)} twice`)
    }
    chosen.push(found)
  }
  return Effect.succeed(chosen)
}

/** A column that is not as its variable says. */
interface WrongColumn {
  readonly column: string
  readonly expected: string
}

/** The place of each variable in a stream's columns; a stream with other columns or other types is refused. */
const place = (
  variables: ReadonlyArray<variable.Variable>,
  schema: Schema
): ReadonlyArray<Selected> | WrongColumn => {
  const places = new Map<string, number>()
  for (const [index, field] of schema.fields.entries()) {
    const name = field.name.toLowerCase()
    if (places.has(name)) return { column: field.name, expected: "a column that is there once" }
    places.set(name, index)
  }
  const columns: Array<Selected> = []
  for (const { name, type } of variables) {
    const index = places.get(name.toLowerCase())
    if (index === undefined) return { column: name, expected: "a column of the stream" }
    const expected = misfitOfType(type, schema.fields[index]!.type)
    if (expected !== undefined) return { column: name, expected }
    columns.push({ name, type, index })
    places.delete(name.toLowerCase())
  }
  for (const column of places.keys()) return { column, expected: "one of the variables that were asked for" }
  return columns
}

interface Reading {
  readonly variables: ReadonlyArray<variable.Variable>
  readonly values: Values
  /** Rows that the session has. */
  readonly numRows: number
  /** Rows that are wanted; a server may send more. */
  readonly most: number
  readonly isLimited: boolean
  /** Rows that arrived, and rows that were handed on. */
  arrived: number
  given: number
}

const shown = (value: bigint | number): string => String(value).slice(0, 40)

type Rows = ReadonlyArray<Record<string, unknown>>

/**
 * Rows that are handed on together: their objects stay in the processor's cache while column after column is written
 * into them, and are gone before the next are made where nobody keeps them.
 */
const rowsAtOnce = 512

/** The rows of one stream, some at a time; `undefined` after the last. The request ends with the scope. */
const openStream = (
  redivis: Redivis["Service"],
  id: string,
  reading: Reading
): Effect.Effect<Effect.Effect<Rows | undefined, RowsError>, RowsError, Scope.Scope> =>
  Effect.map(
    redivis.open(readSession.getStream, { params: { stream: id }, query: { offset: 0, eosSentinel: true } }),
    ({ pull, status, url }) => {
      const located = { operation, method: "GET", url, status }
      const batches = pullBatches(pull, {
        ...located,
        sentinel: true,
        maxRows: reading.numRows - reading.arrived,
        reusesMemory: true
      })
      let make: ReturnType<typeof makeRows> | undefined
      /** The batch of which rows are left, and the first of them. */
      let current: Batch | undefined
      let from = 0
      const take = (batch: Batch): Effect.Effect<Rows, CoercionError> => {
        if (make === undefined) {
          const columns = place(reading.variables, batch.schema)
          if ("expected" in columns) return Effect.fail(new CoercionError({ ...located, ...columns }))
          make = makeRows(columns, reading.values)
        }
        const to = Math.min(from + rowsAtOnce, batch.numRows)
        const rows = make(batch, from, Math.min(to, from + reading.most - reading.given))
        if (isMisfit(rows)) {
          const { column, expected, row, value } = rows
          const rowOfAll = reading.arrived + row - from
          return Effect.fail(new CoercionError({ ...located, row: rowOfAll, column, value: shown(value), expected }))
        }
        reading.arrived += to - from
        reading.given += rows.length
        from = to
        current = to < batch.numRows ? batch : undefined
        return Effect.succeed(rows)
      }
      return Effect.suspend((): Effect.Effect<Rows | undefined, RowsError> => {
        if (current !== undefined) return take(current)
        return Effect.flatMap(batches, (batch) => {
          from = 0
          return batch === undefined ? Effect.succeed(undefined) : take(batch)
        })
      })
    }
  )

/** Why the rows that arrived are not those that the session announced. */
const shortfall = ({ arrived, isLimited, numRows }: Reading): IntegrityError | undefined =>
  // under a limit a server may send a few rows more than it was asked for
  arrived === numRows || (isLimited && arrived > numRows) ? undefined : new IntegrityError({
    operation,
    reason: "RowCount",
    detail: `the session has ${numRows} rows and ${arrived} came`
  })

/** One stream after the other. A pull by hand: Effect's ways to join streams weigh more than all of this module. */
const pullRows = (
  redivis: Redivis["Service"],
  streams: ReadonlyArray<readSession.ReadStream>,
  reading: Reading,
  scope: Scope.Scope
): Pull.Pull<Arr.NonEmptyReadonlyArray<Record<string, unknown>>, RowsError> => {
  let begun = 0
  let current:
    | { readonly scope: Scope.Closeable; readonly pull: Effect.Effect<Rows | undefined, RowsError> }
    | undefined
  const next: Pull.Pull<Arr.NonEmptyReadonlyArray<Record<string, unknown>>, RowsError> = Effect.suspend(() => {
    if (current !== undefined) {
      const { pull, scope } = current
      return Effect.flatMap(pull, (rows) => {
        if (rows === undefined) {
          current = undefined
          return Effect.andThen(Scope.close(scope, Exit.void), next)
        }
        return Arr.isReadonlyArrayNonEmpty(rows) ? Effect.succeed(rows) : next
      })
    }
    const stream = streams[begun++]
    if (stream === undefined) {
      const error = shortfall(reading)
      return error === undefined ? Cause.done() : Effect.fail(error)
    }
    return Effect.flatMap(
      Scope.fork(scope),
      (inner) =>
        Effect.flatMap(Scope.provide(openStream(redivis, stream.id, reading), inner), (pull) => {
          current = { scope: inner, pull }
          return next
        })
    )
  })
  return next
}

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
      return yield* refused("maxResults", "must be a whole number from 0 on")
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
    const scope = yield* Effect.scope
    const reading: Reading = {
      variables,
      values: options?.values ?? {},
      numRows: session.numRows,
      most: maxResults ?? session.numRows,
      isLimited: maxResults !== undefined,
      arrived: 0,
      given: 0
    }
    // the values were converted as V says
    const pull = pullRows(redivis, session.streams, reading, scope) as Pull.Pull<
      Arr.NonEmptyReadonlyArray<Row<V>>,
      RowsError
    >
    return Stream.fromPull(Effect.succeed(pull))
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
