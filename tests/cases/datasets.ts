/** Datasets: every operation on them. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, failsWith, isTrue, matches } from "./assert.ts"
import type { Case } from "./Case.ts"
import { within } from "./clients.ts"
import { during } from "./control.ts"
import { organization, user } from "./seeds.ts"
import { Place } from "./Case.ts"

export const datasets: ReadonlyArray<Case> = [
  {
    name: "a dataset is made, read, changed and removed",
    run: Effect.gen(function*() {
      const owner = yield* organization("life")
      const made = yield* Dataset.create({ organization: owner }, {
        name: "Birds of 2009",
        publicAccessLevel: "overview",
        description: "Before"
      })
      matches(made, {
        name: "Birds of 2009",
        publicAccessLevel: "overview",
        description: "Before",
        accessLevel: "edit"
      })
      matches(made.owner, { kind: "organization", name: owner, fullName: "Organization life" })
      isTrue(typeof made.createdAt === "number" && made.createdAt > 1.7e12, "createdAt is in milliseconds")

      const { requests, value: changed } = yield* during(
        Dataset.update(made, {
          name: "Birds",
          description: null,
          publicAccessLevel: "data",
          labels: ["a", "kind:bird"]
        })
      )
      matches(changed, { name: "Birds", description: null, publicAccessLevel: "data", labels: ["a", "kind:bird"] })
      equal(changed.referenceId, made.referenceId)
      equal(requests.map(({ method, operation }) => [method, operation]), [["PATCH", "datasets.patch"]])
      equal(requests[0]?.body.json, {
        name: "Birds",
        description: null,
        publicAccessLevel: "data",
        labels: ["a", "kind:bird"]
      })

      const read = yield* Dataset.get(`${owner}.birds`)
      equal(read, changed)
      equal(yield* Dataset.exists(made), true)
      equal(yield* Dataset.remove(made), undefined)
      equal(yield* Dataset.exists(made), false)
      const missing = yield* failsWith(Dataset.get(`${owner}.birds`), "NotFound")
      matches(missing, { operation: "datasets.get", method: "GET", status: 404, error: "not_found" })
    })
  },
  {
    name: "a dataset is made for the default owner and found by a scoped reference",
    run: Effect.gen(function*() {
      const { run } = yield* Place
      const name = `${run} own`
      yield* Effect.gen(function*() {
        const made = yield* Dataset.create(undefined, { name })
        matches(made, { name, publicAccessLevel: "none" })
        equal([made.owner.kind, made.owner.name], ["user", user])
        equal((yield* Dataset.get(made.scopedReference)).id, made.id)
        const { requests, value: listed } = yield* during(Stream.runCollect(Dataset.list()))
        isTrue(listed.some(({ id }) => id === made.id), "it is listed")
        equal(requests.map(({ operation }) => operation), ["datasets.listByUser"])
        yield* Dataset.remove(made)
      }).pipe(within({ defaults: { user } }))
    })
  },
  {
    name: "datasets of an organization are listed, by labels where that is wanted",
    run: Effect.gen(function*() {
      const owner = yield* organization("labels", [
        { name: "One", labels: ["a"], publicAccessLevel: "data", tables: [{ name: "t", rows: [{ x: 1 }, { x: 2 }] }] },
        { name: "Two", labels: ["b"] },
        { name: "Three", labels: ["c:d"] }
      ])
      const page = yield* Dataset.listPage({ organization: owner })
      equal(page.results.map(({ name }) => name).toSorted(), ["One", "Three", "Two"])
      equal(page.nextPageToken, undefined)
      const one = page.results.find(({ name }) => name === "One")
      isTrue(one !== undefined, "One is listed")
      matches(one, { tableCount: 1, publicAccessLevel: "data", labels: ["a"] })
      const { requests, value: chosen } = yield* during(
        Stream.runCollect(Dataset.list({ organization: owner }, { labels: ["b", "c:d"] }))
      )
      equal(chosen.map(({ name }) => name).toSorted(), ["Three", "Two"])
      equal(requests.map(({ operation, query }) => [operation, query["labels"]]), [
        ["datasets.listByOrganization", ["b,c:d"]]
      ])
    })
  }
]
