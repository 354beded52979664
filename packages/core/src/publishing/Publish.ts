/**
 * Publishing safely: what a table will hold is planned, brought there and
 * proved, and only then released.
 *
 * A draft inherits the rows of the version before. They are listed as no
 * upload, and an upload adds to them, also one that takes the place of an
 * upload of the same name: so are tables doubled. Here nothing is released
 * whose rows were not counted.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { Redivis } from "../client/service.ts"
import { strictly } from "../client/region.ts"
import type * as Reference from "../contract/Reference.ts"
import { fill, type Filled, type FillError, inDraft, listOf, problemWith, type Sources } from "./fill.ts"

export { apply, type ApplyError, type ApplyOptions, Report } from "./apply.ts"
export type { Filled, FillError as ReplaceError, Source, Sources } from "./fill.ts"
export { type Change, Plan, plan, type PlanError, PlannedTable } from "./plan.ts"

/**
 * Brings exactly these rows into a table of a draft, and proves it.
 *
 * **Details**
 *
 * `PATCH /tables/:table` sets `uploadMergeStrategy` to `replace` and leaves it
 * so; uploads that the draft has are deleted; the files are uploaded. The
 * table keeps its id, its name, its description, and what is said of its
 * variables. Proved are: `COUNT(*)` in the draft is the number of rows that
 * these uploads imported (and the sources' own, where given), no other upload
 * is listed, and the variables are those of the uploads. The hash is reported
 * and proves nothing. Needs the scopes `data.edit` and `data.data`, and a
 * draft: `Version.create` makes one. Where the answer to an upload is lost, it
 * is looked for, and not sent again.
 *
 * **Failures**
 *
 * - `VerificationFailed`: the draft holds something else, which stays as it is, or
 *   no row of a file was imported that does not say `numRows: 0`
 * - `InvalidInput`: the reference names a released version, there is no file, two have one name, or one is empty
 * - `JobFailed`: a file cannot be imported; its message says why and where in the file
 * - `NotFound`: there is no such table in a draft, the token may not see it, or
 *   what is found has another name or id, which the message tells
 *
 * **Example** (Not doubled)
 *
 * ```ts
 * import * as Publish from "@effect-redivis/core/Publish"
 *
 * const replaced = Publish.replaceTable("demo.penguins:next.birds", {
 *   name: "birds.csv",
 *   data: new TextEncoder().encode("species,body_mass_g\nAdelie,3750\n"),
 *   numRows: 1
 * })
 * ```
 *
 * @see {@link plan} for several tables and their release
 * @category operations
 * @since 0.1.0
 */
export const replaceTable = <E = never, R = never>(
  table: Reference.TableInput,
  source: Sources<E, R>
): Effect.Effect<Filled, FillError | E, Redivis | R> => {
  const sources = listOf(source)
  const problem = problemWith(sources, "source")
  return problem === undefined
    ? Effect.flatMap(inDraft(table), (reference) => fill(reference, sources, "replace", null)).pipe(strictly)
    : Effect.fail(problem)
}
