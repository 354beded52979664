import { table as contract } from "@effect-redivis/core/Contract"
import * as Table from "@effect-redivis/core/Table"
import * as Upload from "@effect-redivis/core/Upload"
import * as Version from "@effect-redivis/core/Version"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, matches } from "../cases/assert.ts"
import { type Proof, prove } from "./Proof.ts"
import {
  absent,
  absentRows,
  afterSpending,
  draft,
  foreignPage,
  kept,
  keptRows,
  released,
  shown,
  shownRows,
  unqualified
} from "./state.ts"

/** More than goes along with its request. */
const large = new TextEncoder().encode(`x\n${"12345678\n".repeat(150_000)}`)

export const tables: ReadonlyArray<Proof> = [
  prove(contract.listByDataset, {
    success: Effect.gen(function*() {
      const page = yield* Table.listPage(yield* kept)
      equal(page.results.map(({ name, numRows }) => [name, numRows]), [["rows", 2]])
    }),
    call: Effect.map(kept, (dataset) => Table.listPage(dataset)),
    refused: Table.listPage("a.b", { pageSize: -1 }),
    failures: {
      BadRequest: Effect.map(kept, (dataset) => Table.listPage(dataset, foreignPage)),
      NotFound: Effect.map(absent, (dataset) => Table.listPage(dataset))
    }
  }),
  prove(contract.get, {
    success: Effect.gen(function*() {
      matches(yield* Table.get(yield* keptRows), { name: "rows", numRows: 2, variableCount: 1, isFileIndex: false })
    }),
    call: Effect.map(keptRows, (table) => Table.get(table)),
    refused: Table.get("a.b.c.d.e"),
    failures: {
      BadRequest: Effect.succeed(Table.get(unqualified.table)),
      NotFound: Effect.map(absentRows, (table) => Table.get(table))
    }
  }),
  prove(contract.head, {
    success: Effect.gen(function*() {
      equal(yield* Table.exists(yield* keptRows), true)
    }),
    call: Effect.map(keptRows, (table) => Table.exists(table)),
    refused: Table.exists("a"),
    failures: {
      BadRequest: Effect.succeed(Table.exists(unqualified.table)),
      NotFound: Effect.map(absentRows, (table) => Table.exists(table))
    }
  }),
  prove(contract.post, {
    success: Effect.gen(function*() {
      const dataset = yield* draft("tabled")
      yield* Table.create(dataset, { name: "Second", description: "Of two", uploadMergeStrategy: "replace" })
      matches(yield* Table.get(`${dataset}.second`), {
        name: "Second",
        description: "Of two",
        uploadMergeStrategy: "replace",
        numRows: 0
      })
    }),
    call: Effect.map(draft("tableable"), (dataset) => Table.create(dataset, { name: "Once" })),
    refused: Table.create("a.b", { name: "" }),
    failures: {
      BadRequest: Effect.map(kept, (dataset) => Table.create(dataset, { name: "late" })),
      Forbidden: Effect.map(shown, (dataset) => Table.create(dataset, { name: "mine" })),
      NotFound: Effect.map(absent, (dataset) => Table.create(dataset, { name: "mine" }))
    }
  }),
  prove(contract.patch, {
    success: Effect.gen(function*() {
      const dataset = yield* released("patched")
      const table = `${dataset}:next.rows`
      yield* Version.create(dataset)
      const before = yield* Table.get(table)
      const renamed = yield* Table.update(table, { name: "Rows, all", description: "Of one" })
      matches(renamed, { name: "Rows, all", description: "Of one", uploadMergeStrategy: "append", numRows: 2 })
      equal(renamed.hash, before.hash, "the hash of the same rows")
      matches(yield* Table.update(renamed, { uploadMergeStrategy: "replace" }), { numRows: 0 })
      const again = yield* Table.update(renamed, { uploadMergeStrategy: "append", description: null })
      matches(again, { numRows: 2, description: null })
      equal(again.hash, before.hash, "the hash of the same rows, which are back")
      matches(yield* Table.get(`${dataset}.rows`), { name: "rows", description: null })
    }),
    call: Effect.map(keptRows, (table) => Table.update(table, { description: "Kept" })),
    refused: Table.update("a.b.c", { name: "" }),
    failures: {
      BadRequest: Effect.map(keptRows, (table) => Table.update(table, { uploadMergeStrategy: "replace" })),
      Forbidden: Effect.map(shownRows, (table) => Table.update(table, { description: "mine" })),
      NotFound: Effect.map(absentRows, (table) => Table.update(table, { description: "mine" }))
    }
  }),
  prove(contract.delete, {
    success: Effect.gen(function*() {
      const dataset = yield* released("emptied")
      yield* Version.create(dataset)
      const table = `${dataset}:next.rows`
      yield* Table.remove(table)
      equal(yield* Table.exists(table), false)
      equal((yield* Table.get(`${dataset}.rows`)).numRows, 2, "the rows of the released version")
      yield* Table.create(`${dataset}:next`, { name: "rows" })
      equal((yield* Table.get(table)).numRows, 0, "the rows of a table that was made again")
    }),
    call: Effect.map(draft("emptiable"), (dataset) => Table.remove(`${dataset}.rows`)),
    refused: Table.remove("a.b.c.d.e"),
    failures: {
      BadRequest: Effect.map(keptRows, (table) => Table.remove(table)),
      Forbidden: Effect.map(shownRows, (table) => Table.remove(table)),
      NotFound: Effect.map(absentRows, (table) => Table.remove(table))
    }
  }),
  prove(contract.createTempUploads, {
    success: Effect.gen(function*() {
      const table = `${yield* draft("temporary")}.rows`
      yield* Upload.create(table, { name: "large.csv", data: large })
      equal((yield* Table.get(table)).numRows, 150_000)
    }),
    call: Effect.map(
      draft("temporaries"),
      (dataset) => Upload.create(`${dataset}.rows`, { name: "large.csv", data: large, wait: false })
    ),
    refused: Upload.create("a.b.c", { name: "", data: large }),
    failures: {
      BadRequest: Effect.map(keptRows, (table) => Upload.create(table, { name: "large.csv", data: large })),
      Forbidden: Effect.map(shownRows, (table) => Upload.create(table, { name: "large.csv", data: large })),
      NotFound: Effect.map(absentRows, (table) => Upload.create(table, { name: "large.csv", data: large }))
    }
  }),
  prove(contract.listRows, {
    success: Effect.gen(function*() {
      const csv = yield* Stream.mkString(Stream.decodeText(Table.csv(yield* keptRows)))
      equal([csv.slice(0, 2), csv.split("\n").toSorted()], ["x\n", ["", "1", "2", "x"]])
    }),
    call: Effect.map(keptRows, (table) => Stream.runDrain(Table.ndjson(table))),
    refused: Stream.runDrain(Table.csv("a.b.c", { maxResults: -1 })),
    failures: {
      BadRequest: Effect.map(keptRows, (table) => Stream.runDrain(Table.csv(table, { variables: ["nothing"] }))),
      QuotaExceeded: afterSpending("spentOnRows", Effect.succeed, (table) => Stream.runDrain(Table.csv(table))),
      Forbidden: Effect.map(shownRows, (table) => Stream.runDrain(Table.csv(table))),
      NotFound: Effect.map(absentRows, (table) => Stream.runDrain(Table.csv(table)))
    }
  })
]
