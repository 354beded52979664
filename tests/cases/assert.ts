/** What a case checks. A check that does not hold throws, which ends the case's effect as a defect. */
import * as Effect from "effect/Effect"
import { format } from "effect/Formatter"

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

/** By value and type, as deep as it goes; keys in any order. */
const isSame = (one: unknown, other: unknown): boolean => {
  if (Object.is(one, other)) return true
  if (!isObject(one) || !isObject(other) || Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]))
}

const shown = (value: unknown): string => {
  const text = format(value)
  return text.length > 2000 ? `${text.slice(0, 2000)}…` : text
}

export const isTrue: (condition: boolean, what: string) => asserts condition = (condition, what) => {
  if (!condition) throw new Error(what)
}

export const equal = <A>(actual: A, expected: NoInfer<A>, what = "it"): void =>
  isTrue(isSame(actual, expected), `${what} is ${shown(actual)}, and should be ${shown(expected)}`)

/** Only what is named is compared. */
export const matches = <A extends object>(actual: A, expected: Partial<NoInfer<A>>, what = "it"): void => {
  for (const key of Object.keys(expected) as Array<keyof A & string>) {
    equal<unknown>(actual[key], expected[key], `${what}.${key}`)
  }
}

/** The error of an effect that must fail with this tag. */
export const failsWith = <A, E extends { readonly _tag: string }, R, const Tag extends E["_tag"]>(
  self: Effect.Effect<A, E, R>,
  tag: Tag
): Effect.Effect<Extract<E, { readonly _tag: Tag }>, never, R> =>
  Effect.matchEffect(self, {
    onFailure: (error) =>
      error._tag === tag
        ? Effect.succeed(error as Extract<E, { readonly _tag: Tag }>) // told by its tag
        : Effect.die(new Error(`It fails with ${shown(error)}, and should with ${tag}`)),
    onSuccess: (value) => Effect.die(new Error(`It succeeds with ${shown(value)}, and should fail with ${tag}`))
  })
