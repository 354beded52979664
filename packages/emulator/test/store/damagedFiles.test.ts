/** Parquet files that lie, and that broke: each is an import that failed or a table, and the next file is read. */
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as StoreDuckDB from "../../src/store/StoreDuckDB.ts"
import { deepestNesting, largestFooter, largestPage, longestName, mostColumns } from "../../src/store/imports/limits.ts"
import { parquetOf } from "../parquetFile.ts"
import { times } from "../times.ts"
import { imported, read, unique } from "./fixtures.ts"

/** Draws that are the same in each run. */
const drawing = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor(state / 2 ** 32 * below)
  }
}

/** Thrift's compact protocol, as far as the description of a parquet file needs it. */
type Field = readonly [id: number, type: "i32" | "i64" | "text" | "struct" | "list", value: Thrift]
type Thrift = number | string | ReadonlyArray<Field> | { readonly structs: ReadonlyArray<ReadonlyArray<Field>> } | {
  readonly texts: ReadonlyArray<string>
}

const varint = (value: number): ReadonlyArray<number> => {
  const bytes: Array<number> = []
  let left = BigInt(value)
  do {
    bytes.push(Number(left & 0x7fn) | (left > 0x7fn ? 0x80 : 0))
    left >>= 7n
  } while (left > 0n)
  return bytes
}

const textBytes = (text: string): ReadonlyArray<number> => {
  const bytes = [...Buffer.from(text)]
  return [...varint(bytes.length), ...bytes]
}

const codes = { i32: 5, i64: 6, text: 8, struct: 12, list: 9 }

const listHead = (size: number, code: number): ReadonlyArray<number> =>
  size < 15 ? [(size << 4) | code] : [0xf0 | code, ...varint(size)]

const bytesOf = (value: Thrift): ReadonlyArray<number> => {
  if (typeof value === "number") return varint(value * 2)
  if (typeof value === "string") return textBytes(value)
  if ("texts" in value) return [...listHead(value.texts.length, codes.text), ...value.texts.flatMap(textBytes)]
  if ("structs" in value) return [...listHead(value.structs.length, codes.struct), ...value.structs.flatMap(structOf)]
  return structOf(value)
}

const structOf = (fields: ReadonlyArray<Field>): ReadonlyArray<number> => [
  ...fields.flatMap(([id, type, value]) => [codes[type], ...varint(id * 2), ...bytesOf(value)]),
  0
]

/** A file of some bytes and a description. */
const fileOf = (body: ReadonlyArray<number>, description: ReadonlyArray<Field>, length?: number): Uint8Array => {
  const footer = structOf(description)
  const size = Buffer.alloc(4)
  size.writeUInt32LE(length ?? footer.length)
  return Buffer.concat([Buffer.from("PAR1"), Buffer.from(body), Buffer.from(footer), size, Buffer.from("PAR1")])
}

const element = (name: string, children?: number): ReadonlyArray<Field> => [
  ...(children === undefined ? [[1, "i32", 1] as const] : []),
  [3, "i32", 0],
  [4, "text", name],
  ...(children === undefined ? [] : [[5, "i32", children] as const])
]

const describing = (schema: ReadonlyArray<ReadonlyArray<Field>>, more: ReadonlyArray<Field> = []) =>
  [[1, "i32", 1], [2, "list", { structs: schema }], [3, "i64", 1], ...more] as const

/** A column whose one page says how much it asks for. */
const askingFor = (inflated: number): Uint8Array => {
  const header = structOf([[1, "i32", 0], [2, "i32", inflated], [3, "i32", 10]])
  const column: ReadonlyArray<Field> = [
    [1, "i32", 1],
    [3, "list", { texts: ["a"] }],
    [4, "i32", 1],
    [5, "i64", 1],
    [6, "i64", inflated],
    [7, "i64", header.length + 10],
    [9, "i64", 4]
  ]
  const group: ReadonlyArray<Field> = [[1, "list", { structs: [[[3, "struct", column]]] }], [2, "i64", 1], [
    3,
    "i64",
    1
  ]]
  return fileOf(
    [...header, ...Array.from({ length: 10 }, () => 0)],
    describing([element("root", 1), element("a")], [[4, "list", { structs: [group] }]])
  )
}

const lies: ReadonlyArray<readonly [what: string, file: () => Uint8Array, message: RegExp]> = [
  [
    "groups within one another without end",
    () =>
      fileOf(
        [],
        describing([
          ...Array.from({ length: 20_000 }, (_, index) => element(`g${index}`, 1)),
          element("a")
        ])
      ),
    new RegExp(`more than ${deepestNesting} levels deep`)
  ],
  ["a page of four gigabytes", () => askingFor(4_000_000_000), new RegExp(`asks for .* at most ${largestPage}`)],
  [
    "a description that is longer than the file",
    () => fileOf([], describing([element("root", 1), element("a")]), 1_000_000),
    /longer than the file/
  ],
  [
    "a description beyond its bound",
    () => fileOf(Array.from({ length: 8 }, () => 0), describing([element("root", 1), element("a")]), 0xffff_ffff),
    /longer than the file|at most/
  ],
  ["children that are not there", () => fileOf([], describing([element("root", 2), element("a")])), /fewer columns/],
  [
    "children that nobody has",
    () => fileOf([], describing([element("root", 1), element("a"), element("b")])),
    /more columns/
  ],
  [
    "a name without end",
    () => fileOf([], describing([element("root", 1), element("a".repeat(longestName + 1))])),
    /name/
  ],
  [
    "columns without end",
    () =>
      fileOf(
        [],
        describing([
          element("root", mostColumns + 1),
          ...Array.from({ length: mostColumns + 1 }, (_, index) => element(`c${index}`))
        ])
      ),
    /columns/
  ]
]

layer(StoreDuckDB.layer())("a parquet file", (it) => {
  const whole = parquetOf(
    "SELECT i AS n, i / 7 AS f, 'text ' || i AS t, [i, NULL] AS l, TIMESTAMP '2020-01-01' + INTERVAL (i) HOUR AS d," +
      " CAST(i AS DECIMAL(20, 3)) AS dec FROM range(2000) r(i)"
  )

  it.effect("that says what is beyond a bound is refused before native code believes it", () =>
    Effect.gen(function*() {
      assert.isAbove(largestFooter, 1024)
      for (const [what, file, message] of lies) {
        const { upload } = yield* imported(file(), { name: unique("lie") + ".parquet" })
        assert.strictEqual(upload.status, "failed", what)
        assert.match(upload.errorMessage!, message, what)
        assert.notMatch(upload.errorMessage!, /INTERNAL|stack|\/tmp|emulator-/, what)
      }
    }), 60_000)

  it.effect("that is damaged anywhere ends no process, and the next file is read", () =>
    Effect.gen(function*() {
      const bytes = yield* whole
      const draw = drawing(5)
      const outcomes = { completed: 0, failed: 0 }
      for (let round = 0; round < 24 * times; round++) {
        const file = Uint8Array.from(bytes)
        // half of the places are in the description, which decides where all else is read
        const at = (): number => draw(2) === 0 ? draw(file.length) : file.length - 1 - draw(Math.min(2000, file.length))
        const kind = draw(4)
        for (let flips = 1 + draw(4); flips > 0 && kind > 0; flips--) file[at()] = kind === 1 ? 0xff : draw(256)
        const damaged = kind === 0 ? file.subarray(0, 1 + draw(file.length - 1)) : file
        const { source, upload } = yield* imported(damaged, { name: unique("damaged") + ".parquet" })
        if (upload.status !== "completed") {
          assert.strictEqual(upload.status, "failed")
          assert.isNotEmpty(upload.errorMessage)
          assert.notMatch(upload.errorMessage!, /\/tmp|emulator-/)
          outcomes.failed++
        } else {
          assert.strictEqual((yield* read(source, "csv")).trimEnd().split("\n").length - 1, upload.numRows!)
          outcomes.completed++
        }
      }
      assert.isAbove(outcomes.failed, 5 * times)
      const { upload } = yield* imported(bytes, { name: unique("whole") + ".parquet" })
      assert.deepStrictEqual([upload.status, upload.numRows], ["completed", 2000])
    }), 120_000 * times)
})
