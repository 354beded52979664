/** What a reading begins with: the variables of its source, and a session over its rows. */
import * as Effect from "effect/Effect"
import * as pages from "../../client/pages.ts"
import type { Redivis } from "../../client/Redivis.ts"
import { onSource, type Source } from "../../client/resolve.ts"
import type * as Operation from "../../contract/Operation.ts"
import * as readSession from "../../contract/readSession.ts"
import type { Common } from "../../contract/RedivisError.ts"
import * as variable from "../../contract/variable.ts"

export type SessionError =
  | Common
  | Operation.Failure<typeof readSession.postByTable>
  | Operation.Failure<typeof variable.listByTable>

/** All variables of a source. */
export const variablesOf = (
  source: Source
): Effect.Effect<ReadonlyArray<variable.Variable>, SessionError, Redivis> =>
  pages.collect("variables.list", (options) => {
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

interface Session {
  readonly session: readSession.ReadSession
  readonly at: { readonly table: string; readonly upload?: string } | { readonly query: string }
}

/** A session, and the source by its canonical reference. */
export const createSession = (
  source: Source,
  body: readSession.ReadSessionPost
): Effect.Effect<Session, SessionError, Redivis> =>
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
