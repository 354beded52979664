/** Where a reading begins, and how it goes on from any position. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { defined } from "../../client/defined.ts"
import { Redivis } from "../../client/service.ts"
import type { Position, StreamDescriptor } from "../../contract/position.ts"
import type { InvalidInput } from "../../contract/RedivisError.ts"
import { estimateOf, itsTables, quoted, type SizeOf } from "../estimate.ts"
import type { BatchesOptions, RowsOptions, ShapeOptions } from "../Rows.ts"
import { isThere, type Values } from "../rowValues.ts"
import { mostStreams, pullAll, type Reading, type RowsError, type Shape } from "./reading.ts"
import { checkCount, checkNames, refused, select } from "./select.ts"
import type { RowSource, Streams } from "./source.ts"

export const checkShape = (options: ShapeOptions<Values, unknown> | undefined): Effect.Effect<void, InvalidInput> =>
  isThere(options?.values ?? {})
    ? checkCount("batchSize", options?.batchSize, 1)
    : refused("values", "asks for Temporal, which this runtime does not have: ask for text or micros")

export const checkOptions = Effect.fnUntraced(function*(
  options: RowsOptions<Values, unknown> | undefined
): Effect.fn.Return<void, InvalidInput> {
  yield* checkCount("maxResults", options?.maxResults, 0)
  yield* checkCount("maxRows", options?.maxRows, 0)
  yield* checkCount("maxBytes", options?.maxBytes, 0)
  yield* checkCount("streams", options?.streams, 1)
  yield* checkNames(options?.variables)
  yield* checkShape(options)
})

/** What stays of a position while rows are read. */
type Begun = Omit<Position, "streams" | "arrived" | "remaining">

/** Where a reading stands, for another one to go on from there. */
const positionOf = (reading: Reading, begun: Begun): Position => ({
  ...begun,
  arrived: reading.arrived,
  remaining: reading.remaining,
  streams: reading.streams.map((stream) => ({ ...stream }))
})

/** Reads on from a position, until the scope closes; a failure says how far it came. */
export const readOn = Effect.fnUntraced(function*<A>(
  source: Streams,
  position: Position,
  shapeOf: (variables: Reading["variables"]) => Shape<A>,
  options: Pick<BatchesOptions, "onExpiry" | "streams"> | undefined
): Effect.fn.Return<Stream.Stream<A, RowsError>, never, Redivis | Scope.Scope> {
  const redivis = yield* Redivis
  const { arrived, remaining, streams, ...beginning } = position
  let begun: Begun = beginning
  const { maxResults, numRows } = begun
  const onExpiry = options?.onExpiry
  const reading: Reading = {
    source,
    variables: begun.variables,
    streams: streams.map((stream) => ({ ...stream })),
    atOnce: begun.ordered
      ? 1
      : Math.min(source.atOnce, options?.streams ?? streams.length),
    numRows,
    limit: maxResults !== undefined && maxResults <= numRows ? maxResults : undefined,
    isPart: begun.partial === true,
    remaining,
    arrived,
    renew: onExpiry &&
      Effect.suspend(() =>
        Effect.flatMap(onExpiry(positionOf(reading, begun)), ({ createdAt, streams: renewed }) => {
          if (renewed.length !== streams.length) return refused("onExpiry", "gave a position of other streams")
          begun = { ...begun, createdAt }
          for (const [index, { id }] of renewed.entries()) reading.streams[index]!.id = id
          return Effect.void
        })
      ).pipe(Effect.provideService(Redivis, redivis))
  }
  const pull = yield* pullAll(reading, shapeOf(begun.variables), yield* Effect.scope)
  return Stream.fromPull(Effect.succeed(
    Effect.mapError(pull, (error) =>
      // the end comes through the same channel
      Cause.isDone(error) ? error : Object.assign(error, { resume: positionOf(reading, begun) }))
  ))
})

/** Refuses to read so much, and says what to do in its place. */
const refuseAbove = (
  field: "maxRows" | "maxBytes",
  most: number,
  found: number,
  from: string
): Effect.Effect<void, InvalidInput> =>
  found <= most ? Effect.void : refused(
    field,
    `is ${most}, and there are ${found} ${field === "maxRows" ? "rows" : "bytes"}: let SQL aggregate them, as ` +
      `select count(*) from ${from}, or read fewer by maxResults`
  )

/** Makes a session and says where its reading begins, unless there is more than may be. */
export const begin = Effect.fnUntraced(function*(
  source: RowSource,
  size: SizeOf,
  options: RowsOptions<Values, unknown> | undefined
): Effect.fn.Return<Position, RowsError, Redivis> {
  const maxResults = options?.maxResults
  yield* checkOptions(options)
  const variables = yield* select(yield* source.variables, options?.variables)
  if (options?.maxBytes !== undefined) {
    const whole = yield* size
    yield* refuseAbove("maxBytes", options.maxBytes, estimateOf(whole, maxResults).bytes, whole.from)
  }
  const ordered = options?.ordered ?? true
  const { at, session } = yield* source.session(defined({
    format: "arrow",
    selectedVariables: options?.variables === undefined ? undefined : variables.map(({ name }) => name),
    maxResults,
    requestedStreamCount: options?.streams ?? (ordered ? 1 : mostStreams)
  }))
  const { numRows } = session
  if (options?.maxRows !== undefined) {
    yield* refuseAbove("maxRows", options.maxRows, numRows, "table" in at ? quoted(at.table) : itsTables)
  }
  return defined({
    source: at,
    variables: variables.map(({ name, type }) => ({ name, type })),
    values: defined({ ...options?.values }),
    ordered,
    numRows,
    maxResults,
    arrived: 0,
    remaining: Math.min(maxResults ?? numRows, numRows),
    createdAt: yield* Clock.currentTimeMillis,
    streams: session.streams.map(({ estimatedRows, id }) =>
      defined({ id, offset: 0, done: false, estimatedRows: estimatedRows ?? undefined })
    )
  })
})

/** Where the reading of one stream begins. */
export const beginningOf = (stream: StreamDescriptor, values: Values | undefined): Position => {
  const { createdAt, estimatedRows, id, maxResults, numRows, source, variables } = stream
  return defined({
    source,
    variables,
    values: defined({ ...values }),
    ordered: true,
    numRows,
    maxResults,
    arrived: 0,
    remaining: Math.min(maxResults ?? numRows, numRows),
    createdAt,
    partial: true,
    streams: [defined({ id, offset: 0, done: false, estimatedRows })]
  })
}
