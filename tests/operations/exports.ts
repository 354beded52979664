import { exports as contract } from "@effect-redivis/core/Contract"
import * as Export from "@effect-redivis/core/Export"
import * as Query from "@effect-redivis/core/Query"
import * as Upload from "@effect-redivis/core/Upload"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, isTrue, matches } from "../cases/assert.ts"
import { shared } from "../cases/seeds.ts"
import { type Proof, prove } from "./Proof.ts"
import { absentRows, afterSpending, asStranger, draft, keptRows, shownRows, unqualified } from "./state.ts"
import { uploaded } from "./uploads.ts"

const csv = { format: "csv" } as const

const text = (exported: Export.Export) => Stream.mkString(Stream.decodeText(Export.download(exported)))

const query = Effect.flatMap(keptRows, (table) => Query.run(`select x, x > 1 as big from \`${table}\``))

/** A completed export of its user's own. */
const exported = shared(Effect.flatMap(keptRows, (table) => Export.run({ table }, csv)))

const drain = (id: string, part = 0) => Stream.runDrain(Export.download(id, { part }))

export const exports: ReadonlyArray<Proof> = [
  prove(contract.postByTable, {
    success: Effect.gen(function*() {
      const seen: Array<number> = []
      const done = yield* Export.run({ table: yield* keptRows }, {
        format: "ndjson",
        onProgress: (state) => Effect.sync(() => seen.push(state.percentCompleted ?? -1))
      })
      equal(yield* text(done), "{\"x\":1}\n{\"x\":2}\n")
      matches(done, { status: "completed", fileCount: 1, size: 16, format: "ndjson" })
      equal(done.table?.name, "rows")
      equal(seen.at(-1), 100)
    }),
    call: Effect.map(keptRows, (table) => Export.create({ table }, csv)),
    refused: Export.create({ table: "a.b.c.d.e" }, csv),
    failures: {
      BadRequest: Effect.succeed(Export.create(unqualified, csv)),
      QuotaExceeded: afterSpending("spentOnExports", Effect.succeed, (table) => Export.create({ table }, csv)),
      Forbidden: Effect.map(shownRows, (table) => Export.create({ table }, csv)),
      NotFound: Effect.map(absentRows, (table) => Export.create({ table }, csv))
    }
  }),
  prove(contract.postByUpload, {
    success: Effect.gen(function*() {
      const done = yield* Export.run({ table: yield* uploaded, upload: "a.csv" }, csv)
      equal(yield* text(done), "x\n1\n2\n")
    }),
    call: Effect.map(uploaded, (table) => Export.create({ table, upload: "a.csv" }, csv)),
    refused: Export.create({ table: "a.b.c", upload: "" }, csv),
    failures: {
      BadRequest: Effect.gen(function*() {
        const table = `${yield* draft("exportable")}.rows`
        const data = new TextEncoder().encode("no Parquet")
        yield* Upload.create(table, { name: "bad.parquet", data, wait: false })
        return Export.create({ table, upload: "bad.parquet" }, csv)
      }),
      QuotaExceeded: afterSpending(
        "spentOnExportsOfUploads",
        Effect.succeed,
        (table) => Export.create({ table, upload: "rows" }, csv)
      ),
      Forbidden: Effect.map(shownRows, (table) => Export.create({ table, upload: "rows" }, csv)),
      NotFound: Effect.map(uploaded, (table) => Export.create({ table, upload: "b.csv" }, csv))
    }
  }),
  prove(contract.postByQuery, {
    success: Effect.gen(function*() {
      equal(yield* text(yield* Export.run({ query: yield* query }, csv)), "x,big\n1,false\n2,true\n")
    }),
    call: Effect.map(query, (query) => Export.create({ query }, csv)),
    refused: Export.create({ query: "" }, csv),
    failures: {
      BadRequest: Effect.map(Query.create("select nothing"), (failed) => Export.create({ query: failed }, csv)),
      QuotaExceeded: afterSpending(
        "spentOnExportsOfResults",
        (table) => Query.run(`select x from \`${table}\``),
        (query) => Export.create({ query }, csv)
      ),
      NotFound: Effect.flatMap(query, (query) => asStranger(Export.create({ query }, csv)))
    }
  }),
  prove(contract.get, {
    success: Effect.gen(function*() {
      matches(yield* Export.get(yield* exported), { status: "completed", format: "csv", percentCompleted: 100 })
    }),
    call: Effect.map(exported, (exported) => Export.get(exported)),
    refused: Export.get(""),
    failures: { NotFound: Effect.flatMap(exported, (exported) => asStranger(Export.get(exported))) }
  }),
  prove(contract.download, {
    success: Effect.gen(function*() {
      const whole = yield* Stream.runCollect(Export.download(yield* exported))
      isTrue(whole.length > 0, "bytes come")
      equal(new TextDecoder().decode(whole[0]), "x\n1\n2\n")
    }),
    call: Effect.map(exported, ({ id }) => drain(id)),
    refused: drain("1", -1),
    failures: {
      BadRequest: Effect.map(exported, ({ id }) => drain(id, 7)),
      QuotaExceeded: afterSpending(
        "spentOnDownloads",
        (table) => Export.run({ table }, csv),
        ({ id }) => drain(id)
      ),
      NotFound: Effect.flatMap(exported, ({ id }) => asStranger(drain(id)))
    }
  })
]
