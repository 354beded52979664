import { dataset as contract } from "@effect-redivis/core/Contract"
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Effect from "effect/Effect"
import { equal, isTrue, matches } from "../cases/assert.ts"
import { Place } from "../cases/Case.ts"
import { seed } from "../cases/control.ts"
import { user } from "../cases/seeds.ts"
import { type Proof, prove } from "./Proof.ts"
import { absent, draft, foreignPage, kept, own, released, shown, unqualified } from "./state.ts"

/** An account name that nobody has. */
const nobody = Effect.map(Place, ({ run }) => `${run}_nobody`)

export const datasets: ReadonlyArray<Proof> = [
  prove(contract.listByUser, {
    success: Effect.gen(function*() {
      const { run } = yield* Place
      yield* seed({ datasets: [{ owner: user, name: `${run} listed` }] })
      const page = yield* Dataset.listPage({ user }, { pageSize: 1000 })
      isTrue(page.results.some(({ name }) => name === `${run} listed`), "it is listed")
    }),
    call: Effect.succeed(Dataset.listPage({ user })),
    refused: Dataset.listPage({ user: "a/b" }),
    listsPublic: true,
    failures: {
      BadRequest: Effect.succeed(Dataset.listPage({ user }, foreignPage)),
      NotFound: Effect.map(nobody, (name) => Dataset.listPage({ user: name }))
    }
  }),
  prove(contract.listByOrganization, {
    success: Effect.gen(function*() {
      const page = yield* Dataset.listPage({ organization: yield* own })
      isTrue(page.results.some(({ name }) => name === "Kept"), "it is listed")
    }),
    call: Effect.map(own, (organization) => Dataset.listPage({ organization })),
    refused: Dataset.listPage({ organization: "a" }, { pageSize: 1001 }),
    listsPublic: true,
    failures: {
      BadRequest: Effect.map(own, (organization) => Dataset.listPage({ organization }, foreignPage)),
      NotFound: Effect.map(nobody, (organization) => Dataset.listPage({ organization }))
    }
  }),
  prove(contract.get, {
    success: Effect.gen(function*() {
      matches(yield* Dataset.get(yield* kept), { name: "Kept", publicAccessLevel: "none", accessLevel: "edit" })
    }),
    call: Effect.map(kept, (dataset) => Dataset.get(dataset)),
    refused: Dataset.get("not a reference"),
    failures: {
      BadRequest: Effect.succeed(Dataset.get(unqualified.dataset)),
      NotFound: Effect.map(absent, (dataset) => Dataset.get(dataset))
    }
  }),
  prove(contract.head, {
    success: Effect.gen(function*() {
      equal(yield* Dataset.exists(yield* kept), true)
    }),
    call: Effect.map(kept, (dataset) => Dataset.exists(dataset)),
    refused: Dataset.exists(""),
    failures: {
      BadRequest: Effect.succeed(Dataset.exists(unqualified.dataset)),
      NotFound: Effect.map(absent, (dataset) => Dataset.exists(dataset))
    }
  }),
  prove(contract.postByUser, {
    success: Effect.gen(function*() {
      const { run } = yield* Place
      const made = yield* Dataset.create({ user }, { name: `${run} made`, description: "By hand" })
      matches(yield* Dataset.get(made), { name: `${run} made`, description: "By hand", publicAccessLevel: "none" })
    }),
    call: Effect.map(Place, ({ run }) => Dataset.create({ user }, { name: `${run} once` })),
    refused: Dataset.create({ user }, { name: "" }),
    failures: {
      BadRequest: Effect.gen(function*() {
        const { run } = yield* Place
        const name = `${run} taken`
        yield* Dataset.create({ user }, { name })
        return Dataset.create({ user }, { name: name.toUpperCase() })
      }),
      Forbidden: Effect.map(shown, (dataset) => Dataset.create({ user: dataset.split(".")[0]! }, { name: "mine" })),
      NotFound: Effect.map(nobody, (name) => Dataset.create({ user: name }, { name: "mine" }))
    }
  }),
  prove(contract.postByOrganization, {
    success: Effect.gen(function*() {
      const organization = yield* own
      yield* Dataset.create({ organization }, { name: "Made", publicAccessLevel: "overview" })
      matches(yield* Dataset.get(`${organization}.made`), { name: "Made", publicAccessLevel: "overview" })
    }),
    call: Effect.map(own, (organization) => Dataset.create({ organization }, { name: "Once" })),
    refused: Dataset.create({ organization: "a" }, { name: "" }),
    failures: {
      BadRequest: Effect.gen(function*() {
        const organization = yield* own
        yield* kept
        return Dataset.create({ organization }, { name: "kept" })
      }),
      Forbidden: Effect.gen(function*() {
        const { run } = yield* Place
        const organization = `${run}_others`
        yield* seed({ organizations: [{ name: organization }] })
        return Dataset.create({ organization }, { name: "mine" })
      }),
      NotFound: Effect.map(nobody, (organization) => Dataset.create({ organization }, { name: "mine" }))
    }
  }),
  prove(contract.patch, {
    success: Effect.gen(function*() {
      const dataset = yield* draft("changed")
      yield* Dataset.update(dataset, { description: "Now", labels: ["a:b"], publicAccessLevel: "metadata" })
      matches(yield* Dataset.get(dataset), { description: "Now", labels: ["a:b"], publicAccessLevel: "metadata" })
    }),
    call: Effect.map(kept, (dataset) => Dataset.update(dataset, { description: "Kept" })),
    refused: Dataset.update("a.b", { name: "" }),
    failures: {
      BadRequest: Effect.map(draft("renamed"), (dataset) => Dataset.update(dataset, { name: "Kept" })),
      Forbidden: Effect.map(shown, (dataset) => Dataset.update(dataset, { description: "mine" })),
      NotFound: Effect.map(absent, (dataset) => Dataset.update(dataset, { description: "mine" }))
    }
  }),
  prove(contract.delete, {
    success: Effect.gen(function*() {
      const dataset = yield* released("removed")
      yield* Dataset.remove(dataset)
      equal(yield* Dataset.exists(dataset), false)
    }),
    call: Effect.map(released("removable"), (dataset) => Dataset.remove(dataset)),
    refused: Dataset.remove("a.."),
    failures: {
      BadRequest: Effect.succeed(Dataset.remove(unqualified.dataset)),
      Forbidden: Effect.map(shown, (dataset) => Dataset.remove(dataset)),
      NotFound: Effect.map(absent, (dataset) => Dataset.remove(dataset))
    }
  })
]
