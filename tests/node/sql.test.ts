/** What the emulator's SQL makes of the literals that the core writes: the values themselves. */
import * as Query from "@effect-redivis/core/Query"
import type { Redivis } from "@effect-redivis/core/Redivis"
import * as Reference from "@effect-redivis/core/Reference"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import { assert, layer } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as FastCheck from "fast-check"

const exact = { integer: "bigint", dateTime: "micros" } as const

const rowsOf = (sql: Query.Sql) =>
  Query.run(sql, { timeout: "1 minute" }).pipe(
    Effect.flatMap((query) => Stream.runCollect(Query.rows(query, { values: exact })))
  )

/** Runs a property whose runs are effects. */
const holds = <A>(
  arbitrary: FastCheck.Arbitrary<A>,
  numRuns: number,
  run: (value: A) => Effect.Effect<void, unknown, Redivis>
): Effect.Effect<void, never, Redivis> =>
  Effect.flatMap(Effect.context<Redivis>(), (context) =>
    Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(arbitrary, (value) => Effect.runPromiseWith(context)(run(value))),
        { numRuns }
      )
    ))

/** One query asks for many. */
const listed = (values: ReadonlyArray<Query.Value>): Query.Sql =>
  values.reduce<Query.Sql>(
    (before, value, index) =>
      index === 0
        ? Query.sql`${value} as ${Query.identifier("c0")}`
        : Query.sql`${before}, ${value} as ${Query.identifier(`c${index}`)}`,
    Query.sql``
  )

const bigints = FastCheck.bigInt(-(2n ** 63n), 2n ** 63n - 1n)
const dates = FastCheck.date({
  min: new Date("0001-01-01T00:00:00Z"),
  max: new Date("9999-12-31T23:59:59.999Z"),
  noInvalidDate: true
})

const texts = FastCheck.oneof(
  FastCheck.string({ unit: "binary" }),
  FastCheck.array(FastCheck.constantFrom(..."'\"`\\\n\r\t\0;#-/*ax0😀", "'''", "\\'"), { maxLength: 12 }).map((parts) =>
    parts.join("")
  )
).filter((text) => !/[\ud800-\udfff]/u.test(text))

const scalars: FastCheck.Arbitrary<string | number | bigint | boolean | null | Date> = FastCheck.oneof(
  texts,
  FastCheck.double(),
  FastCheck.integer(),
  FastCheck.maxSafeInteger(),
  bigints,
  FastCheck.boolean(),
  FastCheck.constantFrom(-0, 0, 2 ** 53, 2 ** 63, -(2 ** 63), 5e-324, 1e21, null),
  dates
)

/** The value as a row has it. */
const given = (value: Query.Scalar): unknown =>
  typeof value === "number"
    ? Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value) : value
    : value instanceof Date
    ? BigInt(value.getTime()) * 1000n
    : value

layer(Emulator.layerTest, { excludeTestServices: true })("a literal", (it) => {
  it.effect(
    "is evaluated to the value that it stands for, whatever it is",
    () =>
      holds(FastCheck.array(scalars, { minLength: 1, maxLength: 60 }), 30, (values) =>
        Effect.gen(function*() {
          const [row] = yield* rowsOf(Query.sql`select ${listed(values)}`)
          for (const [index, value] of values.entries()) {
            const actual = row?.[`c${index}`]
            const expected = given(value)
            assert.isTrue(Object.is(actual, expected), `${String(actual)} of ${typeof value} ${String(expected)}`)
          }
        })),
    120_000
  )

  it.effect("of an array has its elements in their order", () =>
    holds(
      FastCheck.oneof(
        ...[texts, bigints, dates, FastCheck.boolean(), FastCheck.integer()].map((elements) =>
          FastCheck.array<string | bigint | Date | boolean | number | null>(
            FastCheck.oneof({ weight: 9, arbitrary: elements }, { weight: 1, arbitrary: FastCheck.constant(null) }),
            { maxLength: 20 }
          )
        )
      ),
      30,
      (values) =>
        Effect.gen(function*() {
          const rows = yield* rowsOf(Query.sql`select x from unnest(${values}) as x with offset as o order by o`)
          assert.deepStrictEqual(rows.map((row) => row["x"]), values.map(given))
        })
    ), 120_000)

  it.effect("is compared with columns of its type", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.seed({
        organizations: [{ name: "lit", members: [{ user: emulator.user, isAdmin: true }] }],
        datasets: [{
          owner: "lit",
          name: "My literals",
          tables: [{
            name: "a b",
            text:
              `s,i,f,b,d,t\nit's,1,0.5,true,2020-01-02,2020-01-02T03:04:05\nits,2,1.5,false,2021-01-02,2021-01-02T03:04:05\n`,
            type: "delimited"
          }]
        }]
      })
      const table = yield* Effect.fromResult(Reference.table({ container: "lit.My literals", name: "a b" }))
      for (
        const condition of [
          Query.sql`s = ${"it's"}`,
          Query.sql`s in unnest(${["it's", "?"]})`,
          Query.sql`s not in unnest(${[]}) and i = ${1}`,
          Query.sql`i < ${1.5} and f < ${1}`,
          Query.sql`b = ${true}`,
          Query.sql`d < ${"2020-06-01"} and d = date ${"2020-01-02"}`,
          Query.sql`t = ${new Date("2020-01-02T03:04:05Z")}`,
          Query.sql`t < ${DateTime.makeUnsafe("2020-06-01T00:00:00Z")}`,
          Query.sql`${Query.identifier("s")} like ${"it''%".slice(0, 3)} || '%'`
        ]
      ) {
        const rows = yield* rowsOf(Query.sql`select i from ${table} where ${condition}`)
        assert.deepStrictEqual(rows, [{ i: 1n }], JSON.stringify(Query.toText(condition)))
      }
      const scoped = yield* Effect.fromResult(Reference.table({ name: "a b" }))
      const run = yield* Query.run(Query.sql`select count(*) as n from ${scoped}`, {
        defaultDataset: "lit.my_literals"
      })
      assert.deepStrictEqual(yield* Stream.runCollect(Query.rows(run)), [{ n: 2 }])
    }))

  it.effect("that cannot be written fails the query before any request", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const before = (yield* emulator.requests).length
      // a program in JavaScript gives what it has
      const missing = undefined as unknown as string
      for (const call of [Query.run, Query.create] as const) {
        const failure = yield* Effect.flip(call(Query.sql`select ${1}, ${missing}`))
        assert.isTrue(failure._tag === "InvalidInput" && failure.field === "sql.values[1]")
      }
      assert.strictEqual((yield* emulator.requests).length, before)
    }))

  it.effect("leaves lines and columns where they are, so that a failure's position is the text's", () =>
    Effect.gen(function*() {
      const sql = Query.sql`select ${"a\nb"} as a,\n  nothing as b`
      const failure = yield* Effect.flip(Query.run(sql))
      assert.isTrue(failure._tag === "JobFailed")
      if (failure._tag === "JobFailed") assert.deepStrictEqual(failure.position, { line: 2, column: 3 })
    }))
})
