import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as FastCheck from "fast-check"
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { pathToFileURL } from "node:url"
import type { Variable } from "../src/contract/variable.ts"
import { type Described, type SchemaSourceOptions, sourceOf } from "../src/data/schemaSource/source.ts"

const root = Path.resolve(import.meta.dirname, "../../..")

/** Inside the package, so that the modules find `effect`. */
const folder = Path.resolve(import.meta.dirname, "..", ".types", "schemaSource")

let files = 0

const write = (source: string): string => {
  const file = Path.join(folder, `module${++files}.ts`)
  Fs.writeFileSync(file, source)
  return file
}

const load = (source: string): Promise<Record<string, Schema.Codec<unknown>>> =>
  import(/* @vite-ignore */ pathToFileURL(write(source)).href)

const typeErrors = (): string => {
  const configuration = {
    extends: "../../../../tsconfig.base.json",
    compilerOptions: {
      noEmit: true,
      composite: false,
      declarationMap: false,
      sourceMap: false,
      emitDeclarationOnly: false,
      rewriteRelativeImportExtensions: false,
      types: [],
      lib: ["ESNext", "DOM"]
    },
    include: ["*.ts"]
  }
  Fs.writeFileSync(Path.join(folder, "tsconfig.json"), JSON.stringify(configuration))
  const tsc = Path.join(root, "node_modules/typescript/bin/tsc")
  return spawnSync(process.execPath, [tsc, "-p", ".", "--pretty", "false"], { cwd: folder, encoding: "utf8" }).stdout
}

beforeAll(() => {
  Fs.rmSync(folder, { recursive: true, force: true })
  Fs.mkdirSync(folder, { recursive: true })
})

afterAll(() => Fs.rmSync(folder, { recursive: true, force: true }))

const tableOf = (variables: ReadonlyArray<Variable>, name = "birds"): Described => ({
  reference: `demo.penguins.${name}`,
  name,
  description: undefined,
  variables
})

/** A value of each type as rows have it. */
const valueOf = (type: string, values: NonNullable<SchemaSourceOptions["values"]>): unknown => {
  switch (type) {
    case "integer":
      return values.integer === "bigint" ? 2n ** 60n : 2 ** 53 - 1
    case "float":
      return Number.NaN
    case "boolean":
      return true
    case "date":
      return values.date === "days" ? -1 : "2020-01-02"
    case "time":
      return values.time === "micros" ? 1n : "03:04:05"
    case "dateTime":
      return values.dateTime === "micros" ? 1n : "2020-01-02T03:04:05.678901"
    default:
      return "text"
  }
}

const rowOf = (variables: ReadonlyArray<Variable>, value: (variable: Variable) => unknown): object => {
  const row = {}
  for (const variable of variables) {
    Object.defineProperty(row, variable.name, { value: value(variable), enumerable: true })
  }
  return row
}

const anyText = FastCheck.oneof(
  FastCheck.string({ unit: "binary" }),
  FastCheck.constantFrom("", "*/ throw 1 /*", "*/", "a\nb", "`${x}`", "@type {x}", "\u2028", "\\", "*\\/", "//", "-->")
)

const name = FastCheck.oneof(
  FastCheck.string({ unit: "binary", maxLength: 10 }),
  FastCheck.constantFrom("__proto__", "constructor", "body mass", "class", "1", "007", "a\"b", "é", "日本", "\u200d")
)

const variable = FastCheck.record({
  name,
  type: FastCheck.constantFrom("string", "integer", "float", "boolean", "date", "time", "dateTime", "geography", "new"),
  label: FastCheck.option(anyText),
  description: FastCheck.option(anyText),
  valueLabels: FastCheck.option(
    FastCheck.array(FastCheck.record({ value: anyText, label: FastCheck.option(anyText) }), { maxLength: 4 })
  )
}) as FastCheck.Arbitrary<Variable> // none is left out, so none is undefined

const tables: FastCheck.Arbitrary<ReadonlyArray<Described>> = FastCheck.array(
  FastCheck.record({
    reference: anyText,
    name: FastCheck.oneof(
      name,
      FastCheck.constantFrom(
        "birds",
        "Birds",
        "birds_2",
        "birds2",
        "schema",
        "ŉame",
        "été",
        "große mäuse",
        "鳥_羽",
        "новые птицы",
        "NaN",
        "Temporal",
        "undefined",
        "in",
        "1 a"
      )
    ),
    description: FastCheck.option(anyText),
    variables: FastCheck.uniqueArray(variable, { maxLength: 5, selector: ({ name }) => name.toLowerCase() })
  }),
  { maxLength: 5 }
)

const choices = FastCheck.record({
  integer: FastCheck.constantFrom("number", "bigint"),
  date: FastCheck.constantFrom("text", "days"),
  time: FastCheck.constantFrom("text", "micros"),
  dateTime: FastCheck.constantFrom("text", "micros")
}, { requiredKeys: [] }) as FastCheck.Arbitrary<NonNullable<SchemaSourceOptions["values"]>>

describe("the source of schemas", () => {
  it(
    "has the right types and takes the rows, whatever tables and variables are called",
    { timeout: 120_000 },
    async () => {
      await FastCheck.assert(
        FastCheck.asyncProperty(tables, choices, async (tables, values) => {
          const schemas = Object.values(await load(sourceOf(tables, { values })))
          assert.strictEqual(schemas.length, tables.length)
          // a module's names are in the order of the alphabet
          for (const { variables } of tables) {
            const rows = [rowOf(variables, () => null), rowOf(variables, ({ type }) => valueOf(type, values))]
            const own = schemas.filter((schema) => rows.every((row) => Schema.is(schema)(row)))
            assert.isAtLeast(own.length, 1)
            for (const row of rows) {
              assert.isTrue(own.some((schema) => {
                const decoded = Schema.decodeUnknownSync(schema)(row) as object
                return Object.keys(decoded).length === variables.length &&
                  Object.entries(row).every(([key, value]) =>
                    Object.is(Object.getOwnPropertyDescriptor(decoded, key)?.value, value)
                  )
              }))
            }
          }
        }),
        { numRuns: 100 }
      )
      assert.strictEqual(typeErrors(), "")
    }
  )

  it("compiles for a table that is called as something is that its schemas need", () => {
    for (const name of ["Temporal", "Schema"]) {
      const variables = ["date", "time", "dateTime"].map((type) => ({ name: type, type }))
      write(sourceOf([tableOf(variables, name)], {
        values: { date: "temporal", time: "temporal", dateTime: "temporal" }
      }))
    }
    assert.strictEqual(typeErrors(), "")
  })

  it("reads like this", () => {
    const source = sourceOf([
      {
        reference: "demo.penguins:v1.0.birds",
        name: "birds",
        description: "Birds of three islands.",
        variables: [
          { name: "species", type: "string", label: "Species", description: "The Latin name." },
          { name: "body mass", type: "integer", label: "in grams" },
          { name: "sex", type: "integer", valueLabels: [{ value: "1", label: "male" }, { value: "2", label: null }] },
          { name: "seen", type: "dateTime" }
        ]
      },
      { reference: "demo.penguins:v1.0.2020_nests", name: "2020 nests", description: null, variables: [] }
    ], { values: { integer: "bigint", dateTime: "text" } })
    assert.strictEqual(
      source,
      `/** Schemas of rows as \`Table.rows\` gives them, with \`values: {'integer': 'bigint', 'dateTime': 'text'}\`. */
import * as Schema from "effect/Schema"

/**
 * A row of \`demo.penguins:v1.0.birds\`.
 *
 * Birds of three islands.
 */
export const Birds = Schema.Struct({
  /**
   * Species
   *
   * The Latin name.
   */
  species: Schema.NullOr(Schema.String),
  /** in grams */
  "body mass": Schema.NullOr(Schema.BigInt),
  /**
   * - "1": male
   * - "2"
   */
  sex: Schema.NullOr(Schema.BigInt),
  seen: Schema.NullOr(Schema.String)
})
/** A row of \`demo.penguins:v1.0.birds\`. */
export interface Birds extends Schema.Schema.Type<typeof Birds> {}

/** A row of \`demo.penguins:v1.0.2020_nests\`. */
export const Table2020Nests = Schema.Struct({})
/** A row of \`demo.penguins:v1.0.2020_nests\`. */
export interface Table2020Nests extends Schema.Schema.Type<typeof Table2020Nests> {}
`
    )
  })

  it("makes literals of labels where it is told to and all are of the type", async () => {
    const labels = (...values: ReadonlyArray<string>) => values.map((value) => ({ value, label: "any" }))
    const variables: ReadonlyArray<Variable> = [
      { name: "i", type: "integer", valueLabels: labels("1", "-2", "1") },
      { name: "f", type: "float", valueLabels: labels("0.5", "1e3") },
      { name: "s", type: "string", valueLabels: labels("a", "\"b\"") },
      { name: "mixed", type: "integer", valueLabels: labels("1", "one") },
      { name: "large", type: "integer", valueLabels: labels("9007199254740993") },
      { name: "none", type: "string", valueLabels: [] }
    ]
    const accepts = async (values: NonNullable<SchemaSourceOptions["values"]>, name: string, value: unknown) => {
      const table = tableOf(variables.filter((variable) => variable.name === name))
      const module = await load(sourceOf([table], { values, valueLabels: "literals" }))
      return Schema.is(module["Birds"]!)({ [name]: value })
    }
    const number = { integer: "number" } as const
    const bigint = { integer: "bigint" } as const
    for (const value of [1, -2, null]) assert.isTrue(await accepts(number, "i", value))
    assert.isFalse(await accepts(number, "i", 3))
    assert.isTrue(await accepts(bigint, "i", -2n))
    assert.isFalse(await accepts(bigint, "i", 3n))
    assert.isTrue(await accepts(number, "f", 1000))
    assert.isFalse(await accepts(number, "f", 1001))
    assert.isTrue(await accepts(number, "s", "\"b\""))
    assert.isFalse(await accepts(number, "s", "b"))
    // one value that is no integer, or that no number is
    assert.isTrue(await accepts(number, "mixed", 7))
    assert.isTrue(await accepts(number, "large", 7))
    assert.isFalse(await accepts(bigint, "large", 7n))
    assert.isTrue(await accepts(number, "none", "any"))
  })

  it("names some labels of many", () => {
    const valueLabels = Array.from({ length: 60 }, (_, index) => ({ value: String(index), label: `label ${index}` }))
    const source = sourceOf([tableOf([{ name: "code", type: "integer", valueLabels }])])
    assert.include(source, "- \"49\": label 49\n   * - and 10 more\n")
    assert.notInclude(source, "label 50")
  })
})
