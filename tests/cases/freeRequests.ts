/** `Redivis.request`: what no function of the library asks for. */
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Schema from "effect/Schema"
import * as Effect from "effect/Effect"
import { equal, failsWith } from "./assert.ts"
import type { Case } from "./Case.ts"
import { anonymously } from "./clients.ts"
import { during } from "./control.ts"
import { organization, user } from "./seeds.ts"

export const freeRequests: ReadonlyArray<Case> = [
  {
    name: "a request by hand makes, reads, changes and removes",
    run: Effect.gen(function*() {
      const owner = yield* organization("free")
      const Named = Schema.Struct({ name: Schema.String, uri: Schema.String })
      const made = yield* Redivis.request(`/organizations/${owner}/datasets`, {
        method: "POST",
        body: { name: "By hand", publicAccessLevel: "none" },
        schema: Named
      })
      equal(made.name, "By hand")
      yield* Redivis.request(made.uri, { method: "PATCH", body: { description: "Größe" } })
      const listed = yield* Redivis.request(`/organizations/${owner}/datasets`, {
        query: { maxResults: 1 },
        schema: Schema.Struct({ results: Schema.Array(Schema.Struct({ description: Schema.String })) })
      })
      equal(listed.results.map(({ description }) => description), ["Größe"])
      equal(yield* Redivis.request(made.uri, { method: "HEAD" }), undefined)
      equal(yield* Redivis.request(made.uri, { method: "DELETE" }), undefined)
      yield* failsWith(Redivis.request(made.uri), "NotFound")
      yield* failsWith(Redivis.request(made.uri, { method: "HEAD" }), "NotFound")
    })
  },
  {
    name: "a request by hand has the credentials of the client, and leaves none where it may not go",
    run: Effect.gen(function*() {
      const { requests } = yield* during(Redivis.request("/users/me"))
      equal(requests.map(({ headers, path }) => [path, headers["authorization"]]), [["/users/me", `Bearer <${user}>`]])
      yield* failsWith(anonymously(Redivis.request("/users/me")), "Unauthorized")
      const refused = yield* during(failsWith(Redivis.request("/users/../datasets"), "InvalidInput"))
      equal(refused.requests.length, 0)
    })
  }
]
