import { version as contract } from "@effect-redivis/core/Contract"
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Table from "@effect-redivis/core/Table"
import * as Version from "@effect-redivis/core/Version"
import * as Effect from "effect/Effect"
import { equal, failsWith, matches } from "../cases/assert.ts"
import { type Proof, prove } from "./Proof.ts"
import { absent, draft, foreignPage, kept, released, shown } from "./state.ts"

export const versions: ReadonlyArray<Proof> = [
  prove(contract.list, {
    success: Effect.gen(function*() {
      const page = yield* Version.listPage(yield* kept)
      equal(page.results.map(({ isReleased, tag }) => [tag, isReleased]), [["v1.0", true]])
      equal(page.nextPageToken, undefined)
    }),
    call: Effect.map(kept, (dataset) => Version.listPage(dataset)),
    refused: Version.listPage("a.b", { pageSize: 0 }),
    failures: {
      BadRequest: Effect.map(kept, (dataset) => Version.listPage(dataset, foreignPage)),
      NotFound: Effect.map(absent, (dataset) => Version.listPage(dataset))
    }
  }),
  prove(contract.get, {
    success: Effect.gen(function*() {
      matches(yield* Version.get(yield* kept, "v1.0"), { tag: "v1.0", index: 0, isReleased: true, canRelease: false })
    }),
    call: Effect.map(kept, (dataset) => Version.get(dataset, "current")),
    refused: Version.get("a.b", ".."),
    failures: {
      NotFound: Effect.map(kept, (dataset) => Version.get(dataset, "v9.9"))
    }
  }),
  prove(contract.post, {
    success: Effect.gen(function*() {
      const dataset = yield* released("followed")
      matches(yield* Version.create(dataset), { tag: "next", isReleased: false, canRelease: false })
      equal((yield* Version.get(dataset, "next")).previousVersion?.tag, "v1.0")
      equal((yield* Table.get(`${dataset}:next.rows`)).numRows, 2)
    }),
    call: Effect.map(released("to follow"), (dataset) => Version.create(dataset)),
    refused: Version.create("a b"),
    failures: {
      BadRequest: Effect.map(draft("begun"), (dataset) => Version.create(dataset)),
      Forbidden: Effect.map(shown, (dataset) => Version.create(dataset)),
      NotFound: Effect.map(absent, (dataset) => Version.create(dataset))
    }
  }),
  prove(contract.release, {
    success: Effect.gen(function*() {
      const dataset = yield* draft("to be released")
      yield* failsWith(Version.get(dataset, "v1.0"), "NotFound")
      matches(yield* Version.release(dataset, { releaseNotes: "The first." }), { tag: "v1.0", isReleased: true })
      matches(yield* Version.get(dataset, "current"), { tag: "v1.0", releaseNotes: "The first.", canRelease: false })
      equal((yield* Dataset.get(dataset)).nextVersion, null)
    }),
    call: Effect.map(draft("releasable"), (dataset) => Version.release(dataset)),
    refused: Version.release("a b"),
    failures: {
      BadRequest: Effect.gen(function*() {
        const dataset = yield* released("unchanged")
        yield* Version.create(dataset)
        return Version.release(dataset)
      }),
      Forbidden: Effect.map(shown, (dataset) => Version.release(dataset)),
      NotFound: Effect.map(absent, (dataset) => Version.release(dataset))
    }
  })
]
