/** The modules of schemas that datasets and tables give, type-checked, and put to their rows. */
import * as Dataset from "@effect-redivis/core/Dataset"
import type * as Redivis from "@effect-redivis/core/Redivis"
import * as Table from "@effect-redivis/core/Table"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import type * as Seed from "@effect-redivis/emulator/Seed"
import { afterAll, assert, beforeAll, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { pathToFileURL } from "node:url"
import { root } from "../runner/places.ts"

/** Inside this package, so that the modules find what they import. */
const folder = Path.join(root, "tests", ".types", "schemaSource")

const configuration = {
  extends: "../../../tsconfig.base.json",
  compilerOptions: {
    noEmit: true,
    composite: false,
    declarationMap: false,
    sourceMap: false,
    emitDeclarationOnly: false,
    types: ["node"],
    typeRoots: ["../../../node_modules/@types"]
  },
  include: ["*.ts"]
}

/** What a user writes with the module. */
const use = `import * as Table from "@effect-redivis/core/Table"
import * as Stream from "effect/Stream"
import { Birds, Stays } from "./all.ts"

const bird: Birds = { species: "Adelie", "body mass": null, sex: 1, __proto__x: true }
const stay: Stays = { arrived: "2020-01-02", seen: null, fee: 0.5 }

export const sexes = Table.rows("demo.penguins.birds", { schema: Birds }).pipe(
  Stream.map((row): 1 | 2 | null => row.sex)
)
// @ts-expect-error
export const wrong: Birds = { ...bird, sex: 3 }
// @ts-expect-error
export const missing: Stays = { arrived: stay.arrived, seen: null }
`

beforeAll(() => {
  Fs.rmSync(folder, { recursive: true, force: true })
  Fs.mkdirSync(folder, { recursive: true })
  Fs.writeFileSync(Path.join(folder, "tsconfig.json"), JSON.stringify(configuration))
})

afterAll(() => Fs.rmSync(folder, { recursive: true, force: true }))

const seed: Seed.Seed = {
  organizations: [{ name: "demo" }],
  datasets: [{
    owner: "demo",
    name: "penguins",
    publicAccessLevel: "data",
    tables: [
      {
        name: "birds",
        referenceId: "brd1",
        description: "Birds of three islands. */ throw 1 /*",
        variables: [
          { name: "species", type: "string", label: "Species" },
          { name: "body mass", type: "integer", description: "In grams." },
          {
            name: "sex",
            type: "integer",
            valueLabels: [{ value: "1", label: "male" }, { value: "2", label: "female" }]
          },
          { name: "__proto__x", type: "boolean" }
        ],
        rows: [
          { species: "Adelie", "body mass": 3750, sex: 1, __proto__x: true },
          { species: null, "body mass": null, sex: null, __proto__x: null }
        ]
      },
      {
        name: "stays",
        referenceId: "sty1",
        variables: [
          { name: "arrived", type: "date" },
          { name: "seen", type: "dateTime" },
          { name: "fee", type: "float" }
        ],
        rows: [{ arrived: "2020-01-02", seen: "2020-01-02T03:04:05.000006", fee: 1.5 }]
      }
    ]
  }]
}

const load = (name: string, source: string): Effect.Effect<Record<string, Schema.Codec<unknown>>> =>
  Effect.promise(() => {
    const file = Path.join(folder, `${name}.ts`)
    Fs.writeFileSync(file, source)
    return import(/* @vite-ignore */ pathToFileURL(file).href)
  })

const rowsOf = <A>(rows: Stream.Stream<A, Table.RowsError, Redivis.Redivis>) => Stream.runCollect(rows)

describe("the module of schemas", () => {
  layer(Emulator.layerTestWith({ seed }))("of a dataset and of a table", (it) => {
    it.effect("has the right types and decodes the rows that are there", () =>
      Effect.gen(function*() {
        const source = yield* Dataset.schemaSource("demo.penguins", { valueLabels: "literals" })
        const module = yield* load("all", source)
        assert.deepStrictEqual(Object.keys(module), ["Birds", "Stays"])
        for (const [name, schema] of Object.entries(module)) {
          const table = `demo.penguins.${name.toLowerCase()}`
          const decoded = yield* rowsOf(Table.rows(table, { schema, ordered: true }))
          assert.isAtLeast(decoded.length, 1)
          assert.deepStrictEqual<unknown>(decoded, yield* rowsOf(Table.rows(table, { ordered: true })))
        }
        Fs.writeFileSync(Path.join(folder, "use.ts"), use)
        const tsc = Path.join(root, "node_modules/typescript/bin/tsc")
        const checked = spawnSync(process.execPath, [tsc, "-p", ".", "--pretty", "false"], {
          cwd: folder,
          encoding: "utf8"
        })
        assert.strictEqual(checked.stdout, "")
        assert.strictEqual(checked.status, 0)
      }), 90_000)

    it.effect("is written for the values that the rows will be read with", () =>
      Effect.gen(function*() {
        const values = { integer: "bigint", date: "days", dateTime: "micros" } as const
        for (const name of ["birds", "stays"]) {
          const table = `demo.penguins.${name}`
          const module = yield* load(`${name}Exact`, yield* Table.schemaSource(table, { values }))
          const [schema] = Object.values(module)
          const decoded = yield* rowsOf(Table.rows(table, { values, schema: schema!, ordered: true }))
          assert.deepStrictEqual<unknown>(decoded, yield* rowsOf(Table.rows(table, { values, ordered: true })))
          const other = yield* Effect.flip(rowsOf(Table.rows(table, { schema: schema! })))
          assert.strictEqual(other._tag, "CoercionError")
        }
      }))

    it.effect("tells what it is made of, as the service does", () =>
      Effect.gen(function*() {
        const source = yield* Table.schemaSource("demo.penguins.birds")
        assert.include(source, " * Birds of three islands. *\\/ throw 1 /*\n")
        assert.include(source, "  /** Species */\n  species: Schema.NullOr(Schema.String),\n")
        assert.include(source, "  /** In grams. */\n  \"body mass\": Schema.NullOr(Schema.Int),\n")
        assert.include(source, "   * - \"2\": female\n")
        assert.notInclude(source, "Stays")
        const missing = yield* Effect.flip(Table.schemaSource("demo.penguins.whales"))
        assert.strictEqual(missing._tag, "NotFound")
        assert.strictEqual((yield* Effect.flip(Dataset.schemaSource("demo.whales")))._tag, "NotFound")
      }))
  })
})
