/** Variables with what a listing leaves out of them. */
import * as Effect from "effect/Effect"
import * as pages from "../client/pages.ts"
import type { Redivis } from "../client/service.ts"
import type { Source } from "../client/resolve.ts"
import * as Variable from "./Variable.ts"

/** Whether nothing was left out: what a variable does not have is null, and not absent. */
const isWhole = ({ description, valueLabels }: Variable.Variable): boolean =>
  description !== undefined && valueLabels !== undefined

/** How many variables are asked for at a time. */
const variablesAtOnce = 8

/** All variables of a source as its listing has them. */
export const listed = (source: Source): Effect.Effect<ReadonlyArray<Variable.Variable>, Variable.ListError, Redivis> =>
  pages.collect("variables.list", (page) => Variable.listPage(source, page))

/** All variables of a source, with a request for each that the listing does not tell whole. */
export const whole = (
  source: Source
): Effect.Effect<ReadonlyArray<Variable.Variable>, Variable.ListError | Variable.GetError, Redivis> =>
  Effect.flatMap(listed(source), (variables) =>
    Effect.forEach(
      variables,
      (variable) =>
        isWhole(variable)
          ? Effect.succeed(variable)
          // what no path can name, as `..`, stays as it is listed
          : Effect.catchTag(Variable.get(source, variable.name), "InvalidInput", () => Effect.succeed(variable)),
      { concurrency: variablesAtOnce }
    ))
