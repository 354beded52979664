/** Reading the streams of one session: each from where it stands, several at once, on over breaks. */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Pull from "effect/Pull"
import * as Clock from "effect/Clock"
import * as Scope from "effect/Scope"
import { again as tryAgain, type Steps } from "../../client/retrying.ts"
import * as readSession from "../../contract/readSession.ts"
import { CoercionError, IntegrityError } from "../../contract/RedivisError.ts"
import type * as variable from "../../contract/variable.ts"
import type { Batch, Column } from "../arrow/column.ts"
import { pullBatches } from "../arrow/pullBatches.ts"
import { makeArrange, type MisfitInColumn } from "./arrange.ts"
import type { OpenError, SessionError, Streams } from "./source.ts"

const operation = readSession.getStream.name

/** Rows for which another stream is worth its request. */
const rowsAStream = 50_000

/** What a session is asked for where the order of the rows does not matter. */
export const mostStreams = 4

/** How many streams are read at the same time where it is not said: more where they are worth it. */
export const streamsFor = (numRows: number): number => Math.min(mostStreams, Math.ceil(numRows / rowsAStream) || 1)

/** What opening another session may add to what reading a stream fails with. */
/**
 * What reading rows fails with.
 *
 * @category errors
 * @since 0.1.0
 */
export type RowsError = SessionError | StreamError

export type StreamError = OpenError | CoercionError | IntegrityError

/** One stream of the session, and how many of its rows were handed on. */
export interface StreamState {
  /** Another one where a new session stands for the one that has expired. */
  id: string
  readonly estimatedRows?: number
  offset: number
  done: boolean
}

/** How far the reading of a session has come. */
export interface Reading {
  readonly source: Streams
  readonly variables: ReadonlyArray<Pick<variable.Variable, "name" | "type">>
  readonly streams: ReadonlyArray<StreamState>
  /** Streams that are read at the same time; 1: one after the other, in order. */
  readonly atOnce: number
  /** Rows that the session has. */
  readonly numRows: number
  /** Rows that are still wanted; a server may send more. */
  remaining: number
  /** Rows that the session was asked for, where it has more; a server may send a few beyond. */
  readonly limit: number | undefined
  /** Whether the session has other streams that are read elsewhere. */
  readonly isPart: boolean
  /** Gives the streams new ids, of a session in place of one that has expired. */
  readonly renew: Effect.Effect<void, RowsError> | undefined
  /** Rows that arrived. */
  arrived: number
}

/** What rows become on the way to the caller. */
export interface Shape<A> {
  /** Whether the memory of a batch is used again for the next. */
  readonly reusesMemory: boolean
  /** For the batches of one stream, all of one schema: what rows `from` to (not with) `to` of a batch become. */
  readonly make: () => (
    columns: ReadonlyArray<Column>,
    from: number,
    to: number
  ) => ReadonlyArray<A> | MisfitInColumn
  /** Rows that are handed on together, at most. */
  readonly rowsAtOnce: number
}

type Next<A> = Effect.Effect<ReadonlyArray<A> | undefined, RowsError>

export const isMisfit = (items: ReadonlyArray<unknown> | { readonly expected: string }): items is MisfitInColumn =>
  !Array.isArray(items)

/** The rows of one answer; `undefined` after the last, which the sentinel has proved. The request ends with the scope. */
const openAnswer = <A>(
  reading: Reading,
  state: StreamState,
  shape: Shape<A>
): Effect.Effect<Next<A>, RowsError, Scope.Scope> =>
  Effect.map(
    reading.source.stream(state.id, state.offset),
    ({ pull, status, url }) => {
      const located = { operation, method: "GET", url, status }
      const batches = pullBatches(pull, {
        ...located,
        sentinel: true,
        maxRows: reading.numRows - reading.arrived,
        reusesMemory: shape.reusesMemory
      })
      const make = shape.make()
      let arrange: ReturnType<typeof makeArrange> | undefined
      /** The columns of the batch that is being handed on, of which `from` is the next row. */
      let columns: ReadonlyArray<Column> = []
      let from = 0
      let length = 0
      const misfit = ({ column, expected, row, value }: MisfitInColumn): CoercionError =>
        new CoercionError({
          ...located,
          row: reading.arrived + row - from,
          column,
          value: String(value).slice(0, 40),
          expected
        })
      /** Why the batch is not handed on any further. */
      let broken: CoercionError | undefined
      const begin = (batch: Batch): Next<A> => {
        if (reading.remaining === 0 && batch.numRows > 0) {
          // no more are wanted, and who sends more may never end
          reading.arrived += batch.numRows
          return Effect.succeed(undefined)
        }
        arrange ??= makeArrange(reading.variables, batch.schema)
        // rows beyond those that are wanted need not fit
        let arranged = arrange(batch, Math.min(batch.numRows, reading.remaining))
        from = 0
        length = batch.numRows
        while ("row" in arranged) {
          // the rows before it are right
          broken = misfit(arranged)
          length = arranged.row
          arranged = arrange(batch, length)
        }
        if ("expected" in arranged) return Effect.fail(new CoercionError({ ...located, ...arranged }))
        columns = arranged
        return take(length)
      }
      const take = (end: number): Next<A> => {
        if (from === end && broken !== undefined) {
          return reading.remaining > 0 ? Effect.fail(broken) : Effect.succeed(undefined)
        }
        const to = Math.min(from + shape.rowsAtOnce, end)
        const wanted = Math.min(to - from, reading.remaining)
        const items = make(columns, from, from + wanted)
        if (isMisfit(items)) return items.row > from ? take(items.row) : Effect.fail(misfit(items))
        reading.arrived += to - from
        reading.remaining -= wanted
        state.offset += to - from
        from = to
        return Effect.succeed(items)
      }
      const next: Next<A> = Effect.suspend((): Next<A> =>
        from < length || broken !== undefined
          ? take(length)
          : Effect.flatMap(batches, (batch) => batch === undefined ? Effect.succeed(undefined) : begin(batch))
      )
      return next
    }
  )

/** Whether all rows that are wanted have come, however many the server has. */
const isSatisfied = ({ limit, remaining }: Reading): boolean => limit !== undefined && remaining === 0

/** Whether an answer broke off, so that another one goes on from there. */
const isBreak = (error: RowsError): boolean =>
  error._tag === "TransportError" ||
  (error._tag === "IntegrityError" && (error.reason === "MissingEnd" || error.reason === "MissingSentinel"))

/** Whether the stream is not there any more, as after its session has expired. */
const isGone = ({ _tag }: RowsError): boolean => _tag === "BadRequest" || _tag === "NotFound"

/**
 * The rows of one stream. After a break another request begins at the first row
 * that was not handed on, as often as the policy has attempts without any row
 * between them.
 */
const pullStream = <A>(reading: Reading, state: StreamState, shape: Shape<A>, scope: Scope.Scope): Next<A> => {
  let answer: { readonly scope: Scope.Closeable; readonly next: Next<A> } | undefined
  let broken = 0
  let brokenSince = 0
  let opened = state.id
  let isRenewed = false
  const close = (): Effect.Effect<void> => {
    const ended = answer
    answer = undefined
    return ended === undefined ? Effect.void : Scope.close(ended.scope, Exit.void)
  }
  const open: Next<A> = Effect.suspend(() => {
    opened = state.id
    return Effect.flatMap(
      Scope.fork(scope),
      (inner) =>
        Effect.flatten(Effect.catch(
          Effect.map(Scope.provide(openAnswer(reading, state, shape), inner), (next) => {
            answer = { scope: inner, next }
            return pull
          }),
          // of the opening alone: what comes while rows are pulled is told apart before
          (error) => Effect.succeed(gone(error))
        ))
    )
  })
  /** A new session is made once, and not again before it gave a row. */
  const gone = (error: RowsError): Next<A> => {
    if (reading.renew === undefined || isRenewed || !isGone(error)) return Effect.fail(error)
    isRenewed = true
    // unless another stream has had one made already
    return Effect.andThen(state.id === opened ? reading.renew : Effect.void, open)
  }
  const end: Next<A> = Effect.suspend(() => {
    state.done = true
    return Effect.as(close(), undefined)
  })
  const steps: Steps = {}
  const again = Effect.fnUntraced(
    function*(error: RowsError): Effect.fn.Return<ReadonlyArray<A> | undefined, RowsError> {
      // behind the last row that is wanted there may be none to go on at
      if (isBreak(error) && isSatisfied(reading)) return yield* end
      yield* close()
      if (broken++ === 0) brokenSince = yield* Clock.currentTimeMillis
      const isNext = yield* tryAgain({
        operation,
        error,
        attempt: broken,
        steps,
        since: brokenSince,
        isRepeatable: isBreak(error)
      })
      return yield* isNext ? open : Effect.fail(error)
    }
  )
  const pull: Next<A> = Effect.suspend(() =>
    Effect.catch(
      Effect.flatMap(answer!.next, (items): Next<A> => {
        broken = 0
        isRenewed = false
        return items === undefined ? end : Effect.succeed(items)
      }),
      again
    )
  )
  return Effect.suspend(() =>
    answer !== undefined ? pull : state.done || isSatisfied(reading) ? Effect.succeed(undefined) : open
  )
}

/** Why the rows that arrived are not those that the session announced. */
const shortfall = (reading: Reading): IntegrityError | undefined => {
  const { arrived, isPart, limit, numRows } = reading
  const announced = limit ?? numRows
  const isWhole = limit !== undefined && arrived >= limit || arrived === announced || (isPart && arrived < announced)
  return isWhole ? undefined : new IntegrityError({
    operation,
    reason: "RowCount",
    detail: `${announced} rows were to come and ${arrived} came`
  })
}

type Items<A> = Arr.NonEmptyReadonlyArray<A>

const finish = (reading: Reading): Pull.Pull<never, RowsError> => {
  const error = shortfall(reading)
  return error === undefined ? Cause.done() : Effect.fail(error)
}

/** One stream after the other. */
const inOrder = <A>(pulls: ReadonlyArray<Next<A>>, reading: Reading): Pull.Pull<Items<A>, RowsError> => {
  let current = 0
  const next: Pull.Pull<Items<A>, RowsError> = Effect.suspend(() => {
    const pull = pulls[current]
    return pull === undefined ? finish(reading) : Effect.flatMap(pull, (items) => {
      if (items === undefined) current++
      return items !== undefined && Arr.isReadonlyArrayNonEmpty(items) ? Effect.succeed(items) : next
    })
  })
  return next
}

/** How often each of several streams may be ahead of the caller. */
const ahead = 4

/** Waits for a turn in a queue, unless the condition holds already: it may have come about since it was looked at. */
const until = (holds: () => boolean, queue: Array<() => void>): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (holds()) resume(Effect.void)
    else queue.push(() => resume(Effect.void))
  })

/**
 * Several streams at once, in the order in which their rows come. A queue by
 * hand: Effect's ways to join streams weigh more than all of this module.
 */
const asTheyCome = Effect.fnUntraced(function*<A>(
  pulls: ReadonlyArray<Next<A>>,
  reading: Reading,
  scope: Scope.Scope
): Effect.fn.Return<Pull.Pull<Items<A>, RowsError>> {
  const ready: Array<Items<A>> = []
  /** Streams that are far enough ahead, and the caller while nothing is ready. */
  const waiting: Array<() => void> = []
  const hungry: Array<() => void> = []
  const isFull = (): boolean => ready.length >= ahead * reading.atOnce
  let begun = 0
  let failure: Cause.Cause<RowsError> | undefined
  const produce = (pull: Next<A>): Effect.Effect<void, RowsError> =>
    Effect.flatMap(pull, (items) => {
      if (items === undefined) return Effect.void
      if (Arr.isReadonlyArrayNonEmpty(items)) ready.push(items)
      hungry.shift()?.()
      return isFull() ? Effect.flatMap(until(() => !isFull(), waiting), () => produce(pull)) : produce(pull)
    })
  const work: Effect.Effect<void, RowsError> = Effect.suspend(() => {
    const pull = pulls[begun++]
    return pull === undefined ? Effect.void : Effect.andThen(produce(pull), work)
  })
  let working = Math.min(reading.atOnce, pulls.length)
  const workers = yield* Scope.fork(scope)
  for (let worker = 0; worker < Math.min(reading.atOnce, pulls.length); worker++) {
    yield* Effect.forkIn(
      Effect.onExitPrimitive(work, (exit) => {
        if (Exit.isFailure(exit)) failure ??= exit.cause
        working--
        hungry.shift()?.()
        return undefined
      }),
      workers
    )
  }
  const next: Pull.Pull<Items<A>, RowsError> = Effect.suspend(() => {
    const items = ready.shift()
    if (items !== undefined) {
      waiting.shift()?.()
      return Effect.succeed(items)
    }
    if (failure !== undefined) return Effect.andThen(Scope.close(workers, Exit.void), settle)
    if (working === 0) return finish(reading)
    return Effect.flatMap(
      until(() => ready.length > 0 || failure !== undefined || working === 0, hungry),
      () => next
    )
  })
  /** What came until the others had stopped is handed on before the failure, which says how far it came. */
  const settle: Pull.Pull<Items<A>, RowsError> = Effect.suspend(() => {
    const items = ready.shift()
    return items === undefined ? Effect.failCause(failure!) : Effect.succeed(items)
  })
  return next
})

/** What a session's rows become, from where each stream stands to the proof that all have come. */
export const pullAll = <A>(
  reading: Reading,
  shape: Shape<A>,
  scope: Scope.Scope
): Effect.Effect<Pull.Pull<Items<A>, RowsError>> => {
  const pulls = reading.streams.map((state) => pullStream(reading, state, shape, scope))
  return reading.atOnce === 1
    ? Effect.succeed(inOrder(pulls, reading))
    : asTheyCome(pulls, reading, scope)
}
