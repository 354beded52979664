/** Who may do without a token, and how a client is set up. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Table from "@effect-redivis/core/Table"
import * as User from "@effect-redivis/core/User"
import * as Variable from "@effect-redivis/core/Variable"
import * as Version from "@effect-redivis/core/Version"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, failsWith, matches } from "./assert.ts"
import { type Case, Place } from "./Case.ts"
import { anonymously } from "./clients.ts"
import { during } from "./control.ts"
import { organization, user } from "./seeds.ts"

export const access: ReadonlyArray<Case> = [
  {
    name: "without a token rows of public tables are read, and nothing else",
    run: Effect.gen(function*() {
      const owner = yield* organization("public", [
        { name: "Open", publicAccessLevel: "data", tables: [{ name: "t", rows: [{ a: 1 }, { a: 2 }] }] },
        { name: "Overview", publicAccessLevel: "overview", tables: [{ name: "t", rows: [{ a: 1 }] }] },
        { name: "Closed", tables: [{ name: "t", rows: [{ a: 1 }] }] }
      ])
      const table = `${owner}.open.t`
      const { requests } = yield* during(anonymously(Effect.gen(function*() {
        equal((yield* Stream.mkString(Stream.decodeText(Table.csv(table)))).split("\n").toSorted(), ["", "1", "2", "a"])
        equal((yield* Stream.mkString(Stream.decodeText(Table.csv(table, { maxResults: 1 })))).split("\n").length, 3)
        const refused = yield* Effect.all([
          failsWith(Dataset.get(`${owner}.open`), "Unauthorized"),
          failsWith(Stream.runDrain(Dataset.list({ organization: owner })), "Unauthorized"),
          failsWith(Version.get(`${owner}.open`, "current"), "Unauthorized"),
          failsWith(Table.get(table), "Unauthorized"),
          failsWith(Variable.listPage({ table }), "Unauthorized"),
          failsWith(Stream.runDrain(Table.rows(table)), "Unauthorized"),
          failsWith(Dataset.update(`${owner}.open`, { name: "x" }), "Unauthorized"),
          failsWith(Dataset.get(`${owner}.closed`), "Unauthorized")
        ])
        equal(
          new Set(refused.map(({ error, errorDescription }) => `${error}: ${errorDescription}`)),
          new Set(["invalid_token: No credentials were provided."])
        )
        const closed = yield* failsWith(Stream.runDrain(Table.csv(`${owner}.overview.t`)), "Unauthorized")
        matches(closed, { error: "access_denied", errorDescription: "Must be logged in" })
        yield* failsWith(Stream.runDrain(Table.csv(`${owner}.closed.t`)), "NotFound")
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
