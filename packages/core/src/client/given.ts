/** What a server gives in place of what was asked for: another version, or something of another name or id. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Operation from "../contract/Operation.ts"
import { NotFound } from "../contract/RedivisError.ts"
import { isSameName } from "../contract/reference/name.ts"
import { redactUrl } from "./redactUrl.ts"
import { pathOf } from "./request.ts"

/** The failure of an operation whose answer is not what was asked for, which counts as not there. */
export const notGiven = (operation: Operation.Any, url: string, given: string): NotFound =>
  new NotFound({
    operation: operation.name,
    method: operation.method,
    url: redactUrl(url),
    status: 404,
    warnings: [],
    given
  })

type Params = Readonly<Record<string, string>>

/** Passes an answer on, unless it is something else than what `params` ask for. */
export const unlessOther = <A, E>(
  answer: Effect.Effect<A, E>,
  { endpoint }: { readonly endpoint: string },
  operation: Operation.Any,
  params: Params,
  /** What was given in place of what was asked for, as a text; nothing where it is that. */
  other: (answer: A) => string | undefined
): Effect.Effect<A, E | NotFound> =>
  Effect.flatMap(answer, (answer): Effect.Effect<A, NotFound> => {
    const given = other(answer)
    return given === undefined ? Effect.succeed(answer) : Effect.fail(
      // what was answered had a path
      notGiven(operation, endpoint + Result.getOrElse(pathOf(operation, params), () => ""), given)
    )
  })

/** The name of an answer that is not the one which was asked for; nothing where it is, or where none is told. */
export const otherName = (asked: string, answer: unknown): string | undefined => {
  // a client that is lenient hands on what misses its schema
  const { name } = Object(answer) as { readonly name?: unknown }
  return typeof name !== "string" || isSameName(asked, name) ? undefined : `the name ${JSON.stringify(name)}`
}

/**
 * Looks before something is touched by its name, and fails where what is found
 * has another one. That nothing is found is for the call itself to say.
 */
export const unlessOtherName = <E extends { readonly _tag: string }>(
  found: Effect.Effect<unknown, E>,
  client: { readonly endpoint: string },
  operation: Operation.Any,
  params: Params,
  name: string
): Effect.Effect<void, E | NotFound> =>
  Effect.matchEffect(found, {
    onFailure: (error) => error._tag === "NotFound" ? Effect.void : Effect.fail(error),
    onSuccess: (answer) =>
      Effect.asVoid(unlessOther(Effect.succeed(answer), client, operation, params, (answer) => otherName(name, answer)))
  })
