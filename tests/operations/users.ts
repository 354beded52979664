import { user as contract } from "@effect-redivis/core/Contract"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as User from "@effect-redivis/core/User"
import * as Effect from "effect/Effect"
import { equal } from "../cases/assert.ts"
import { user } from "../cases/seeds.ts"
import { type Proof, prove } from "./Proof.ts"

export const users: ReadonlyArray<Proof> = [
  prove(contract.me, {
    success: Effect.map(User.me(), ({ kind, name }) => equal([kind, name], ["user", user])),
    call: Effect.succeed(User.me()),
    refused: User.me().pipe(Redivis.withHeaders({ authorization: "mine" })),
    failures: {}
  })
]
