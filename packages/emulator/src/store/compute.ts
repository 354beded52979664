/** The rows of SQL that was translated, as a content that the catalogue does not know yet. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Contents from "./contents.ts"
import type { Session } from "./Database.ts"
import * as Decode from "./decode.ts"
import { quoteName, variableKey } from "./identifiers.ts"
import { conversionOf } from "./imports/columnsOfResult.ts"
import type * as Model from "./model.ts"
import type { Translated } from "./Store.ts"
import { QueryFailed } from "./StoreError.ts"

/** Ends what runs longer than that many milliseconds, as the query's failure. */
export const withTimeout =
  (timeout: number | undefined) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | QueryFailed, R> =>
    timeout === undefined ? effect : Effect.timeoutOrElse(effect, {
      duration: Duration.millis(timeout),
      orElse: () =>
        Effect.fail(
          new QueryFailed({
            message: `Operation timed out after ${
              timeout / 1000
            } seconds. Consider reducing the amount of work performed by your operation so that it can complete within this limit`
          })
        )
    })

export const compute = (session: Session, translated: Translated) =>
  Effect.gen(function*() {
    const described = yield* session.rows(`DESCRIBE ${translated.sql}`)
    const types = new Map(
      Object.entries(translated.columnTypes ?? {}).map(([name, type]) => [variableKey(name), type])
    )
    const seen = new Set<string>()
    const columns: Array<Model.SchemaField> = []
    const values: Array<string> = []
    for (const row of described) {
      const name = Decode.text(row, "column_name")
      if (seen.has(variableKey(name))) {
        return yield* new QueryFailed({ message: `Two columns of the result are named ${name}: give one an alias` })
      }
      seen.add(variableKey(name))
      const conversion = conversionOf(Decode.text(row, "column_type"))
      const isText = conversion.type === "string" || conversion.type === "geography"
      const wanted = types.get(variableKey(name))
      columns.push({ name, type: isText && wanted === "geography" ? "geography" : conversion.type })
      values.push(`${conversion.convert(quoteName(name))} AS ${quoteName(name)}`)
    }
    // The line break ends a comment that the SQL may end in.
    return yield* Contents.fromSelect(
      session,
      columns,
      `SELECT ${values.join(", ")} FROM (${translated.sql}\n) AS result`
    )
  })
