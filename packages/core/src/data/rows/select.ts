/** The variables that a reading is of. */
import * as Effect from "effect/Effect"
import { InvalidInput } from "../../contract/RedivisError.ts"
import type * as variable from "../../contract/variable.ts"

/** How many letters have to change to make one name of the other. */
const distance = (left: string, right: string): number => {
  const far = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    let diagonal = far[0]!
    far[0] = row
    for (let column = 1; column <= right.length; column++) {
      const above = far[column]!
      const exchanged = diagonal + (left[row - 1] === right[column - 1] ? 0 : 1)
      far[column] = Math.min(above + 1, far[column - 1]! + 1, exchanged)
      diagonal = above
    }
  }
  return far[right.length]!
}

const nearest = (name: string, names: ReadonlyArray<string>): string =>
  names
    .map((known) => ({ known, far: distance(name.toLowerCase().slice(0, 60), known.toLowerCase().slice(0, 60)) }))
    .sort((one, other) => one.far - other.far)
    .slice(0, 3)
    .map(({ known }) => known)
    .join(", ")

export const refused = (field: string, reason: string): Effect.Effect<never, InvalidInput> =>
  Effect.fail(new InvalidInput({ field, reason }))

/** Refuses a selection of nothing, and names that stand there twice. */
export const checkNames = (wanted: ReadonlyArray<string> | undefined): Effect.Effect<void, InvalidInput> => {
  if (wanted === undefined) return Effect.void
  if (wanted.length === 0) return refused("variables", "names no variable; leave it out for all")
  const seen = new Set<string>()
  for (const name of wanted) {
    if (seen.has(name.toLowerCase())) return refused("variables", `names ${JSON.stringify(name)} twice`)
    seen.add(name.toLowerCase())
  }
  return Effect.void
}

export const checkCount = (
  field: string,
  value: number | undefined,
  least: number
): Effect.Effect<void, InvalidInput> =>
  value === undefined || (Number.isSafeInteger(value) && value >= least)
    ? Effect.void
    : refused(field, `must be a whole number from ${least} on`)

/** The variables that are wanted, by the table's own spelling. */
export const select = (
  known: ReadonlyArray<variable.Variable>,
  wanted: ReadonlyArray<string> | undefined
): Effect.Effect<ReadonlyArray<variable.Variable>, InvalidInput> => {
  if (wanted === undefined) return Effect.succeed(known)
  const byName = new Map(known.map((variable) => [variable.name.toLowerCase(), variable]))
  const chosen: Array<variable.Variable> = []
  for (const name of wanted) {
    const found = byName.get(name.toLowerCase())
    if (found === undefined) {
      return refused(
        "variables",
        `has ${JSON.stringify(name)}, which is none of the table's; nearest are ${
          nearest(name, known.map((variable) => variable.name))
        }`
      )
    }
    chosen.push(found)
  }
  return Effect.succeed(chosen)
}
