/** The rows of SQL that was translated, as a content that the catalogue does not know yet. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Contents from "./contents.ts"
import type { Session } from "./Database.ts"
import * as Decode from "./decode.ts"
import { makeId, quoteName, variableKey } from "./identifiers.ts"
import { conversionsOf, isUncertain, type ResultColumn } from "./imports/columnsOfResult.ts"
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
    const fields = described.map((row) => ({
      name: Decode.text(row, "column_name"),
      duckType: Decode.text(row, "column_type")
    }))
    const seen = new Set<string>()
    for (const { name } of fields) {
      if (seen.has(variableKey(name))) {
        return yield* new QueryFailed({ message: `Two columns of the result are named ${name}: give one an alias` })
      }
      seen.add(variableKey(name))
    }
    // The line break ends a comment that the SQL may end in.
    const direct = `(${translated.sql}\n)`
    if (!fields.some(isUncertain)) return yield* write(session, translated, direct, fields)
    // Its values are looked at before they are converted, and a query is not run twice.
    const table = quoteName(`result_${makeId()}`)
    yield* session.rows(`CREATE TEMP TABLE ${table} AS SELECT * FROM ${direct} AS result`)
    const content = yield* write(session, translated, table, fields)
    yield* session.rows(`DROP TABLE ${table}`)
    return content
  })

const wideIntegers: ReadonlySet<string> = new Set(["UBIGINT", "HUGEINT", "UHUGEINT", "BIGNUM"])

const isText = (type: Model.VariableType): boolean => type === "string" || type === "geography"

/** Why a column cannot be the type that GoogleSQL gives it: a number is never made another, nor a text. */
const misfit = (
  { duckType, name }: ResultColumn,
  found: Model.VariableType,
  wanted: Model.VariableType | undefined
): string | undefined => {
  if (found === "string" && (wanted === "integer" || wideIntegers.has(duckType))) {
    return `The column ${name} has an integer that 64 bits do not hold`
  }
  // a type of a result does not hang on its values, as that of a file does
  return wanted === "float" && found !== "float" && duckType.startsWith("DECIMAL")
    ? `The column ${name} has a NUMERIC with more digits than a float holds: CAST it AS STRING to keep them all, or AS FLOAT64 to round it`
    : undefined
}

const write = (session: Session, translated: Translated, from: string, fields: ReadonlyArray<ResultColumn>) =>
  Effect.gen(function*() {
    const conversions = yield* conversionsOf(session, from, fields, { isFile: false })
    const types = new Map(
      Object.entries(translated.columnTypes ?? {}).map(([name, type]) => [variableKey(name), type])
    )
    const columns: Array<Model.SchemaField> = []
    for (const [index, { name }] of fields.entries()) {
      const { type } = conversions[index]!
      const wanted = types.get(variableKey(name))
      const reason = misfit(fields[index]!, type, wanted)
      if (reason !== undefined) return yield* new QueryFailed({ message: reason })
      columns.push({ name, type: isText(type) && wanted === "geography" ? "geography" : type })
    }
    const values = fields.map(({ name }, index) =>
      `${conversions[index]!.convert(quoteName(name))} AS ${quoteName(name)}`
    )
    return yield* Contents.fromSelect(session, columns, `SELECT ${values.join(", ")} FROM ${from} AS result`)
  })
