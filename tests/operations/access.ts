import { access as contract } from "@effect-redivis/core/Contract"
import * as Access from "@effect-redivis/core/Access"
import * as Effect from "effect/Effect"
import { equal } from "../cases/assert.ts"
import { Place } from "../cases/Case.ts"
import { seed } from "../cases/control.ts"
import { user } from "../cases/seeds.ts"
import { type Proof, prove } from "./Proof.ts"
import { absent, foreignPage, shown, unqualified } from "./state.ts"
import { foreignTeam, team } from "./teamState.ts"

/** In the order of what is said, since listings go by ids. */
const levels = (page: Access.Page<Access.Access>) =>
  inOrder(
    page.results.map(({ accessLevel, dataset, user }) => [dataset?.name, user?.name, accessLevel])
  )

const inOrder = (standings: ReadonlyArray<unknown>) =>
  standings.toSorted((one, other) => JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)

const closed = Effect.map(team, ({ name }) => `${name}.closed`)

export const access: ReadonlyArray<Proof> = [
  prove(contract.listByDataset, {
    success: Effect.gen(function*() {
      const { ada, name } = yield* team
      equal(
        levels(yield* Access.listPage({ dataset: `${name}.closed` })),
        inOrder([
          ["Closed", user, "edit"],
          ["Closed", ada, "data"]
        ])
      )
      equal(levels(yield* Access.listPage({ dataset: `${name}.open` }, { minAccessLevel: "metadata" })), [
        ["Open", user, "edit"]
      ])
      const { run } = yield* Place
      const dataset = `${run} lent`
      yield* seed({ datasets: [{ owner: user, name: dataset, access: [{ user: ada, level: "metadata" }] }] })
      equal(
        levels(yield* Access.listPage({ dataset: `${user}.${dataset}` })),
        inOrder([
          [dataset, user, "edit"],
          [dataset, ada, "metadata"]
        ])
      )
    }),
    call: Effect.map(closed, (dataset) => Access.listPage({ dataset })),
    refused: Access.listPage({ dataset: "a.b" }, { pageSize: 0 }),
    failures: {
      BadRequest: Effect.map(closed, (dataset) => Access.listPage({ dataset }, foreignPage)),
      Forbidden: Effect.map(shown, (dataset) => Access.listPage({ dataset })),
      NotFound: Effect.map(absent, (dataset) => Access.listPage({ dataset }))
    }
  }),
  prove(contract.listByMember, {
    success: Effect.gen(function*() {
      const { ada, name } = yield* team
      const of = { organization: name, member: ada }
      equal(levels(yield* Access.listPage(of)), [["Closed", ada, "data"], ["Open", ada, "overview"]])
      equal(levels(yield* Access.listPage(of, { minAccessLevel: "sample" })), [["Closed", ada, "data"]])
    }),
    call: Effect.map(team, ({ ada, name }) => Access.listPage({ organization: name, member: ada })),
    refused: Access.listPage({ organization: "a", member: ".." }),
    failures: {
      BadRequest: Effect.map(
        team,
        ({ ada, name }) => Access.listPage({ organization: name, member: ada }, foreignPage)
      ),
      Forbidden: Effect.map(foreignTeam, ({ ada, name }) => Access.listPage({ organization: name, member: ada })),
      NotFound: Effect.map(team, ({ name }) => Access.listPage({ organization: name, member: `${name}_none` }))
    }
  }),
  prove(contract.get, {
    success: Effect.gen(function*() {
      const { ada, name } = yield* team
      const { accessLevel, dataset, user } = yield* Access.get(`${name}.closed`, ada)
      equal([accessLevel, dataset?.name, user?.name], ["data", "Closed", ada])
      equal((yield* Access.get(`${name}.open`, ada)).accessLevel, "overview")
    }),
    call: Effect.map(closed, (dataset) => Access.get(dataset, user)),
    refused: Access.get("a b", "c"),
    failures: {
      BadRequest: Effect.succeed(Access.get(unqualified.dataset, user)),
      Forbidden: Effect.map(shown, (dataset) => Access.get(dataset, user)),
      NotFound: Effect.map(closed, (dataset) => Access.get(dataset, "nobody_at_all"))
    }
  })
]
