/** Effect's `SqlClient` over the emulator's sockets: what its users have of any database. */
import * as Query from "@effect-redivis/core/Query"
import type { Redivis } from "@effect-redivis/core/Redivis"
import * as Reference from "@effect-redivis/core/Reference"
import * as SqlClient from "@effect-redivis/core/SqlClient"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Schema from "effect/Schema"
import * as Sql from "effect/sql/SqlClient"
import * as SqlResolver from "effect/sql/SqlResolver"
import * as SqlSchema from "effect/sql/SqlSchema"
import * as Statement from "effect/sql/Statement"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"

const seed = Effect.gen(function*() {
  const emulator = yield* Emulator.Emulator
  yield* emulator.seed({
    organizations: [{ name: "client", members: [{ user: emulator.user, isAdmin: true }] }],
    datasets: [{
      owner: "client",
      name: "Penguins",
      tables: [{
        name: "birds",
        rows: [
          { id: 1, species: "Adelie", mass: 3750.5, "2": "b", "1": "a" },
          { id: 2, species: "Chin'strap", mass: 3800, "2": "d", "1": "c" },
          { id: 3, species: "Gentoo", mass: null, "2": null, "1": "e" }
        ]
      }]
    }]
  })
})

const seeded = Layer.effectDiscard(seed).pipe(Layer.provideMerge(Emulator.layerTest))
const tested = SqlClient.layer({ timeout: "1 minute" }).pipe(Layer.provideMerge(seeded))

/** What went over the wire meanwhile. */
const during = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    const before = (yield* emulator.requests).length
    const value = yield* effect
    return { value, operations: (yield* emulator.requests).slice(before).map(({ operation }) => operation) }
  })

const birds = "client.penguins.birds"

layer(tested, { excludeTestServices: true })("the SqlClient", (it) => {
  it.effect("gives the rows of a statement, with values in it that stay values", () =>
    Effect.gen(function*() {
      const sql = yield* Sql.SqlClient
      const hostile = "Chin'strap"
      const rows = yield* sql`select id, mass from ${sql(birds)} where species = ${hostile} and mass > ${3000.5}`
      assert.deepStrictEqual(rows, [{ id: 2, mass: 3800 }])
      const none = yield* sql`select id from ${sql(birds)} where species = ${"' or true --"}`
      assert.deepStrictEqual(none, [])
    }))

  it.effect("puts statements together from parts, names and lists", () =>
    Effect.gen(function*() {
      const sql = yield* Sql.SqlClient
      const ids = (list: ReadonlyArray<number>) =>
        Effect.map(
          sql<{ readonly id: number }>`
            select id from ${sql(birds)}
            where ${sql.or([sql`id in ${sql.in(list)}`, sql.and([sql`species = ${"Gentoo"}`, sql`mass is null`])])}
            ${sql.csv("order by", [sql`${sql("id")}`, "species"])}`,
          (rows) => rows.map(({ id }) => id)
        )
      assert.deepStrictEqual(yield* ids([1]), [1, 3])
      assert.deepStrictEqual(yield* ids([]), [3])
      const others = yield* sql`select id from ${sql(birds)} where species not in ${sql.in([])} and ${
        sql.in("id", [1, 2])
      }`
      assert.strictEqual(others.length, 2)
      assert.deepStrictEqual(yield* sql`select id from ${sql(birds)} where ${sql.in("id", [])}`, [])
    }))

  it.effect("takes what Query.sql takes: references, arrays and parts", () =>
    Effect.gen(function*() {
      const sql = yield* Sql.SqlClient
      const table = yield* Effect.fromResult(Reference.parseTable(birds))
      const rows = yield* sql`
        select ${Query.identifier("id")} from ${table}
        where id in unnest(${[2, 3]}) and ${Query.sql`species <> ${"Gentoo"}`}`
      assert.deepStrictEqual(rows, [{ id: 2 }])
    }))

  it.effect("serves SqlSchema", () =>
    Effect.gen(function*() {
      const sql = yield* Sql.SqlClient
      const Bird = Schema.Struct({ id: Schema.Number, species: Schema.String, mass: Schema.NullOr(Schema.Number) })
      const execute = (id: number) => sql`select id, species, mass from ${sql(birds)} where id = ${id}`
      const findOne = SqlSchema.findOneOption({ Request: Schema.Number, Result: Bird, execute })
      assert.deepStrictEqual(yield* findOne(3), Option.some({ id: 3, species: "Gentoo", mass: null }))
      assert.deepStrictEqual(yield* findOne(4), Option.none())
      const wrong = SqlSchema.findAll({ Request: Schema.Number, Result: Schema.Struct({ id: Schema.String }), execute })
      assert.strictEqual((yield* Effect.flip(wrong(1)))._tag, "SchemaError")
    }))

  it.effect("serves SqlResolver: what is asked for at once is one query", () =>
    Effect.gen(function*() {
      const sql = yield* Sql.SqlClient
      const byId = SqlResolver.findById({
        Id: Schema.Number,
        Result: Schema.Struct({ id: Schema.Number, species: Schema.String }),
        ResultId: (bird) => bird.id,
        execute: (ids) =>
          sql<{ id: number; species: string }>`select id, species from ${sql(birds)} where ${sql.in("id", ids)}`
      })
      const find = SqlResolver.request(byId)
      const { operations, value } = yield* during(
        Effect.forEach([3, 1, 2], (id) => find(id), { concurrency: "unbounded" })
      )
      assert.deepStrictEqual(value.map(({ species }) => species), ["Gentoo", "Adelie", "Chin'strap"])
      assert.deepStrictEqual(operations.filter((name) => name === "queries.post"), ["queries.post"])
    }))

  it.effect("streams rows as they come, and stops reading where nobody wants more", () =>
    Effect.gen(function*() {
      const sql = yield* Sql.SqlClient
      const emulator = yield* Emulator.Emulator
      const statement = sql<{ readonly n: number }>`select n from unnest(generate_array(1, ${200_000})) as n order by n`
      const first = yield* statement.stream.pipe(Stream.take(3), Stream.map(({ n }) => n), Stream.runCollect)
      assert.deepStrictEqual(first, [1, 2, 3])
      let next = 1
      yield* Stream.runForEach(statement.stream, ({ n }) => Effect.sync(() => assert.strictEqual(n, next++)))
      assert.strictEqual(next, 200_001)
      const lazy = yield* during(Effect.sync(() => statement.stream))
      assert.deepStrictEqual(lazy.operations, [])
      yield* Effect.repeat(emulator.openStreams, { until: (open) => open === 0 })
    }))

  it.effect("gives a query itself as what is raw, and values in the order of the columns", () =>
    Effect.gen(function*() {
      const sql = yield* Sql.SqlClient
      const statement = sql`select \`2\`, \`1\` from ${sql(birds)} where id = ${1}`
      const query = (yield* statement.raw) as Query.Query // as the layer's docstring says
      assert.strictEqual(query.status, "completed")
      assert.deepStrictEqual(yield* Stream.runCollect(Query.rows(query)), [{ 1: "a", 2: "b" }])
      assert.deepStrictEqual(yield* statement.values, [["b", "a"]])
      assert.deepStrictEqual(yield* statement.valuesUnprepared, [["b", "a"]])
      assert.deepStrictEqual(yield* statement.unprepared, [{ 1: "a", 2: "b" }])
    }))

  it.effect("gives integers as numbers, or as bigint where they are to be safe", () =>
    Effect.gen(function*() {
      const sql = yield* Sql.SqlClient
      const large = sql`select ${9007199254740993n} as n`
      const failure = yield* Effect.flip(large)
      assert.deepInclude(failure.reason.cause, { _tag: "CoercionError", column: "n" })
      const safe = Effect.provideService(Sql.SafeIntegers, true)
      assert.deepStrictEqual(yield* safe(large), [{ n: 9007199254740993n }])
      assert.deepStrictEqual(
        yield* safe(Stream.runCollect(sql`select ${1} as n`.stream)),
        [{ n: 1n }]
      )
    }))

  it.effect("looks unqualified names up in the dataset of its options", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.make({ defaultDataset: "client.penguins", values: { integer: "bigint" } })
      assert.deepStrictEqual(yield* sql`select count(*) as n from birds`, [{ n: 3n }])
    }).pipe(Effect.provide(Reactivity.layer)))

  it.effect("fails before any request with what cannot be sent", () =>
    Effect.gen(function*() {
      const sql = yield* Sql.SqlClient
      const other = Statement.fragment([{ _tag: "Custom", kind: "PgJson", paramA: 1, paramB: 2, paramC: 3 }])
      const refused: ReadonlyArray<readonly [Effect.Effect<unknown, unknown>, RegExp]> = [
        [sql`select ${1}, ${undefined}`, /sql\.params\[1\] is undefined/],
        [sql`select ${{ a: 1 }}`, /sql\.params\[0\] is an object/],
        [sql`select * from ${sql(birds)} where id in ${sql.in([1, Symbol("a")])}`, /sql\.params\[1\] is a symbol/],
        [sql`select * from ${sql("")}`, /the name "" is an empty name/],
        [sql`select '${"a"}'`, /sql\.params\[0\] stands in quotes/],
        [sql`select 1 /* ${"a"} */`, /stands in a comment/],
        [sql`select ${other}`, /PgJson/],
        [sql.unsafe("select ? as a", [1]), /sql\.params stand beside a text/],
        [sql`select 1 where ${sql.unsafe("? = 1", [1])}`, /sql\.params stand beside a text/],
        [sql`insert into ${sql(birds)} ${sql.insert({ id: 4 })}`, /inserts or updates/],
        [sql`update ${sql(birds)} set ${sql.update({ id: 4 })}`, /inserts or updates/],
        [sql`insert into ${sql(birds)} (id) values (${4})`, /begins with INSERT/],
        [sql`-- select\n /* select */ delete from ${sql(birds)} where true`, /begins with DELETE/],
        [sql`select 1; drop table ${sql(birds)}`, /begins with DROP/],
        [sql.unsafe("# select 1\ncreate table a as select 1"), /begins with CREATE/],
        [sql.unsafe("merge a using b on true when matched then delete").raw, /begins with MERGE/],
        [sql`truncate table ${sql(birds)}`.values, /begins with TRUNCATE/],
        [sql`alter table ${sql(birds)} add column a int64`.unprepared, /begins with ALTER/],
        [sql`update ${sql(birds)} set id = 1 where true`.withoutTransform, /begins with UPDATE/],
        [Stream.runCollect(sql`delete from ${sql(birds)} where true`.stream), /begins with DELETE/],
        [sql.withTransaction(sql`select 1`), /no transactions/],
        [sql`begin transaction`, /begins with BEGIN/],
        [
          Effect.scoped(Effect.flatMap(sql.reserve, (connection) => connection.execute("select ?", [1], undefined))),
          /sql\.params are of no statement/
        ],
        [
          Effect.scoped(Effect.flatMap(sql.reserve, (connection) => connection.execute("drop table a", [], undefined))),
          /begins with DROP/
        ]
      ]
      const { operations } = yield* during(
        Effect.forEach(refused, ([effect, message]) =>
          Effect.map(Effect.flip(effect), (failure) => {
            const { _tag, message: said, reason } = failure as Failure // as is told next
            assert.strictEqual(_tag, "SqlError")
            assert.match(said, message)
            assert.deepInclude(reason.cause, { _tag: "InvalidInput" })
          }))
      )
      assert.deepStrictEqual(operations, [])
      const again = sql`select ${undefined}`
      for (let time = 0; time < 2; time++) assert.strictEqual((yield* Effect.flip(again))._tag, "SqlError")
    }))

  it.effect("runs a text as it is where nothing is to be put into it", () =>
    Effect.gen(function*() {
      const sql = yield* Sql.SqlClient
      assert.deepStrictEqual(yield* sql.unsafe("select 1 as a"), [{ a: 1 }])
      assert.deepStrictEqual(yield* sql.unsafe("select 2 as a", []), [{ a: 2 }])
      const reserved = Effect.flatMap(sql.reserve, (connection) => connection.execute("select 3 as a", [], undefined))
      assert.deepStrictEqual(yield* Effect.scoped(reserved), [{ a: 3 }])
    }))

  it.effect("says by its reason what kind of failure the service's is", () =>
    Effect.gen(function*() {
      const sql = yield* Sql.SqlClient
      const emulator = yield* Emulator.Emulator
      const reasonOf = (effect: Effect.Effect<unknown, Failure>) =>
        Effect.map(Effect.flip(effect), ({ reason }) => [reason._tag, (reason.cause as Failure)._tag])
      assert.deepStrictEqual(yield* reasonOf(sql`select nothing from ${sql(birds)}`), ["SqlSyntaxError", "JobFailed"])
      assert.deepStrictEqual(yield* reasonOf(sql`select 1 from ${sql("client.penguins.none")}`), [
        "SqlSyntaxError",
        "NotFound"
      ])
      yield* emulator.faults.add({ match: "queries.post", times: 1, do: { status: 401 } })
      assert.deepStrictEqual(yield* reasonOf(sql`select 1`), ["AuthenticationError", "Unauthorized"])
      const failure = yield* Effect.flip(sql`select nothing from ${sql(birds)}`)
      assert.deepInclude(failure.reason, { operation: "execute" })
      assert.match(failure.message, /nothing/)
    }))

  it.effect("keeps values out of spans", () =>
    Effect.gen(function*() {
      const spans: Array<Tracer.NativeSpan> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      const sql = yield* Sql.SqlClient
      const statement = sql`select ${"planted"} as a`
      yield* Effect.withTracer(statement, tracer)
      assert.deepStrictEqual(statement.compile(), ["select ? as a", ["planted"]])
      const attributes = spans.map(({ attributes }) => JSON.stringify([...attributes]))
      assert.isTrue(attributes.some((text) => text.includes("select ? as a")))
      assert.isFalse(attributes.some((text) => text.includes("planted")))
    }))
})

interface Failure {
  readonly _tag: string
  readonly message: string
  readonly reason: { readonly _tag: string; readonly cause: unknown }
}

/** The layer needs the client alone, and gives Effect's service alone. */
export const typed: Layer.Layer<Sql.SqlClient, never, Redivis> = SqlClient.layer()
