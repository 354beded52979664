/** Redirects: followed with what belongs to the other place, and nothing else. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Retry from "@effect-redivis/core/Retry"
import * as User from "@effect-redivis/core/User"
import * as Effect from "effect/Effect"
import { equal, failsWith, isTrue } from "./assert.ts"
import { type Case, inBrowsers, Place } from "./Case.ts"
import { during, fault, requestsElsewhere } from "./control.ts"
import { organization, user } from "./seeds.ts"

const followed = "a page may not see where a redirect leads: fetch follows it as it is"

/** Redirects an operation once to the other origin, which answers with a JSON text; gives what it is asked. */
export const leave = (match: string, answer: unknown, status = 307) =>
  Effect.gen(function*() {
    const { elsewhere, run } = yield* Place
    const mark = `/${run}/${match}/${status}`
    const location = `${elsewhere}${mark}?answer=${encodeURIComponent(JSON.stringify(answer))}`
    yield* fault({ match, times: 1, do: { redirect: { location, status } } })
    return Effect.map(requestsElsewhere, (all) =>
      all.filter(({ method, path }) => method !== "OPTIONS" && path.startsWith(mark)))
  })

export const redirects: ReadonlyArray<Case> = [
  {
    name: "a redirect on the same origin is followed with the token",
    run: Effect.gen(function*() {
      const { endpoint } = yield* Place
      const owner = yield* organization("moved", [{ name: "Here" }, { name: "There" }])
      for (const location of [`${endpoint}/datasets/${owner}.there`, `./${owner}.there`]) {
        yield* fault({ match: "datasets.get", times: 1, do: { redirect: { location } } })
        const { requests, value } = yield* during(Dataset.get(`${owner}.here`))
        equal(value.name, "There")
        equal(requests.map((request) => [request.status, request.user]), [[307, user], [200, user]])
      }
    }).pipe(Effect.scoped)
  },
  {
    name: "a redirect to another origin is followed without the token",
    run: Effect.gen(function*() {
      const arrived = yield* leave("users.me", { name: "elsewhere" })
      equal((yield* User.me()).name, "elsewhere")
      const [request, ...more] = yield* arrived
      equal([request?.method, more.length], ["GET", 0])
      isTrue(request?.headers["authorization"] === undefined, "the token stays here")
      const { token } = yield* Place
      isTrue(!JSON.stringify(request).includes(token), "the token is nowhere")
    }).pipe(Effect.scoped)
  },
  {
    name: "a caller's headers stay on the API's origin",
    skip: inBrowsers(followed),
    run: Effect.gen(function*() {
      const arrived = yield* leave("users.me", { name: "elsewhere" }, 302)
      const { requests } = yield* during(User.me().pipe(Redivis.withHeaders({ "x-study": "secret" })))
      equal(requests[0]?.headers["x-study"], "secret")
      const headers = Object.keys((yield* arrived)[0]?.headers ?? {})
      equal(headers.filter((name) => name === "x-study" || name.startsWith("x-redivis")), [])
    }).pipe(Effect.scoped)
  },
  {
    name: "a redirected POST keeps its method and its body",
    skip: inBrowsers("a page may not see where a redirect leads: what does not only read is refused"),
    run: Effect.gen(function*() {
      const { endpoint } = yield* Place
      const owner = yield* organization("sent")
      const target = yield* organization("received")
      const location = `${endpoint}/organizations/${target}/datasets`
      yield* fault({ match: "datasets.postByOrganization", times: 1, do: { redirect: { location, status: 302 } } })
      const made = yield* Dataset.create({ organization: owner }, { name: "Moved" })
      equal([made.name, made.owner.name], ["Moved", target])
    }).pipe(Effect.scoped)
  },
  {
    name: "a redirected POST arrives whole at the other origin, or not at all",
    run: Effect.gen(function*() {
      const owner = yield* organization("posted", [{ name: "Model" }])
      const arrived = yield* leave("datasets.postByOrganization", yield* Dataset.get(`${owner}.model`), 301)
      const outcome = yield* Effect.result(Dataset.create({ organization: owner }, { name: "Sent" }))
      const requests = yield* arrived
      if (outcome._tag === "Success") {
        equal(requests.map(({ method }) => method), ["POST"])
        equal(JSON.parse(requests[0]?.body ?? "").name, "Sent")
        isTrue(requests[0]?.headers["authorization"] === undefined, "the token stays here")
      } else {
        equal([outcome.failure._tag, requests.length], ["TransportError", 0])
      }
    }).pipe(Effect.scoped)
  },
  {
    name: "a redirect that leads in a circle or nowhere is a TransportError",
    run: Effect.gen(function*() {
      const { endpoint } = yield* Place
      for (const location of [`${endpoint}/users/me`, "ftp://127.0.0.1/x"]) {
        const { requests } = yield* during(
          Effect.gen(function*() {
            yield* fault({ match: "users.me", do: { redirect: { location } } })
            yield* failsWith(User.me().pipe(Retry.withPolicy({ maxAttempts: 1 })), "TransportError")
          }).pipe(Effect.scoped)
        )
        isTrue(requests.length <= 30, "it is given up")
      }
    })
  }
]
