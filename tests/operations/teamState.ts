/** Organizations with members that proofs begin with. */
import type * as Seed from "@effect-redivis/emulator/Seed"
import * as Effect from "effect/Effect"
import { type CaseContext, Place } from "../cases/Case.ts"
import { seed } from "../cases/control.ts"
import { shared, user } from "../cases/seeds.ts"
import { rows } from "./state.ts"

interface Team {
  readonly name: string
  /** A member who administers nothing. */
  readonly ada: string
}

type Made<A> = Effect.Effect<A, unknown, CaseContext>

/**
 * An organization of the case's user that reads share: with a member, one who
 * waits, one who has left, the released datasets `open` and `closed`, and a secret.
 */
export const team: Made<Team> = shared(Effect.gen(function*() {
  const { run } = yield* Place
  const [name, ada, waiting, gone] = [`${run}_team`, `${run}_ada`, `${run}_waiting`, `${run}_gone`]
  yield* seed({
    users: [{ name: ada }, { name: waiting }, { name: gone }],
    organizations: [{
      name,
      members: [
        { user, isAdmin: true },
        { user: ada, labels: ["cohort:2026", "speaker"] },
        { user: waiting, status: "pending", labels: ["cohorts"] },
        { user: gone, status: "left" }
      ]
    }],
    datasets: [
      { owner: name, name: "Open", publicAccessLevel: "overview", tables: [{ name: "rows", rows }] },
      { owner: name, name: "Closed", access: [{ user: ada, level: "data" }], tables: [{ name: "rows", rows }] }
    ],
    secrets: [{ owner: name, name: "key of the team", value: "7 of 9" }]
  })
  return { name, ada }
}))

/** One that the case's user is a member of, and no more; it has a secret too. */
export const foreignTeam: Made<Team> = shared(Effect.gen(function*() {
  const { run } = yield* Place
  const [name, ada] = [`${run}_foreignTeam`, `${run}_foreignAda`]
  yield* seed({
    users: [{ name: ada }],
    organizations: [{ name, members: [{ user }, { user: ada, isAdmin: true }] }],
    secrets: [{ owner: name, name: "key of the team", value: "not yours" }]
  })
  return { name, ada }
}))

/** A new member of a new organization. */
export const member = (
  subject: string,
  of: Omit<typeof Seed.Member.Type, "user"> = {}
): Made<{ readonly name: string; readonly user: string }> =>
  Effect.gen(function*() {
    const { run } = yield* Place
    const word = subject.replaceAll(" ", "_")
    const [name, other] = [`${run}_team_${word}`, `${run}_user_${word}`]
    yield* seed({
      users: [{ name: other }],
      organizations: [{ name, members: [{ user, isAdmin: true }, { user: other, ...of }] }]
    })
    return { name, user: other }
  })
