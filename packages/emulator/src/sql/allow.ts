/**
 * The allow-list: a construct is let through where a row of `constructs/`
 * states what it does, which the tests run.
 *
 * @since 0.1.0
 */
import { constructs } from "./constructs/index.ts"
import { refuse } from "./SqlError.ts"

export const allowed: ReadonlySet<string> = new Set(constructs.flatMap((row) => row.constructs))

/** What a query has used since it was set; for the tests. */
let used: Set<string> | undefined

/** Runs `body` and gives the constructs that it let through. */
export const recording = <A>(body: () => A): { readonly value: A; readonly used: ReadonlySet<string> } => {
  const before = used
  const seen = used = new Set()
  try {
    return { value: body(), used: seen }
  } finally {
    used = before
  }
}

/** Names of functions that are let through, for suggestions. */
export const allowedFunctions = (): ReadonlyArray<string> =>
  [...allowed].filter((construct) => construct.startsWith("function ")).map((construct) => construct.slice(9))

/** Lets a construct through, or fails the query by its name and place. */
export const allow = (construct: string, at: number): void => {
  used?.add(construct)
  if (allowed.has(construct)) return
  const name = construct.slice(construct.indexOf(" ") + 1)
  const kind = construct.slice(0, construct.indexOf(" "))
  refuse(`${kind[0]?.toUpperCase()}${kind.slice(1)} ${name} is not supported`, at, construct)
}
