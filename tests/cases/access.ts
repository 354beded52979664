/** Who may do without a token, and how a client is set up. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Table from "@effect-redivis/core/Table"
import * as User from "@effect-redivis/core/User"
import * as Variable from "@effect-redivis/core/Variable"
import * as Version from "@effect-redivis/core/Version"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, failsWith } from "./assert.ts"
import { type Case, Place } from "./Case.ts"
import { anonymously } from "./clients.ts"
import { during } from "./control.ts"
import { organization, user } from "./seeds.ts"

export const access: ReadonlyArray<Case> = [
  {
    name: "public data is read without a token",
    run: Effect.gen(function*() {
      const owner = yield* organization("public", [
        { name: "Open", publicAccessLevel: "data", tables: [{ name: "t", rows: [{ a: 1 }, { a: 2 }] }] },
        { name: "Overview", publicAccessLevel: "overview", tables: [{ name: "t", rows: [{ a: 1 }] }] },
        { name: "Closed" }
      ])
      const { requests } = yield* during(anonymously(Effect.gen(function*() {
        const listed = yield* Stream.runCollect(Dataset.list({ organization: owner }))
        equal(listed.map(({ name }) => name).toSorted(), ["Open", "Overview"])
        equal((yield* Dataset.get(`${owner}.open`)).accessLevel, "data")
        equal((yield* Version.get(`${owner}.open`, "current")).index, 0)
        equal((yield* Table.get(`${owner}.open.t`)).numRows, 2)
        equal((yield* Variable.listPage({ table: `${owner}.open.t` })).results.length, 1)
        equal(yield* Stream.runCollect(Table.rows(`${owner}.open.t`)), [{ a: 1 }, { a: 2 }])
        equal(yield* Stream.mkString(Stream.decodeText(Table.csv(`${owner}.open.t`))), "a\n1\n2\n")
        yield* failsWith(Dataset.get(`${owner}.closed`), "NotFound")
        yield* failsWith(Stream.runDrain(Table.rows(`${owner}.overview.t`)), "Unauthorized")
        yield* failsWith(Dataset.update(`${owner}.open`, { name: "x" }), "Unauthorized")
      })))
      equal(requests.filter((request) => request.headers["authorization"] !== undefined), [])
    })
  },
  {
    name: "a client is set up by the environment",
    run: Effect.gen(function*() {
      const { clientConfig, endpoint, token } = yield* Place
      const owner = yield* organization("configured", [{ name: "Found" }])
      const environment = {
        REDIVIS_API_TOKEN: token,
        REDIVIS_API_ENDPOINT: endpoint,
        REDIVIS_DEFAULT_ORGANIZATION: owner
      }
      yield* Effect.gen(function*() {
        equal((yield* User.me()).name, user)
        equal((yield* Dataset.get("found")).owner.name, owner)
      }).pipe(
        Effect.provide(clientConfig),
        Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown(environment))
      )
      yield* failsWith(User.me(), "Unauthorized").pipe(
        Effect.provide(clientConfig),
        Effect.provideService(
          ConfigProvider.ConfigProvider,
          ConfigProvider.fromUnknown({ ...environment, REDIVIS_API_TOKEN: "" })
        )
      )
    })
  }
]
