/** Random tables in every form that is read, and what comes back of them. */
import * as Table from "@effect-redivis/core/Table"
import * as Upload from "@effect-redivis/core/Upload"
import * as Variable from "@effect-redivis/core/Variable"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as FastCheck from "fast-check"
import { parquetWriteBuffer } from "hyparquet-writer"
import { gzipSync } from "node:zlib"
import * as Written from "./writtenTables.ts"

const seed = Number(process.env["IMPORTS_SEED"] ?? 20_260_101)
const scale = Number(process.env["IMPORTS_SCALE"] ?? 1)
const timeout = 120_000 * Math.max(1, scale)

const sample = <A>(arbitrary: FastCheck.Arbitrary<A>, count: number): ReadonlyArray<A> =>
  FastCheck.sample(arbitrary, { numRuns: Math.round(count * scale), seed })

/** A file as a message shows it. */
const shown = (file: string): string => file.replaceAll(/(.)\1{99,}/gu, "$1…").slice(0, 2000)

let count = 0

const draft = {
  datasets: [{ owner: "researcher", name: "written", versions: [{ released: false }] }]
}

/** Uploads a file into a table of its own. Gives why it was refused, or what there is to read. */
const upload = (bytes: Uint8Array, options: Omit<Upload.CreateOptions, "data">) =>
  Effect.gen(function*() {
    const reference = `researcher.written:next.t${++count}`
    yield* Table.create("researcher.written:next", { name: `t${count}` })
    return yield* Upload.create(reference, { ...options, data: bytes }).pipe(
      Effect.flatMap((upload) =>
        Effect.gen(function*() {
          const variables = yield* Stream.runCollect(Variable.list({ table: reference }))
          const rows = yield* Stream.runCollect(Table.rows(reference, { values: { integer: "bigint" } }))
          return { upload, variables, rows }
        })
      ),
      Effect.catchTag("JobFailed", ({ message }) => Effect.succeed({ refused: message }))
    )
  })

type Read = Effect.Success<ReturnType<typeof upload>>

/** Holds what came back against what was written. Gives why it was refused, if it was. */
const check = (
  read: Read,
  table: Written.WrittenTable,
  names: ReadonlyArray<string>,
  what: string
): string | undefined => {
  if ("refused" in read) {
    assert.match(read.refused, /line|column|row \d/i, what)
    return read.refused
  }
  const { rows, upload, variables } = read
  const numRows = table[0]!.cells.length
  assert.deepStrictEqual([upload.numRows, rows.length], [numRows, numRows], what)
  assert.deepStrictEqual(variables.map(({ name }) => name), names, what)
  for (const [index, column] of table.entries()) {
    const type = variables[index]!.type!
    const wanted = Written.expectedType(column)
    if (wanted !== undefined) assert.strictEqual(type, wanted, `the type of column ${index + 1} of ${what}`)
    for (const [row, cell] of column.cells.entries()) {
      const value: unknown = Reflect.get(rows[row]!, names[index]!)
      if (!Written.isTheSame(cell, type, value)) {
        assert.fail(`row ${row + 1} of column ${index + 1} has ${String(value)} of type ${type} in ${what}`)
      }
    }
  }
  return undefined
}

const optionsOf = (dialect: Written.Dialect): Omit<Upload.CreateOptions, "data" | "name"> => ({
  type: "delimited",
  delimiter: dialect.delimiter,
  quoteCharacter: dialect.quote,
  escapeCharacter: dialect.escape,
  hasHeaderRow: dialect.hasHeader,
  nullMarkers: [dialect.marker],
  allowJaggedRows: dialect.isJagged
})

/** Without a header an empty table has no columns, and a jagged one those of its first record. */
const fits = (table: Written.WrittenTable, dialect: Written.Dialect): boolean => {
  const rows = table[0]!.cells.length
  if (dialect.hasHeader) return table.length > 1 || dialect.quote !== "" || table[0]!.name !== ""
  return rows > 0 && !(dialect.isJagged && table.at(-1)!.cells[0] === null && table.length > 1) &&
    !(table.length === 1 && table[0]!.cells.every((cell) => cell === null) && dialect.marker === "")
}

layer(Emulator.layerTestWith({ rateLimit: 1_000_000, seed: draft }), { excludeTestServices: true })(
  "a table that was written",
  (it) => {
    it.effect("as RFC 4180 and UTF-8 have it is never refused", () =>
      Effect.gen(function*() {
        const cases = FastCheck.tuple(Written.tables, Written.standardDialects, FastCheck.boolean())
          .filter(([table, dialect]) => fits(table, dialect))
        for (const [table, dialect, isCompressed] of sample(cases, 30)) {
          const bytes = new TextEncoder().encode(Written.csvOf(table, dialect))
          const what = JSON.stringify({ dialect, file: shown(Written.csvOf(table, dialect)) })
          const read = yield* upload(isCompressed ? gzipSync(bytes) : bytes, {
            ...optionsOf(dialect),
            name: isCompressed ? "t.csv.gz" : "t.csv"
          })
          const names = Written.expectedNames(table.map(({ name }) => dialect.hasHeader ? name : ""))
          assert.isUndefined(check(read, table, names, what), what)
        }
      }), timeout)

    it.effect("in any dialect that the options allow comes back, or is refused", () =>
      Effect.gen(function*() {
        const shares = new Map<string, { tried: number; refused: number }>()
        const cases = FastCheck.tuple(Written.tables, Written.dialects)
          .map(([table, dialect]) => [Written.writable(table, dialect), dialect] as const)
          .filter(([table, dialect]) => fits(table, dialect))
        for (const [table, dialect] of sample(cases, 50)) {
          const file = Written.csvOf(table, dialect)
          const what = JSON.stringify({ dialect, file: shown(file) })
          const read = yield* upload(new TextEncoder().encode(file), { ...optionsOf(dialect), name: "t.csv" })
          const names = Written.expectedNames(table.map(({ name }) => dialect.hasHeader ? name : ""))
          const refused = check(read, table, names, what)
          const lineEnds = dialect.lineEnd === "mixed" ? "mixed" : "one kind"
          const key = `quote ${dialect.quote || "none"}, escape ${dialect.escape || "none"}, ${lineEnds} of line ends`
          const share = shares.get(key) ?? { tried: 0, refused: 0 }
          shares.set(key, { tried: share.tried + 1, refused: share.refused + (refused === undefined ? 0 : 1) })
        }
        for (const [key, { refused, tried }] of [...shares].toSorted(([left], [right]) => left < right ? -1 : 1)) {
          console.log(`${key}: ${refused} of ${tried} refused`)
        }
        // nothing that these dialects can say is refused
        assert.deepStrictEqual([...shares].filter(([, { refused }]) => refused > 0), [])
      }), timeout)

    for (const format of ["json", "ndjson"] as const) {
      it.effect(`as ${format} is never refused`, () =>
        Effect.gen(function*() {
          const cases = FastCheck.tuple(Written.tables, FastCheck.boolean(), FastCheck.constantFrom("\n", "\r\n", "\r"))
            .filter(([table]) => table[0]!.cells.length > 0)
          for (const [table, leavesOut, lineEnd] of sample(cases, 12)) {
            const objects = Written.objectsOf(table, leavesOut)
            const file = format === "json" ? `[${objects.join(`,${lineEnd} `)}]` : `${objects.join(lineEnd)}${lineEnd}`
            const read = yield* upload(new TextEncoder().encode(file), { name: `t.${format}` })
            const names = Written.expectedNames(
              table.map(({ name }, index) =>
                table.findIndex((other) => other.name === name) === index ? name : `${name} ${index}`
              )
            )
            const asJson = table.map((column) => ({
              ...column,
              // text is never a number or a boolean, and numbers beside text are text
              kind: ["leading", "beyond", "mixed"].includes(column.kind) ? "mixed" as const : column.kind
            }))
            assert.isUndefined(check(read, asJson, names, shown(file)), shown(file))
          }
        }), timeout)
    }

    it.effect("as parquet is never refused", () =>
      Effect.gen(function*() {
        const parsers: Readonly<Record<string, readonly [string, (cell: string) => unknown]>> = {
          integer: ["INT64", BigInt],
          float: ["DOUBLE", Number],
          boolean: ["BOOLEAN", (cell) => cell === "true"]
        }
        const cases = Written.tables.filter((table) => table[0]!.cells.length > 0)
        for (const given of sample(cases, 12)) {
          // the writer tells columns apart by their names
          const table = given.map((column, index) => ({
            ...column,
            name: given.findIndex(({ name }) => name === column.name) === index
              ? column.name
              : `${column.name} ${index}`
          }))
          const columns = table.map(({ cells, kind, name }) => {
            const [type, parse] = parsers[kind] ?? ["STRING", (cell: string) => cell]
            return { name, type, nullable: true, data: cells.map((cell) => cell === null ? null : parse(cell)) }
          })
          const what = shown(JSON.stringify(table))
          const bytes = new Uint8Array(parquetWriteBuffer({ columnData: columns as never })) // typed by each column's type
          const read = yield* upload(bytes, { name: "t.parquet" })
          // parquet says the types itself: what is text stays text
          const typed = table.map((column) => ({
            ...column,
            kind: column.kind in parsers ? column.kind : "text" as const
          }))
          if ("refused" in read) assert.fail(`${read.refused}: ${what}`)
          for (const [index, { cells, kind }] of typed.entries()) {
            const type = read.variables[index]!.type!
            assert.strictEqual(type, kind in parsers ? kind : "string", what)
            for (const [row, cell] of cells.entries()) {
              const name = Written.expectedNames(table.map(({ name }) => name))[index]!
              assert.isTrue(Written.isTheSame(cell, type, Reflect.get(read.rows[row]!, name)), what)
            }
          }
          assert.strictEqual(read.rows.length, table[0]!.cells.length)
        }
      }), timeout)
  }
)
