/** What stands still and what moves between versions. */
import * as Codebook from "@effect-redivis/core/Codebook"
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Lock from "@effect-redivis/core/Lock"
import * as Metadata from "@effect-redivis/core/Metadata"
import * as Publish from "@effect-redivis/core/Publish"
import * as Table from "@effect-redivis/core/Table"
import * as Version from "@effect-redivis/core/Version"
import * as Effect from "effect/Effect"
import { equal, failsWith, isTrue } from "./assert.ts"
import type { Case } from "./Case.ts"
import { during } from "./control.ts"
import { organization } from "./seeds.ts"

const versioned = {
  name: "Versioned",
  versions: [
    { tables: [{ name: "birds", variables: [{ name: "mass", label: "Mass" }], rows: [{ mass: 1 }] }] },
    { tables: [{ name: "birds", rows: [{ mass: 2 }] }, { name: "nests", rows: [{ a: 1 }] }] },
    { released: false, tables: [{ name: "birds", rows: [{ mass: 3 }] }] }
  ]
}

export const publishing: ReadonlyArray<Case> = [
  {
    name: "a dataset is pinned to its current version, and two versions are compared",
    run: Effect.gen(function*() {
      const owner = yield* organization("pins", [versioned])
      const reference = `${owner}.versioned`
      const pinned = yield* Dataset.pin(reference)
      equal((yield* Table.get(pinned.table("birds"))).numRows, 2)
      yield* failsWith(Dataset.pin(`${reference}:next`), "InvalidInput")
      const { requests, value: diff } = yield* during(Version.diff(reference, "v1.0", "current"))
      equal(diff.added.map(({ name }) => name), ["nests"])
      equal(diff.changed.map(({ name, numRows }) => [name, numRows?.from, numRows?.to]), [["birds", 1, 2]])
      equal(requests.length, 5)
      const draft = yield* Version.diff(reference, "current", "next", { variables: "hash" })
      equal([draft.to, draft.changed[0]?.numRows?.to, draft.unchanged], ["next", 3, 1])
    })
  },
  {
    name: "a lock says whether tables are as they were, and metadata what they mean",
    run: Effect.gen(function*() {
      const owner = yield* organization("locks", [versioned])
      const lock = yield* Lock.make([`${owner}.versioned:v1_0`])
      equal(yield* Lock.verify(lock), [])
      const [dataset] = lock.datasets
      isTrue(dataset !== undefined, "one dataset is locked")
      const tables = dataset.tables.map((table) => ({ ...table, numRows: 9 }))
      const moved = yield* Lock.verify({ ...lock, datasets: [{ ...dataset, tables }] })
      equal(moved.map(({ kind }) => kind), ["tableChanged"])
      const described = yield* Metadata.read(`${owner}.versioned`)
      const codebook = Codebook.table(described.tables, { format: "csv" }).split("\r\n")
      isTrue(codebook.includes("birds,mass,integer,Mass,,,2,2,1,2,1.5,1.5,0.7071067811865476"), "birds are counted")
      isTrue(JSON.stringify(Metadata.jsonLd(described)).includes("\"name\":\"mass\""), "variables are measured")
    })
  },
  {
    name: "a plan says what will be, and what was planned is proved and released",
    run: Effect.gen(function*() {
      const owner = yield* organization("plans", [versioned])
      const data = new TextEncoder().encode("mass\n7\n8\n")
      const changes: ReadonlyArray<Publish.Change> = [
        { replace: "birds", source: { name: "birds.csv", data, numRows: 2 } },
        { remove: "nests" }
      ]
      const plan = yield* Publish.plan(`${owner}.versioned`, changes)
      equal(plan.tables.map(({ action, rowsAfter, rowsBefore }) => [action, rowsBefore, rowsAfter]), [
        ["replaced", 3, 2],
        ["removed", 1, 0]
      ])
      const report = yield* Publish.apply(plan, changes)
      const tables = yield* Version.diff(`${owner}.versioned`, "current", report.tag ?? "", { variables: "none" })
      equal([tables.unchanged, tables.changed.length], [1, 0])
      equal((yield* Table.get(`${owner}.versioned:current.birds`)).numRows, 2)
      // what was planned is done: the tables are others now
      yield* failsWith(Publish.apply(plan, changes), "PlanOutdated")
    })
  }
]
