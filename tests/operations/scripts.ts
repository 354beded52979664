import { script as contract } from "@effect-redivis/core/Contract"
import * as Query from "@effect-redivis/core/Query"
import * as Script from "@effect-redivis/core/Script"
import * as Effect from "effect/Effect"
import { isTrue } from "../cases/assert.ts"
import { type Proof, prove } from "./Proof.ts"
import { absentRows, asStranger, keptRows, shownRows } from "./state.ts"
import { uploaded } from "./uploads.ts"

const query = Effect.flatMap(keptRows, (table) => Query.run(`select x as answer from \`${table}\``))

const has = (script: string, ...parts: ReadonlyArray<string>): void => {
  for (const part of parts) isTrue(script.includes(part), `${JSON.stringify(part)} is in ${script}`)
}

export const scripts: ReadonlyArray<Proof> = [
  prove(contract.byTable, {
    success: Effect.gen(function*() {
      has(
        yield* Script.sas({ table: yield* keptRows }, { filePath: "the \"rows\".csv", datasetName: "birds" }),
        "data birds;",
        "infile \"the \"\"rows\"\".csv\"",
        "informat x best32.;"
      )
    }),
    call: Effect.map(keptRows, (table) => Script.sas({ table })),
    refused: Script.sas({ table: "a.b.c" }, { stringVariableLengths: { x: 0 } }),
    failures: {
      BadRequest: Effect.map(keptRows, (table) => Script.sas({ table }, { variables: ["nothing"] })),
      Forbidden: Effect.map(shownRows, (table) => Script.sas({ table })),
      NotFound: Effect.map(absentRows, (table) => Script.sas({ table }))
    }
  }),
  prove(contract.byUpload, {
    success: Effect.gen(function*() {
      has(
        yield* Script.stata({ table: yield* uploaded, upload: "a.csv" }, { filePath: "a.csv" }),
        "import delimited \"a.csv\"",
        "rename v1 x",
        "destring x, replace"
      )
    }),
    call: Effect.map(uploaded, (table) => Script.stata({ table, upload: "a.csv" })),
    refused: Script.stata({ table: "a.b.c", upload: "" }),
    failures: {
      BadRequest: Effect.map(uploaded, (table) => Script.stata({ table, upload: "a.csv" }, { variables: ["nothing"] })),
      Forbidden: Effect.map(shownRows, (table) => Script.stata({ table, upload: "rows" })),
      NotFound: Effect.map(uploaded, (table) => Script.stata({ table, upload: "b.csv" }))
    }
  }),
  prove(contract.byQuery, {
    success: Effect.gen(function*() {
      has(yield* Script.stata({ query: yield* query }), "rename v1 answer", "destring answer, replace")
    }),
    call: Effect.map(query, (query) => Script.stata({ query })),
    refused: Script.stata({ query: "" }),
    failures: {
      BadRequest: Effect.map(Query.create("select nothing"), (failed) => Script.stata({ query: failed })),
      NotFound: Effect.flatMap(query, (query) => asStranger(Script.stata({ query })))
    }
  })
]
