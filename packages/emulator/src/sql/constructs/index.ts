/**
 * The allow-list of GoogleSQL. A function, clause, type or format that no row
 * names fails the query.
 *
 * @since 0.1.0
 */
import { aggregates } from "./aggregates.ts"
import { arrays } from "./arrays.ts"
import { clauses } from "./clauses.ts"
import { dates } from "./dates.ts"
import { documents } from "./documents.ts"
import { expressions } from "./expressions.ts"
import { numbers } from "./numbers.ts"
import { strings } from "./strings.ts"
import { types } from "./types.ts"
import { windows } from "./windows.ts"
import type { Construct } from "./Construct.ts"

export const constructs: ReadonlyArray<Construct> = [
  ...expressions,
  ...clauses,
  ...types,
  ...strings,
  ...numbers,
  ...arrays,
  ...dates,
  ...aggregates,
  ...windows,
  ...documents
]
