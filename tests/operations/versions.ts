import { version as contract } from "@effect-redivis/core/Contract"
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Table from "@effect-redivis/core/Table"
import * as Version from "@effect-redivis/core/Version"
import * as Effect from "effect/Effect"
import { equal, failsWith, matches } from "../cases/assert.ts"
import { type Proof, prove } from "./Proof.ts"
import { absent, draft, foreignPage, kept, released, shown, twice, unqualified } from "./state.ts"

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
      BadRequest: Effect.succeed(Version.get(unqualified.dataset, "v1.0")),
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
  }),
  prove(contract.head, {
    success: Effect.gen(function*() {
      equal(yield* Version.exists(yield* kept, "v1.0"), true)
    }),
    call: Effect.map(kept, (dataset) => Version.exists(dataset, "current")),
    refused: Version.exists("a.b", "."),
    failures: {
      BadRequest: Effect.succeed(Version.exists(unqualified.dataset, "next")),
      NotFound: Effect.map(kept, (dataset) => Version.exists(dataset, "next"))
    }
  }),
  prove(contract.patch, {
    success: Effect.gen(function*() {
      const dataset = yield* released("described")
      yield* Version.update(dataset, "v1.0", { label: "As published", releaseNotes: "The first." })
      matches(yield* Version.update(dataset, "current", { label: null }), { label: null, releaseNotes: "The first." })
      matches(yield* Version.get(dataset, "v1.0"), { label: null, releaseNotes: "The first.", isReleased: true })
    }),
    call: Effect.map(released("to describe"), (dataset) => Version.update(dataset, "v1.0", { label: "Once" })),
    refused: Version.update("a.b", "..", {}),
    failures: {
      BadRequest: Effect.succeed(Version.update(unqualified.dataset, "v1.0", { label: "mine" })),
      Forbidden: Effect.map(shown, (dataset) => Version.update(dataset, "v1.0", { label: "mine" })),
      NotFound: Effect.map(kept, (dataset) => Version.update(dataset, "v9.9", { label: "mine" }))
    }
  }),
  prove(contract.unrelease, {
    success: Effect.gen(function*() {
      const dataset = yield* twice("taken back")
      matches(yield* Version.unrelease(dataset), { tag: "next", isReleased: false, releasedAt: null, canRelease: true })
      equal((yield* Version.get(dataset, "current")).tag, "v1.0")
      equal(yield* Version.exists(dataset, "v1.1"), false)
      equal((yield* Table.get(`${dataset}:next.rows`)).numRows, 4)
      // there is one draft at most
      yield* failsWith(Version.unrelease(dataset), "BadRequest")
    }),
    call: Effect.map(released("too early"), (dataset) => Version.unrelease(dataset)),
    refused: Version.unrelease("a b"),
    failures: {
      BadRequest: Effect.map(draft("never released"), (dataset) => Version.unrelease(dataset)),
      Forbidden: Effect.map(shown, (dataset) => Version.unrelease(dataset)),
      NotFound: Effect.map(absent, (dataset) => Version.unrelease(dataset))
    }
  }),
  prove(contract.delete, {
    success: Effect.gen(function*() {
      const dataset = yield* twice("deleted")
      const deleted = yield* Version.remove(dataset, "v1.0")
      equal([deleted?.tag, deleted?.isDeleted], ["v1.0", true])
      equal((yield* Version.listPage(dataset)).results.map(({ isDeleted, tag }) => [tag, isDeleted]), [
        ["v1.1", false],
        ["v1.0", true]
      ])
      yield* Version.create(dataset)
      equal(yield* Version.remove(dataset, "next"), undefined)
      equal(yield* Version.exists(dataset, "next"), false)
    }),
    call: Effect.map(twice("to delete"), (dataset) => Version.remove(dataset, "v1.0")),
    refused: Version.remove("a.b", ""),
    failures: {
      BadRequest: Effect.map(kept, (dataset) => Version.remove(dataset, "current")),
      Forbidden: Effect.map(shown, (dataset) => Version.remove(dataset, "v1.0")),
      NotFound: Effect.map(kept, (dataset) => Version.remove(dataset, "v9.9"))
    }
  }),
  prove(contract.undelete, {
    success: Effect.gen(function*() {
      const dataset = yield* twice("brought back")
      yield* Version.remove(dataset, "v1.0")
      matches(yield* Version.undelete(dataset, "v1.0"), { tag: "v1.0", isDeleted: false })
      equal((yield* Version.get(dataset, "v1.0")).isDeleted, false)
    }),
    call: Effect.gen(function*() {
      const dataset = yield* twice("to bring back")
      yield* Version.remove(dataset, "v1.0")
      return Version.undelete(dataset, "v1.0")
    }),
    refused: Version.undelete("a.b", ".."),
    failures: {
      BadRequest: Effect.map(draft("not deleted"), (dataset) => Version.undelete(dataset, "next")),
      Forbidden: Effect.map(shown, (dataset) => Version.undelete(dataset, "v1.0")),
      NotFound: Effect.map(kept, (dataset) => Version.undelete(dataset, "v9.9"))
    }
  })
]
