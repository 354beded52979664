/** What cases begin with. Names differ by case, run and runtime: all share one emulator. */
import type * as Seed from "@effect-redivis/emulator/Seed"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import { Place } from "./Case.ts"
import { makeToken, seed } from "./control.ts"

/** Whose the case's token is. */
export const user = "researcher"

type Seeding<A> = Effect.Effect<A, HttpClientError, HttpClient.HttpClient | Place>

/** An organization that the case's user administers, and its datasets. */
export const organization = (
  subject: string,
  datasets: ReadonlyArray<Omit<Seed.Dataset, "owner">> = []
): Seeding<string> =>
  Effect.gen(function*() {
    const { run } = yield* Place
    const name = `${run}_${subject}`
    yield* seed({
      organizations: [{ name, fullName: `Organization ${subject}`, members: [{ user, isAdmin: true }] }],
      datasets: datasets.map((dataset) => ({ owner: name, ...dataset }))
    })
    return name
  })

/** Another user, with datasets of their own, and their token. */
export const stranger = (
  subject: string,
  datasets: ReadonlyArray<Omit<Seed.Dataset, "owner">> = []
): Seeding<{ readonly name: string; readonly token: string }> =>
  Effect.gen(function*() {
    const { run } = yield* Place
    const name = `${run}_${subject}`
    yield* seed({ users: [{ name }], datasets: datasets.map((dataset) => ({ owner: name, ...dataset })) })
    return { name, token: yield* makeToken({ user: name }) }
  })

/** Made by the first case that needs it, for all of them. */
export const shared = <A, E, R>(make: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  let made: { readonly value: A } | undefined
  return Effect.suspend(() =>
    made !== undefined ? Effect.succeed(made.value) : Effect.tap(make, (value) =>
      Effect.sync(() => {
        made = { value }
      }))
  )
}
