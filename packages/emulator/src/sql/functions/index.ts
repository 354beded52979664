/**
 * Every function, by its name in GoogleSQL. A name that is not here, or has no
 * row in `constructs/`, fails the query.
 *
 * @since 0.1.0
 */
import type { Definition } from "../Function.ts"
import { aliases } from "./aliases.ts"
import { aggregates } from "./aggregates.ts"
import { arrays } from "./arrays.ts"
import { conditionals } from "./conditionals.ts"
import { dates } from "./dates.ts"
import { documents } from "./documents.ts"
import { numbers } from "./numbers.ts"
import { regularExpressions } from "./regularExpressions.ts"
import { strings } from "./strings.ts"
import { windows } from "./windows.ts"

const definitions: Readonly<Record<string, Definition>> = {
  ...aggregates,
  ...arrays,
  ...conditionals,
  ...dates,
  ...documents,
  ...numbers,
  ...regularExpressions,
  ...strings,
  ...windows
}

export const functions: Readonly<Record<string, Definition>> = {
  ...definitions,
  ...Object.fromEntries(Object.entries(aliases).map(([alias, name]) => [alias, definitions[name]!]))
}
