/** Versions: every operation on them. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Table from "@effect-redivis/core/Table"
import * as Upload from "@effect-redivis/core/Upload"
import * as Version from "@effect-redivis/core/Version"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, failsWith, isTrue, matches } from "./assert.ts"
import type { Case } from "./Case.ts"
import { during } from "./control.ts"
import { organization } from "./seeds.ts"

const csv = (text: string): Uint8Array => new TextEncoder().encode(text)

export const versions: ReadonlyArray<Case> = [
  {
    name: "a version is prepared, released, and followed by another",
    run: Effect.gen(function*() {
      const owner = yield* organization("release")
      const dataset = yield* Dataset.create({ organization: owner }, { name: "Released" })
      yield* Table.create(`${owner}.released`, { name: "rows" })
      yield* Upload.create(`${owner}.released.rows`, { name: "a.csv", data: csv("x\n1\n2\n") })
      const draft = yield* Version.get(dataset, "next")
      matches(draft, { tag: "next", isReleased: false, canRelease: true })

      const { requests, value: first } = yield* during(
        Version.release(`${owner}.released`, { releaseNotes: "The first." })
      )
      matches(first, { isReleased: true, releaseNotes: "The first.", index: 0 })
      equal(first.tag.toLowerCase(), "v1.0")
      equal(requests[0]?.body.json, { releaseNotes: "The first." })
      equal((yield* Version.get(`${owner}.released`, "current")).tag, first.tag)
      yield* failsWith(Version.get(`${owner}.released`, "next"), "NotFound")

      const next = yield* Version.create(`${owner}.released`)
      matches(next, { tag: "next", isReleased: false, canRelease: false })
      equal(next.previousVersion?.tag, first.tag)
      yield* failsWith(Version.create(`${owner}.released`), "BadRequest")
      // nothing has changed yet
      yield* failsWith(Version.release(`${owner}.released`), "BadRequest")
      yield* Upload.create(`${owner}.released:next.rows`, { name: "b.csv", data: csv("x\n3\n") })
      const second = yield* Version.release(`${owner}.released`, { wait: false })
      equal((yield* Version.wait(`${owner}.released`, { deadline: "10 seconds" })).tag, second.tag)

      const all = yield* Stream.runCollect(Version.list(`${owner}.released`))
      equal(all.map(({ tag }) => tag), [second.tag, first.tag])
      isTrue(all.every(({ releasedAt }) => typeof releasedAt === "number"), "releasedAt is in milliseconds")
      const counts = yield* Effect.forEach(
        [`${owner}.released.rows`, `${owner}.released:v1_0.rows`],
        (reference) => Effect.map(Table.get(reference), ({ numRows }) => numRows)
      )
      equal(counts, [3, 2])
    })
  }
]
