/**
 * Scripts that read the rows of a table, an upload or a query in SAS or Stata.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { defined } from "../client/defined.ts"
import type { Redivis } from "../client/service.ts"
import { onSource, type Source } from "../client/resolve.ts"
import type * as Operation from "../contract/Operation.ts"
import { type Common, InvalidInput } from "../contract/RedivisError.ts"
import * as contract from "../contract/script.ts"

export type { Source } from "../client/resolve.ts"

/**
 * @category errors
 * @since 0.1.0
 */
export type ScriptError = Common | Operation.Failure<typeof contract.byTable>

/**
 * What a script for Stata reads.
 *
 * @category models
 * @since 0.1.0
 */
export interface StataOptions {
  /** Where the script finds the rows, as a CSV file with a header. */
  readonly filePath?: string | undefined
  /** In the order of the file's columns; all where it is not given. */
  readonly variables?: ReadonlyArray<string> | undefined
}

/**
 * What a script for SAS reads.
 *
 * @category models
 * @since 0.1.0
 */
export interface SasOptions extends StataOptions {
  /** The data set that the script makes. */
  readonly datasetName?: string | undefined
  /** How the lines of the file end, as `crlf` or `lf`. */
  readonly termstr?: string | undefined
  /** The longest text of variables, in bytes. */
  readonly stringVariableLengths?: Readonly<Record<string, number>> | undefined
}

type Query = (Operation.Input<typeof contract.byTable>)["query"]

const ask = (source: Source, query: Query): Effect.Effect<string, ScriptError, Redivis> =>
  onSource<string, ScriptError>(source, {
    table: (redivis, params) => redivis.execute(contract.byTable, { params, query }),
    upload: (redivis, params) => redivis.execute(contract.byUpload, { params, query }),
    query: (redivis, params) => redivis.execute(contract.byQuery, { params, query })
  })

/**
 * A SAS program that reads the rows from a CSV file, with their types, labels
 * and value labels.
 *
 * **Details**
 *
 * `GET /tables/:table/script`, `GET /tables/:table/uploads/:upload/script` or
 * `GET /queries/:query/script`. No page documents it; the official Python client
 * asks for it. Needs the scope `data.metadata` unless the table is public, and
 * `data.data` for a query.
 *
 * **Failures**
 *
 * - `InvalidInput`: the length of a variable is not a whole number of bytes
 * - `BadRequest`: a variable is none of the source's, or the query or upload has not completed
 * - `Forbidden`: the account may see the table but not its variables
 * - `NotFound`: there is no such source, or the token may not see it
 *
 * **Example** (Two variables)
 *
 * ```ts
 * import * as Script from "@effect-redivis/core/Script"
 *
 * const program = Script.sas({ table: "demo.penguins.birds" }, {
 *   filePath: "birds.csv",
 *   datasetName: "birds",
 *   variables: ["species", "body_mass_g"],
 *   stringVariableLengths: { species: 20 }
 * })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const sas = (source: Source, options?: SasOptions): Effect.Effect<string, ScriptError, Redivis> => {
  const lengths = Object.entries(options?.stringVariableLengths ?? {})
  const wrong = lengths.find(([, length]) => !Number.isSafeInteger(length) || length < 1)
  if (wrong !== undefined) {
    return Effect.fail(
      new InvalidInput({
        field: `stringVariableLengths.${wrong[0]}`,
        reason: "must be a whole number of bytes, 1 or more"
      })
    )
  }
  return ask(
    source,
    defined({
      type: "sas",
      filePath: options?.filePath,
      selectedVariables: options?.variables,
      sasDatasetName: options?.datasetName,
      termstr: options?.termstr,
      stringVariableLengths: lengths.length === 0 ? undefined : lengths.map(([name, length]) => `${name}:${length}`)
    })
  )
}

/**
 * A Stata program that reads the rows from a CSV file, with their types, labels
 * and value labels.
 *
 * **Details**
 *
 * As {@link sas}, for Stata.
 *
 * **Failures**
 *
 * - `BadRequest`: a variable is none of the source's, or the query or upload has not completed
 * - `Forbidden`: the account may see the table but not its variables
 * - `NotFound`: there is no such source, or the token may not see it
 *
 * **Example** (Of a query's result)
 *
 * ```ts
 * import * as Query from "@effect-redivis/core/Query"
 * import * as Script from "@effect-redivis/core/Script"
 * import * as Effect from "effect/Effect"
 *
 * const program = Query.run("select species from `demo.penguins.birds`").pipe(
 *   Effect.flatMap((query) => Script.stata({ query }, { filePath: "species.csv" }))
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const stata = (source: Source, options?: StataOptions): Effect.Effect<string, ScriptError, Redivis> =>
  ask(source, defined({ type: "stata", filePath: options?.filePath, selectedVariables: options?.variables }))
