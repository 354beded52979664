import { upload as contract } from "@effect-redivis/core/Contract"
import * as Table from "@effect-redivis/core/Table"
import * as Upload from "@effect-redivis/core/Upload"
import * as Version from "@effect-redivis/core/Version"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, matches } from "../cases/assert.ts"
import { shared } from "../cases/seeds.ts"
import { type Proof, prove } from "./Proof.ts"
import { absentRows, draft, foreignPage, keptRows, shownRows, unqualified } from "./state.ts"

const data = new TextEncoder().encode("x\n1\n2\n")

/** A released table with one upload, `a.csv`. */
export const uploaded = shared(Effect.gen(function*() {
  const dataset = yield* draft("uploaded")
  yield* Upload.create(`${dataset}.rows`, { name: "a.csv", data })
  yield* Version.release(dataset)
  return `${dataset}.rows`
}))

/** A table of its own with an upload `stream` for rows `{ x: integer, day: date }`. */
export const streaming = (name: string) =>
  Effect.gen(function*() {
    const table = `${yield* draft(name)}.rows`
    const schema = [{ name: "x", type: "integer" }, { name: "day", type: "date" }] as const
    yield* Upload.create(table, { name: "stream", type: "stream", schema })
    return table
  })

/** A table of its own whose upload `bad.csv` failed. */
export const failedUpload = shared(Effect.gen(function*() {
  const table = `${yield* draft("broken")}.rows`
  const bytes = new TextEncoder().encode("no parquet")
  yield* Effect.ignore(Upload.create(table, { name: "bad.parquet", data: bytes }))
  return table
}))

export const uploads: ReadonlyArray<Proof> = [
  prove(contract.list, {
    success: Effect.gen(function*() {
      const page = yield* Upload.listPage(yield* uploaded)
      equal(page.results.map(({ name, status }) => [name, status]), [["a.csv", "completed"]])
    }),
    call: Effect.map(uploaded, (table) => Upload.listPage(table)),
    refused: Upload.listPage("a.b.c", { pageSize: 0 }),
    failures: {
      BadRequest: Effect.map(uploaded, (table) => Upload.listPage(table, foreignPage)),
      NotFound: Effect.map(absentRows, (table) => Upload.listPage(table))
    }
  }),
  prove(contract.post, {
    success: Effect.gen(function*() {
      const table = `${yield* draft("filled")}.rows`
      yield* Upload.create(table, { name: "a.csv", data })
      equal(yield* Stream.runCollect(Table.rows(table)), [{ x: 1 }, { x: 2 }])
    }),
    call: Effect.map(draft("fillable"), (dataset) => Upload.create(`${dataset}.rows`, { name: "a.csv", data })),
    refused: Upload.create("a.b.c", { name: "", data }),
    failures: {
      BadRequest: Effect.map(keptRows, (table) => Upload.create(table, { name: "a.csv", data })),
      Forbidden: Effect.map(shownRows, (table) => Upload.create(table, { name: "a.csv", data })),
      NotFound: Effect.map(absentRows, (table) => Upload.create(table, { name: "a.csv", data }))
    }
  }),
  prove(contract.get, {
    success: Effect.gen(function*() {
      matches(yield* Upload.get(yield* uploaded, "a.csv"), { name: "a.csv", status: "completed", numRows: 2 })
    }),
    call: Effect.map(uploaded, (table) => Upload.get(table, "a.csv")),
    refused: Upload.get("a.b.c", ""),
    failures: {
      BadRequest: Effect.succeed(Upload.get(unqualified.table, "a.csv")),
      NotFound: Effect.map(uploaded, (table) => Upload.get(table, "b.csv"))
    }
  }),
  prove(contract.delete, {
    success: Effect.gen(function*() {
      const table = `${yield* draft("withdrawn")}.rows`
      yield* Upload.create(table, { name: "a.csv", data })
      yield* Upload.create(table, { name: "b.csv", data: new TextEncoder().encode("x\n3\n") })
      yield* Upload.remove(table, "a.csv")
      equal(yield* Stream.runCollect(Stream.map(Upload.list(table), ({ name }) => name)), ["b.csv"])
      equal(yield* Stream.runCollect(Table.rows(table)), [{ x: 3 }])
    }),
    call: Effect.gen(function*() {
      const table = `${yield* draft("withdrawable")}.rows`
      yield* Upload.create(table, { name: "a.csv", data })
      return Upload.remove(table, "a.csv")
    }),
    refused: Upload.remove("a.b.c", ""),
    failures: {
      BadRequest: Effect.map(uploaded, (table) => Upload.remove(table, "a.csv")),
      Forbidden: Effect.map(shownRows, (table) => Upload.remove(table, "a.csv")),
      NotFound: Effect.map(uploaded, (table) => Upload.remove(table, "b.csv"))
    }
  }),
  prove(contract.head, {
    success: Effect.gen(function*() {
      equal(yield* Upload.exists(yield* uploaded, "A.csv"), true)
    }),
    call: Effect.map(uploaded, (table) => Upload.exists(table, "a.csv")),
    refused: Upload.exists("a.b.c", ""),
    failures: {
      BadRequest: Effect.succeed(Upload.exists(unqualified.table, "a.csv")),
      NotFound: Effect.map(uploaded, (table) => Upload.exists(table, "b.csv"))
    }
  }),
  prove(contract.insertRows, {
    success: Effect.gen(function*() {
      const table = yield* streaming("streamed")
      matches(yield* Upload.insertRows(table, "stream", { rows: [{ x: 1, day: "2020-01-02" }, { x: null }] }), {
        rowsAdded: 2,
        rowsSkipped: 0
      })
      const widened = yield* Upload.insertRows(table, "stream", { rows: [{ x: 2, y: true }], updateVariables: true })
      equal(widened.schemaUpdates, [{ updatedVariables: [], addedVariables: [{ name: "y", type: "boolean" }] }])
      equal(yield* Stream.runCollect(Table.rows(table)), [
        { x: 1, day: "2020-01-02", y: null },
        { x: null, day: null, y: null },
        { x: 2, day: null, y: true }
      ])
    }),
    call: Effect.map(streaming("streamable"), (table) => Upload.insertRows(table, "stream", { rows: [{ x: 1 }] })),
    refused: Upload.insertRows("a.b.c", "stream", { rows: [{ x: Number.NaN }] }),
    failures: {
      BadRequest: Effect.map(
        streaming("misfitting"),
        (table) => Upload.insertRows(table, "stream", { rows: [{ x: "one" }] })
      ),
      Forbidden: Effect.map(shownRows, (table) => Upload.insertRows(table, "stream", { rows: [] })),
      NotFound: Effect.map(uploaded, (table) => Upload.insertRows(table, "stream", { rows: [] }))
    }
  })
]
