/** Listings of many pages. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Version from "@effect-redivis/core/Version"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, isTrue } from "./assert.ts"
import type { Case } from "./Case.ts"
import { during, fault, lastRequest, requestsAfter, until } from "./control.ts"
import { organization, shared } from "./seeds.ts"

const names = Array.from({ length: 60 }, (_, index) => `D${String(index).padStart(3, "0")}`)

const three = [1, 2, 3].map((x) => ({ tables: [{ name: "t", rows: [{ x }] }] }))

const many = shared(organization("pages", names.map((name) => ({ name }))))

export const listings: ReadonlyArray<Case> = [
  {
    name: "60 datasets come in 12 pages of 5, each once",
    run: Effect.gen(function*() {
      const owner = yield* many
      const { requests, value: listed } = yield* during(
        Stream.runCollect(Dataset.list({ organization: owner }, { pageSize: 5 }))
      )
      equal(listed.map(({ name }) => name).toSorted(), names)
      equal(requests.length, 12)
      equal(new Set(requests.map(({ query }) => query["pageToken"]?.[0])).size, 12)
      isTrue(requests.every(({ query }) => query["maxResults"]?.[0] === "5"), "each page is of 5")
    })
  },
  {
    name: "a listing asks for a page only when its items are wanted",
    run: Effect.gen(function*() {
      const owner = yield* many
      const listing = Dataset.list({ organization: owner }, { pageSize: 5 })
      const { requests: first, value } = yield* during(Stream.runCollect(Stream.take(listing, 5)))
      equal([value.length, first.length], [5, 1])
      const { requests: second } = yield* during(Stream.runCollect(Stream.take(listing, 6)))
      equal(second.length, 2)
    })
  },
  {
    name: "a listing keeps as many pages ahead as it is told to, and no more",
    run: Effect.gen(function*() {
      const owner = yield* many
      const asked = Effect.map(requestsAfter(yield* lastRequest), ({ length }) => length)
      yield* Effect.scoped(Effect.gen(function*() {
        const pull = yield* Stream.toPull(Dataset.list({ organization: owner }, { pageSize: 5, prefetch: 3 }))
        yield* pull
        yield* until(asked, (count) => count >= 4)
        // one more may be on its way to a buffer that is full
        isTrue((yield* asked) <= 5, "no more than three pages ahead")
      }))
      isTrue((yield* asked) <= 5, "an ended listing asks for nothing")
    })
  },
  {
    name: "a listing that breaks has handed on what came before, and says where to go on",
    run: Effect.gen(function*() {
      const owner = yield* many
      yield* fault({ match: "datasets.listByOrganization", after: 3, times: 1, do: { status: 400 } })
      const seen: Array<string> = []
      const failure = yield* Dataset.list({ organization: owner }, { pageSize: 5 }).pipe(
        Stream.runForEach(({ name }) => Effect.sync(() => seen.push(name))),
        Effect.flip
      )
      equal(failure._tag, "BadRequest")
      equal(seen.length, 15)
      const pageToken = failure.resume?.pageToken
      const rest = yield* Stream.runCollect(Dataset.list({ organization: owner }, { pageSize: 20, pageToken }))
      equal([...seen, ...rest.map(({ name }) => name)].toSorted(), names)
      const page = yield* Dataset.listPage({ organization: owner }, { pageSize: 1, pageToken })
      equal(page.results[0]?.name, rest[0]?.name)
    }).pipe(Effect.scoped)
  },
  {
    name: "page tokens that are numbers lead on as well as texts",
    run: Effect.gen(function*() {
      const owner = yield* organization("tags", [{ name: "Tagged", versions: three }])
      const first = yield* Version.listPage(`${owner}.tagged`, { pageSize: 1 })
      equal(typeof first.nextPageToken, "number")
      const { requests, value } = yield* during(Stream.runCollect(Version.list(`${owner}.tagged`, { pageSize: 1 })))
      equal(value.map(({ index }) => index), [2, 1, 0])
      equal(requests.length, 3)
    })
  }
]
