import { secret as contract } from "@effect-redivis/core/Contract"
import type { Redivis } from "@effect-redivis/core/Redivis"
import * as Secret from "@effect-redivis/core/Secret"
import * as Effect from "effect/Effect"
import { format } from "effect/Formatter"
import * as Redacted from "effect/Redacted"
import { equal, failsWith, isTrue } from "../cases/assert.ts"
import { type CaseContext, Place } from "../cases/Case.ts"
import { fault, seed } from "../cases/control.ts"
import { shared, user } from "../cases/seeds.ts"
import { type Proof, prove } from "./Proof.ts"
import { foreignTeam, team } from "./teamState.ts"

/** Secrets of the case's user and of another one, by one name. */
const key: Effect.Effect<string, unknown, CaseContext> = shared(Effect.gen(function*() {
  const { run } = yield* Place
  const name = `${run} key/1`
  yield* seed({
    users: [{ name: `${run}_keyKeeper` }],
    secrets: [{ owner: user, name, value: "4 of 20" }, { owner: `${run}_keyKeeper`, name, value: "not yours" }]
  })
  return name
}))

/** Gives the value, and shows it nowhere. */
const gives = Effect.fnUntraced(function*(
  operation: string,
  call: Effect.Effect<Redacted.Redacted<string>, Secret.GetError, Redivis>,
  value: string
) {
  const secret = yield* call
  equal(Redacted.value(secret), value)
  isTrue(!JSON.stringify([secret, format(secret)]).includes(value), "it is not printed")
  const error = yield* Effect.scoped(Effect.andThen(
    fault({ match: operation, do: { status: 200, body: JSON.stringify({ value: [value] }) } }),
    failsWith(call, "DecodeError")
  ))
  isTrue(!`${error.message} ${JSON.stringify(error)}`.includes(value), "no error shows it")
})

export const secrets: ReadonlyArray<Proof> = [
  prove(contract.getByUser, {
    success: Effect.gen(function*() {
      yield* gives("secrets.getByUser", Secret.get({ user }, yield* key), "4 of 20")
    }),
    call: Effect.map(key, (name) => Secret.get({ user }, name)),
    refused: Secret.get({ user: "a/b" }, "key"),
    failures: {
      // that of another user is there
      NotFound: Effect.gen(function*() {
        const { run } = yield* Place
        return Secret.get({ user: `${run}_keyKeeper` }, yield* key)
      })
    }
  }),
  prove(contract.getByOrganization, {
    success: Effect.gen(function*() {
      const { name } = yield* team
      yield* gives("secrets.getByOrganization", Secret.get({ organization: name }, "key of the team"), "7 of 9")
    }),
    call: Effect.map(team, ({ name }) => Secret.get({ organization: name }, "key of the team")),
    refused: Secret.get({ organization: "a" }, ""),
    failures: {
      NotFound: Effect.map(foreignTeam, ({ name }) => Secret.get({ organization: name }, "key of the team"))
    }
  })
]
