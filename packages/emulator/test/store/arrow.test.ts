import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api"
import { assert, describe, it } from "@effect/vitest"
import { tableFromIPC as readFlechette } from "@uwdata/flechette"
import { RecordBatchReader, tableFromIPC as readApache } from "apache-arrow"
import * as fc from "fast-check"
import { afterAll, beforeAll } from "vitest"
import * as ArrowWriter from "../../src/store/arrow/ArrowWriter.ts"

let instance: DuckDBInstance
let connection: DuckDBConnection

beforeAll(async () => {
  instance = await DuckDBInstance.create(":memory:")
  connection = await instance.connect()
})

afterAll(() => {
  connection.closeSync()
  instance.closeSync()
})

type Fields = Record<string, ArrowWriter.ArrowType>

const write = async (
  sql: string,
  fields: Fields,
  options: { readonly batchRows?: number; readonly sentinel?: boolean } = {}
): Promise<Uint8Array> => {
  const writer = ArrowWriter.make(Object.entries(fields).map(([name, type]) => ({ name, type })), {
    batchRows: options.batchRows ?? 10_240
  })
  const parts: Array<Uint8Array> = [writer.schema]
  const result = await connection.stream(sql)
  for (;;) {
    const chunk = await result.fetchChunk()
    if (chunk === null || chunk.rowCount === 0) break
    parts.push(...writer.write(chunk, 0, chunk.rowCount))
  }
  parts.push(...writer.flush())
  if (options.sentinel === true) parts.push(writer.emptyBatch())
  parts.push(writer.end)
  return Buffer.concat(parts)
}

/** Columns as two readers that know nothing of each other see them, where 64-bit integers stay exact. */
const readBoth = (bytes: Uint8Array) => {
  const flechette = readFlechette(bytes, { useBigInt: true, useDate: false })
  const apache = readApache(bytes)
  assert.strictEqual(flechette.numRows, apache.numRows)
  assert.deepStrictEqual(flechette.names, apache.schema.fields.map(({ name }) => name))
  return {
    numRows: apache.numRows,
    types: apache.schema.fields.map((field) => String(field.type)),
    nullable: apache.schema.fields.map(({ nullable }) => nullable),
    flechette: (name: string): Array<unknown> => Array.from(flechette.getChild(name)!),
    apache: (name: string): Array<unknown> => Array.from(apache.getChild(name)!),
    /** Values of the wire: for times beyond what a double holds. */
    raw: (name: string): Array<unknown> => {
      const column = apache.getChild(name)!
      return column.data.flatMap((data) =>
        Array.from(data.values as ArrayLike<unknown>).slice(0, data.length).map((value, index) =>
          data.nullBitmap.length === 0 || (data.nullBitmap[index >> 3]! & (1 << (index & 7))) !== 0 ? value : null
        )
      )
    }
  }
}

/** Length of each message and of its body; the end marker must be the last thing. */
const messagesOf = (bytes: Uint8Array): ReadonlyArray<{ readonly body: number }> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const messages: Array<{ readonly body: number }> = []
  let position = 0
  while (view.getInt32(position + 4, true) !== 0) {
    assert.strictEqual(view.getInt32(position, true), -1)
    const metadata = view.getInt32(position + 4, true)
    assert.strictEqual(metadata % 8, 0)
    const root = position + 8 + view.getUint32(position + 8, true)
    const vtable = root - view.getInt32(root, true)
    const slot = view.getUint16(vtable + 4 + 2 * 3, true)
    const body = slot === 0 ? 0 : Number(view.getBigInt64(root + slot, true))
    assert.strictEqual(body % 8, 0)
    assert.strictEqual((root + slot) % 8, 0)
    position += 8 + metadata + body
    messages.push({ body })
  }
  assert.strictEqual(view.getInt32(position, true), -1)
  assert.strictEqual(position + 8, bytes.length)
  return messages
}

describe("ArrowWriter", () => {
  it("keeps 64-bit integers exact to both ends", async () => {
    const bytes = await write(
      "SELECT * FROM (VALUES ((-9223372036854775807 - 1)::BIGINT), (9223372036854775807), (NULL), (9007199254740993), (0)) t(v)",
      { v: "int64" }
    )
    const read = readBoth(bytes)
    const expected = [-9223372036854775808n, 9223372036854775807n, null, 9007199254740993n, 0n]
    assert.deepStrictEqual(read.types, ["Int64"])
    assert.deepStrictEqual(read.nullable, [true])
    assert.deepStrictEqual(read.flechette("v"), expected)
    assert.deepStrictEqual(read.apache("v"), expected)
  })

  it("keeps NaN, infinities, the signed zero and null apart", async () => {
    const read = readBoth(
      await write(
        "SELECT * FROM (VALUES ('NaN'::DOUBLE), ('inf'), ('-inf'), (-0.0::DOUBLE), (NULL), (5e-324), (1.7976931348623157e308)) t(v)",
        { v: "float64" }
      )
    )
    const expected = [NaN, Infinity, -Infinity, -0, null, 5e-324, 1.7976931348623157e308]
    assert.deepStrictEqual(read.types, ["Float64"])
    assert.deepStrictEqual(read.flechette("v"), expected)
    assert.deepStrictEqual(read.apache("v"), expected)
  })

  it("packs booleans with their nulls", async () => {
    const read = readBoth(
      await write(
        "SELECT CASE i % 3 WHEN 0 THEN true WHEN 1 THEN false END FROM range(1000) r(i)",
        { v: "bool" }
      )
    )
    const expected = Array.from({ length: 1000 }, (_, index) => [true, false, null][index % 3])
    assert.deepStrictEqual(read.flechette("v"), expected)
    assert.deepStrictEqual(read.apache("v"), expected)
  })

  it("writes dates as days from the year 1 to the year 9999", async () => {
    const read = readBoth(
      await write(
        "SELECT * FROM (VALUES (DATE '0001-01-01'), (DATE '9999-12-31'), (NULL), (DATE '1969-12-31'), (DATE '2020-02-29')) t(v)",
        { v: "date32" }
      )
    )
    const expected = ["0001-01-01", "9999-12-31", null, "1969-12-31", "2020-02-29"]
      .map((text) => text === null ? null : Date.parse(`${text}T00:00:00Z`))
    assert.deepStrictEqual(read.types, ["Date32<DAY>"])
    assert.deepStrictEqual(read.flechette("v"), expected)
    assert.deepStrictEqual(read.raw("v"), expected.map((millis) => millis === null ? null : millis / 86_400_000))
  })

  it("writes date-times and times of day with all their microseconds", async () => {
    const read = readBoth(
      await write(
        `SELECT * FROM (VALUES
        (TIMESTAMP '0001-01-01 00:00:00', TIME '00:00:00'),
        (TIMESTAMP '9999-12-31 23:59:59.999999', TIME '23:59:59.999999'),
        (NULL, NULL),
        (TIMESTAMP '1969-12-31 23:59:59.999999', TIME '01:02:03.000004')) t(moment, clock)`,
        { moment: "timestamp", clock: "time64" }
      )
    )
    assert.deepStrictEqual(read.types, ["Timestamp<MICROSECOND>", "Time64<MICROSECOND>"])
    assert.deepStrictEqual(read.raw("moment"), [-62135596800000000n, 253402300799999999n, null, -1n])
    assert.deepStrictEqual(read.raw("clock"), [0n, 86399999999n, null, 3723000004n])
    assert.deepStrictEqual(read.flechette("clock"), [0n, 86399999999n, null, 3723000004n])
  })

  it("writes text of any length and any character", async () => {
    const texts = [
      "",
      "a",
      "twelve bytes",
      "thirteen byte",
      "é".repeat(7),
      "日本語",
      "🦆🦆🦆🦆",
      "\u0000x\u0000",
      "x".repeat(100_000),
      null
    ]
    const prepared = await connection.prepare(
      `SELECT unnest([${texts.map((_, index) => `$${index + 1}::VARCHAR`).join()}]) AS v`
    )
    texts.forEach((text, index) => text === null ? prepared.bindNull(index + 1) : prepared.bindVarchar(index + 1, text))
    await connection.run("CREATE OR REPLACE TABLE texts (v VARCHAR)")
    for (const text of texts) await connection.run("INSERT INTO texts VALUES ($1)", [text])
    const read = readBoth(await write("SELECT v FROM texts", { v: "utf8" }))
    assert.deepStrictEqual(read.types, ["Utf8"])
    assert.deepStrictEqual(read.flechette("v"), texts)
    assert.deepStrictEqual(read.apache("v"), texts)
  })

  it("writes what DuckDB holds, whatever lies beside it in memory", async () => {
    const value = fc.option(fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ minLength: 10, maxLength: 14 })), {
      nil: null
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(value, { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        async (texts, batchRows) => {
          // Twisted by a filter and by a dictionary, so that strings do not lie in the order of their rows.
          await connection.run("CREATE OR REPLACE TABLE words (n INTEGER, v VARCHAR)")
          for (const [index, text] of texts.entries()) {
            await connection.run("INSERT INTO words VALUES ($1, $2)", [index, text])
          }
          const read = readBoth(
            await write("SELECT v FROM words JOIN range(3) r(i) ON true WHERE n % 5 <> 3 ORDER BY hash(n, i)", {
              v: "utf8"
            }, { batchRows })
          )
          const rows = await (await connection.run(
            "SELECT v FROM words JOIN range(3) r(i) ON true WHERE n % 5 <> 3 ORDER BY hash(n, i)"
          )).getRowsJS()
          assert.deepStrictEqual(read.flechette("v"), rows.map(([text]) => text as unknown))
          assert.deepStrictEqual(read.apache("v"), rows.map(([text]) => text as unknown))
        }
      ),
      { numRuns: 25 }
    )
  })

  it("cuts batches where it is told to, and nowhere else", async () => {
    for (const batchRows of [1, 7, 2048, 2049, 5000, 100_000]) {
      const bytes = await write(
        "SELECT i, CASE WHEN i % 7 = 0 THEN NULL ELSE 'a longer text ' || i END, i % 2 = 0 FROM range(5001) r(i)",
        { i: "int64", s: "utf8", b: "bool" },
        { batchRows }
      )
      const sizes = [...RecordBatchReader.from(bytes)].map(({ numRows }) => numRows)
      const whole = Math.floor(5001 / batchRows)
      assert.deepStrictEqual(sizes, [
        ...Array.from({ length: whole }, () => batchRows),
        ...(5001 % batchRows === 0 ? [] : [5001 % batchRows])
      ])
      const read = readBoth(bytes)
      assert.deepStrictEqual(read.apache("i"), Array.from({ length: 5001 }, (_, index) => BigInt(index)))
      assert.deepStrictEqual(
        read.flechette("s"),
        Array.from({ length: 5001 }, (_, index) => index % 7 === 0 ? null : `a longer text ${index}`)
      )
      assert.deepStrictEqual(read.apache("b"), Array.from({ length: 5001 }, (_, index) => index % 2 === 0))
    }
  })

  it("takes a part of a chunk at any bit", async () => {
    await connection.run(
      "CREATE OR REPLACE TABLE bits AS SELECT CASE WHEN i % 3 = 0 THEN NULL ELSE i END AS i, i % 5 = 0 AS b FROM range(300) r(i)"
    )
    const writer = ArrowWriter.make([{ name: "i", type: "int64" }, { name: "b", type: "bool" }], { batchRows: 1000 })
    const result = await connection.stream("SELECT * FROM bits")
    const chunk = await result.fetchChunk()
    const parts = [
      writer.schema,
      ...writer.write(chunk!, 3, 10),
      ...writer.write(chunk!, 17, 200),
      ...writer.write(chunk!, 299, 1),
      ...writer.flush(),
      writer.end
    ]
    const wanted = [
      ...Array.from({ length: 10 }, (_, index) => index + 3),
      ...Array.from({ length: 200 }, (_, index) => index + 17),
      299
    ]
    const read = readBoth(Buffer.concat(parts))
    assert.deepStrictEqual(read.apache("i"), wanted.map((index) => index % 3 === 0 ? null : BigInt(index)))
    assert.deepStrictEqual(read.flechette("b"), wanted.map((index) => index % 5 === 0))
  })

  it("sends nothing that a null hides", async () => {
    const bytes = await write(
      "SELECT nullif(1311768467463790320 + i, 1311768467463790321) FROM range(3) r(i)",
      { v: "int64" }
    )
    const batch = [...RecordBatchReader.from(bytes)][0]!
    assert.deepStrictEqual(Array.from(batch.data.children[0]!.values as BigInt64Array).slice(0, 3), [
      1311768467463790320n,
      0n,
      1311768467463790322n
    ])
  })

  it("writes a table without rows as its schema, and the sentinel as a batch without rows", async () => {
    const fields: Fields = { i: "int64", f: "float64", s: "utf8", b: "bool", d: "date32", t: "timestamp", m: "time64" }
    const sql =
      "SELECT 1::BIGINT, 1::DOUBLE, '', true, DATE '2000-01-01', TIMESTAMP '2000-01-01', TIME '00:00:00' WHERE false"
    const empty = await write(sql, fields)
    const ended = await write(sql, fields, { sentinel: true })
    assert.strictEqual(readBoth(empty).numRows, 0)
    assert.deepStrictEqual(readBoth(ended).types, [
      "Int64",
      "Float64",
      "Utf8",
      "Bool",
      "Date32<DAY>",
      "Timestamp<MICROSECOND>",
      "Time64<MICROSECOND>"
    ])
    assert.strictEqual(messagesOf(empty).length, 1)
    assert.strictEqual(messagesOf(ended).length, 2)
    assert.deepStrictEqual([...RecordBatchReader.from(ended)].map(({ numRows }) => numRows), [0])
  })

  it("writes a schema without columns, and one of a thousand", async () => {
    const none = ArrowWriter.make([], { batchRows: 10 })
    assert.strictEqual(readApache(Buffer.concat([none.schema, none.end])).numCols, 0)
    const fields: Fields = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [`column ${index}`, "int64"] as const)
    )
    const read = readBoth(
      await write(`SELECT ${Object.keys(fields).map((_, index) => `${index}::BIGINT`).join()}`, fields)
    )
    assert.deepStrictEqual(read.apache("column 999"), [999n])
  })

  it("keeps names as they are", async () => {
    const names = [["__proto__x", "int64"], ["toString", "utf8"], ["", "bool"], ["日本 \"語\"", "int64"]] as const
    const fields: Fields = Object.fromEntries(names)
    const read = readBoth(await write("SELECT 1::BIGINT, 'x', true, 2::BIGINT", fields))
    assert.deepStrictEqual(read.flechette("日本 \"語\""), [2n])
  })

  it("aligns every message and buffer to 8 bytes", async () => {
    const bytes = await write("SELECT i, 'x' || i FROM range(11) r(i)", { i: "int64", s: "utf8" }, { batchRows: 3 })
    assert.strictEqual(messagesOf(bytes).length, 5)
  })
})
