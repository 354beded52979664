/** Where rows come from: the server, what is kept of a table, or a recording of either. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Bytes } from "../../client/call/execute.ts"
import * as pages from "../../client/pages.ts"
import { onSource, type Source } from "../../client/resolve.ts"
import { type Executor, executor, openBytes, Redivis } from "../../client/service.ts"
import type * as Operation from "../../contract/Operation.ts"
import * as readSession from "../../contract/readSession.ts"
import type { Common, IntegrityError, TransportError } from "../../contract/RedivisError.ts"
import * as variable from "../../contract/variable.ts"

/**
 * What making a session fails with.
 *
 * @category errors
 * @since 0.1.0
 */
export type SessionError =
  | Common
  | Operation.Failure<typeof readSession.postByTable>
  | Operation.Failure<typeof variable.listByTable>

export type OpenError = Common | Operation.Failure<typeof readSession.getStream>

/** A session over rows, and what they are of by its canonical reference. */
export interface Session {
  readonly session: readSession.ReadSession
  readonly at: { readonly table: string; readonly upload?: string } | { readonly query: string }
}

/** The streams of a session. */
export interface Streams {
  /** The bytes of one from a row on, until the scope closes. */
  readonly stream: (
    id: string,
    offset: number
  ) => Effect.Effect<Bytes<TransportError | IntegrityError>, OpenError, Scope.Scope>
  /** How many may be read at once. */
  readonly atOnce: number
}

/** All that a reading asks for. */
export interface RowSource extends Streams {
  /** All variables, in the order of the source. */
  readonly variables: Effect.Effect<ReadonlyArray<variable.Variable>, SessionError>
  readonly session: (body: readSession.ReadSessionPost) => Effect.Effect<Session, SessionError>
}

const streamsBy = (redivis: Executor): Streams => ({
  stream: (id, offset) =>
    openBytes(redivis, readSession.getStream, { params: { stream: id }, query: { offset, eosSentinel: true } }),
  atOnce: redivis.sending.configuration.platform.bodies
})

/** The streams of any session of the server's. */
export const streamsOfServer: Effect.Effect<Streams, never, Redivis> = /*#__PURE__*/ Effect.map(executor, streamsBy)

/** The rows of a table, an upload or a query at the server. */
export const fromServer = (source: Source): Effect.Effect<RowSource, never, Redivis> =>
  Effect.map(executor, (redivis): RowSource => {
    const variables = pages.collect("variables.list", (options) => {
      const query = pages.pageQuery(options)
      return Effect.map(
        onSource<variable.VariablePage, SessionError>(source, {
          table: (redivis, params) => redivis.execute(variable.listByTable, { params, query }),
          upload: (redivis, params) => redivis.execute(variable.listByUpload, { params, query }),
          query: (redivis, params) => redivis.execute(variable.listByQuery, { params, query })
        }),
        (page) => pages.pageOf(page)
      )
    })
    const session = (body: readSession.ReadSessionPost) =>
      onSource<Session, SessionError>(source, {
        table: (redivis, params) =>
          Effect.map(
            redivis.execute(readSession.postByTable, { params, body }),
            (session) => ({ session, at: params })
          ),
        upload: (redivis, params) =>
          Effect.map(
            redivis.execute(readSession.postByUpload, { params, body }),
            (session) => ({ session, at: params })
          ),
        query: (redivis, params) =>
          Effect.map(
            redivis.execute(readSession.postByQuery, { params, body }),
            (session) => ({ session, at: params })
          )
      })
    return {
      ...streamsBy(redivis),
      variables: Effect.provideService(variables, Redivis, redivis),
      session: (body) => Effect.provideService(session(body), Redivis, redivis)
    }
  })
