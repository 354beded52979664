/**
 * Metadata of a dataset as others want it: citations, and JSON-LD for search
 * engines and machine learning.
 *
 * @since 0.1.0
 */
export { citation, type CitationOptions } from "./citation.ts"
export { type Description, type DescriptionError, type ReadOptions, type TableDescription } from "./description.ts"
export { type Checksum, type Json, jsonLd, type JsonLdOptions, scriptElement } from "./jsonLd.ts"
import type * as Effect from "effect/Effect"
import type { Redivis } from "../client/service.ts"
import type * as Reference from "../contract/Reference.ts"
import * as description from "./description.ts"

/**
 * Reads what a dataset says of itself at one released version: the dataset, its
 * tables and their variables.
 *
 * **Details**
 *
 * `GET /datasets/:dataset`, `GET /datasets/:dataset/tables`,
 * `GET /tables/:table/variables` once for each table, and
 * `GET /tables/:table/variables/:variable` for each variable, since listings
 * leave out descriptions, labels of values and statistics; `variables: "listed"`
 * goes without. The version is resolved once, as `Dataset.pin` does.
 *
 * **Failures**
 *
 * - `InvalidInput`: the reference names `next`, which moves
 * - `NotFound`: there is no such dataset or released version, or the token may not see it
 * - `Forbidden`: the account may see the tables but not their variables
 *
 * **Example** (For a page about a dataset)
 *
 * ```ts
 * import * as Metadata from "@effect-redivis/core/Metadata"
 * import * as Effect from "effect/Effect"
 *
 * const script = Metadata.read("demo.penguins").pipe(
 *   Effect.map((description) => Metadata.scriptElement(Metadata.jsonLd(description)))
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const read: (
  reference: Reference.DatasetInput,
  options?: description.ReadOptions
) => Effect.Effect<description.Description, description.DescriptionError, Redivis> = description.read
