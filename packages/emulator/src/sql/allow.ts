/**
 * The allow-list: a construct is let through where a row of `constructs/`
 * states what it does, which the tests run.
 *
 * @since 0.1.0
 */
import { constructs } from "./constructs/index.ts"
import { aliases } from "./functions/aliases.ts"
import { refuse } from "./SqlError.ts"

const named = new Set(constructs.flatMap((row) => row.constructs))

export const allowed: ReadonlySet<string> = new Set([
  ...named,
  ...Object.entries(aliases).flatMap(([alias, name]) => named.has(`function ${name}`) ? [`function ${alias}`] : [])
])

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

/** What needs no row of its own, since something else lets it through. */
export const note = (construct: string): void => {
  used?.add(construct)
}

/** Lets a construct through, or fails the query by its name and place. */
export const allow = (construct: string, at: number): void => {
  note(construct)
  if (allowed.has(construct)) return
  const name = construct.slice(construct.indexOf(" ") + 1)
  const kind = construct.slice(0, construct.indexOf(" "))
  refuse(`${kind[0]?.toUpperCase()}${kind.slice(1)} ${name} is not supported`, at, construct)
}
