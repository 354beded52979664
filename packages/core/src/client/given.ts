/** What a server gives in place of what was asked for: another version, or something of another name or id. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Operation from "../contract/Operation.ts"
import { NotFound } from "../contract/RedivisError.ts"
import { isSameName } from "../contract/reference/name.ts"
import { shownUrl } from "./call/shown.ts"
import type { Executor } from "./service.ts"
import { type AnyInput, pathOf, prepare } from "./call/request.ts"

/** The failure of an operation whose answer is not what was asked for, which counts as not there. */
export const notGiven = ({ method, name }: Operation.Any, url: string, given: string): NotFound =>
  new NotFound({
    operation: name,
    method,
    // the API's own path, without a parameter
    url: shownUrl(url, ""),
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
 * What a call that touches something says itself, after a look that failed so:
 * nothing is there, or who may not look may not touch either, since each scope
 * includes those below it.
 */
const saidByCall: ReadonlyArray<string> = ["NotFound", "Unauthorized", "InsufficientScope"]

/**
 * Looks before something is touched by its name, and fails where what is found
 * has another one. An input that cannot be sent asks for no look.
 */
export const unlessOtherName = <E extends { readonly _tag: string }>(
  found: Effect.Effect<unknown, E>,
  { sending }: Executor,
  operation: Operation.Any,
  input: AnyInput,
  name: string
): Effect.Effect<void, E | NotFound> => {
  const prepared = prepare(operation, input, sending.configuration)
  return Result.isFailure(prepared) ? Effect.void : Effect.matchEffect(found, {
    onFailure: (error) => saidByCall.includes(error._tag) ? Effect.void : Effect.fail(error),
    onSuccess: (answer) => {
      const given = otherName(name, answer)
      return given === undefined
        ? Effect.void
        : Effect.fail(notGiven(operation, prepared.success.url, given))
    }
  })
}
