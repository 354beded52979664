import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Store } from "../../src/store/Store.ts"
import * as StoreDuckDB from "../../src/store/StoreDuckDB.ts"
import { makeTable, read, reload, upload } from "./fixtures.ts"

const makeRelation = Effect.gen(function*() {
  const table = yield* makeTable()
  yield* upload(table, "a,b\n1,x\n2,y\n3,\n")
  return yield* reload(table)
})

const run = (sql: string, relations: ReadonlyArray<string> = []) =>
  Effect.gen(function*() {
    const store = yield* Store
    const query = yield* store.queries.create({ owner: "someone", sql: "as written" })
    assert.strictEqual(query.status, "queued")
    const source = { kind: "query", queryId: query.id } as const
    return { query: yield* store.queries.execute(query.id, { sql, relations }), source }
  })

layer(StoreDuckDB.layer())("queries", (it) => {
  it.effect("read the tables that they name, and keep their result in its order", () =>
    Effect.gen(function*() {
      const { relation } = yield* makeRelation
      const { query, source } = yield* run(
        `WITH big AS (SELECT * FROM ${relation} WHERE a > 1) SELECT b, a * 2 AS twice FROM big ORDER BY a DESC -- end`,
        [relation]
      )
      assert.deepStrictEqual([query.status, query.errorMessage, query.outputNumRows], ["completed", null, 2])
      assert.deepStrictEqual(query.outputSchema, [{ name: "b", type: "string" }, { name: "twice", type: "integer" }])
      assert.strictEqual(yield* read(source, "csv"), "b,twice\n,6\ny,4\n")
    }))

  it.effect("turn every type of DuckDB's into one of ours", () =>
    Effect.gen(function*() {
      const { query, source } = yield* run(
        `SELECT 1::TINYINT AS i, sum(x) AS h, 1.5::DECIMAL(5,2) AS dec, 1::FLOAT AS f, [1, 2] AS l, {'k': 1} AS o,
          TIMESTAMPTZ '2020-01-01 02:00:00+02' AS z, '\\xFF'::BLOB AS raw, INTERVAL 1 DAY AS step, NULL AS nothing,
          'a'::ENUM('a', 'b') AS e FROM (VALUES (1), (2)) t(x)`
      )
      assert.deepStrictEqual(query.outputSchema?.map(({ type }) => type), [
        "integer",
        "integer",
        "float",
        "float",
        "string",
        "string",
        "dateTime",
        "string",
        "string",
        "integer",
        "string"
      ])
      assert.strictEqual(
        (yield* read(source, "csv")).split("\n")[1],
        "1,3,1.5,1.0,\"[1,2]\",\"{\"\"k\"\":1}\",2020-01-01 00:00:00,/w==,1 day,,a"
      )
    }))

  it.effect("fail with a message for a person, and say nothing of the text that was run", () =>
    Effect.gen(function*() {
      const { relation } = yield* makeRelation
      const division = yield* run("SELECT CAST('x' AS BIGINT) AS v")
      assert.strictEqual(division.query.status, "failed")
      assert.match(division.query.errorMessage!, /x/)
      assert.notMatch(division.query.errorMessage!, /LINE|Error:/)
      const unknown = yield* run(`SELECT nothing FROM ${relation}`, [relation])
      assert.match(unknown.query.errorMessage!, /nothing/)
      const twice = yield* run(`SELECT a, a FROM ${relation}`, [relation])
      assert.match(twice.query.errorMessage!, /named a/)
      const overflow = yield* run("SELECT 9223372036854775807::HUGEINT + 1 AS v")
      assert.strictEqual(overflow.query.status, "failed")
      const store = yield* Store
      const error = yield* Effect.flip(store.rows.count(unknown.source))
      assert.strictEqual("reason" in error ? error.reason : "", "notCompleted")
      const told = yield* store.queries.create({ owner: "someone", sql: "?" })
      assert.strictEqual((yield* store.queries.fail(told.id, "no such function")).errorMessage, "no such function")
    }))

  for (
    const sql of [
      "SELECT * FROM registry.tokens",
      "SELECT * FROM memory.registry.tokens",
      "SELECT * FROM duckdb_tables()",
      "SELECT * FROM information_schema.tables",
      "SELECT * FROM sqlite_master",
      "SELECT * FROM pg_catalog.pg_class",
      "SELECT * FROM pg_class",
      "WITH pg_class AS (SELECT * FROM pg_class) SELECT * FROM pg_class",
      "SELECT (WITH pg_class AS (SELECT 1) SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_class)",
      "SELECT * FROM read_csv('/etc/passwd')",
      "SELECT * FROM read_text('/etc/passwd')",
      "SELECT * FROM '/etc/passwd'",
      "SELECT * FROM glob('/*')",
      "SELECT * FROM query('SELECT * FROM registry.tokens')",
      "SELECT * FROM query_table('registry.tokens')",
      "SELECT * FROM json_execute_serialized_sql('x')",
      "SELECT * FROM duckdb_settings()",
      "SELECT * FROM pragma_database_list()",
      "SELECT * FROM (SHOW TABLES)",
      "SELECT * FROM (DESCRIBE registry.tokens)",
      "SELECT * FROM (SUMMARIZE registry.tokens)",
      "SHOW TABLES",
      "DESCRIBE registry.tokens",
      "SELECT current_setting('threads')",
      "SELECT getvariable('x')",
      "SELECT version()",
      "SELECT current_database()",
      "SELECT nextval('registry.position')",
      "SELECT 1 WHERE EXISTS (SELECT 1 FROM registry.tokens)",
      "SELECT a FROM (VALUES (1)) t(a) WHERE a IN (TABLE registry.tokens)",
      "SELECT (SELECT max(hash) FROM registry.tokens)",
      "SELECT 1 UNION ALL SELECT count(*) FROM registry.tokens",
      "SELECT * FROM (VALUES (1)) t, LATERAL (SELECT * FROM registry.tokens)",
      "SELECT 1; DROP SCHEMA registry CASCADE",
      "DROP TABLE registry.tokens",
      "DELETE FROM registry.tokens",
      "UPDATE registry.tokens SET user_key = 'x'",
      "INSERT INTO registry.tokens SELECT * FROM registry.tokens",
      "CREATE TABLE x AS SELECT 1",
      "COPY (SELECT 1) TO '/tmp/out.csv'",
      "ATTACH '/tmp/x.db'",
      "SET threads = 4",
      "PRAGMA database_list",
      "CHECKPOINT",
      "BEGIN",
      "EXPORT DATABASE '/tmp/x'",
      "INSTALL httpfs",
      "CALL pragma_version()",
      "EXPLAIN SELECT 1",
      "FROM registry.tokens",
      "PIVOT registry.tokens ON id USING count(*)",
      "SELECT 1) AS result; DROP SCHEMA registry CASCADE; SELECT * FROM (SELECT 1",
      ""
    ]
  ) {
    it.effect(`are refused: ${sql === "" ? "nothing" : sql}`, () =>
      Effect.gen(function*() {
        const store = yield* Store
        const error = yield* Effect.flip(store.queries.check({ sql, relations: ["registry.tokens", "content.\"x\""] }))
        assert.strictEqual(error._tag, "QueryFailed")
      }))
  }

  it.effect("that are refused never run", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const { relation } = yield* makeRelation
      const { query } = yield* run(`SELECT * FROM ${relation}`)
      assert.strictEqual(query.status, "failed")
      assert.match(query.errorMessage!, /may not read the table/)
      const listed = yield* Effect.result(
        store.queries.check({ sql: `SELECT * FROM ${relation}`, relations: [relation] })
      )
      assert.strictEqual(listed._tag, "Success")
    }))

  for (
    const sql of [
      "SELECT * FROM (VALUES (1, 'x')) t(a, b)",
      "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r",
      "WITH a AS (SELECT 1 AS v), b AS (SELECT v + 1 AS w FROM a) SELECT * FROM b JOIN a ON true",
      "SELECT u FROM unnest([1, 2, 3]) t(u)",
      "SELECT * FROM generate_series(1, 3)",
      "SELECT 'FROM registry.tokens; DROP' AS text -- registry.tokens",
      "SELECT regexp_replace('a', 'a', 'b'), strftime(DATE '2020-01-01', '%Y'), list_transform([1], x -> x + 1)"
    ]
  ) {
    it.effect(`are let through: ${sql}`, () =>
      Effect.gen(function*() {
        const { query } = yield* run(sql)
        assert.strictEqual(query.errorMessage, null)
      }))
  }

  it.effect("are refused when they are nested deeper than DuckDB plans in good time", () =>
    Effect.gen(function*() {
      const deep = yield* run(`SELECT 1${"+1".repeat(600)} AS v`)
      assert.strictEqual(deep.query.errorMessage, "The query is nested too deeply")
      assert.strictEqual((yield* run(`SELECT 1${"+1".repeat(100)} AS v`)).query.status, "completed")
      assert.strictEqual((yield* run(`SELECT ${"(".repeat(20_000)}1${")".repeat(20_000)} AS v`)).query.finishedAt, 0)
    }))

  it.effect("over a table without uploads count nothing", () =>
    Effect.gen(function*() {
      const { relation } = yield* makeTable()
      const { source } = yield* run(`SELECT count(*) AS n FROM ${relation}`, [relation])
      assert.strictEqual(yield* read(source, "csv"), "n\n0\n")
    }))

  it.effect("stop when they are interrupted, and are cancelled then", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const query = yield* store.queries.create({ owner: "someone", sql: "long" })
      const fiber = yield* Effect.forkChild(store.queries.execute(query.id, {
        sql: "SELECT count(*) AS n FROM range(100000) a(x), range(100000) b(y) WHERE hash(x, y) = 1",
        relations: []
      }))
      let status = query.status
      while (status !== "running") {
        yield* Effect.yieldNow
        status = (yield* store.queries.get(query.id)).status
      }
      yield* Fiber.interrupt(fiber)
      assert.strictEqual((yield* store.queries.get(query.id)).status, "cancelled")
      assert.strictEqual((yield* run("SELECT 1 AS one")).query.status, "completed")
    }))

  it.effect("run beside each other and beside writers", () =>
    Effect.gen(function*() {
      const { relation } = yield* makeRelation
      const [results] = yield* Effect.all([
        Effect.forEach(Array.from({ length: 12 }, (_, index) => index), (index) =>
          Effect.flatMap(run(`SELECT sum(a) + ${index} AS v FROM ${relation}`, [relation]), ({ source }) =>
            read(source, "csv")), { concurrency: "unbounded" }),
        Effect.forEach([1, 2, 3], () =>
          makeRelation, { concurrency: "unbounded" })
      ], { concurrency: "unbounded" })
      assert.deepStrictEqual(
        results,
        Array.from({ length: 12 }, (_, index) =>
          `v\n${6 + index}\n`)
      )
    }))
})
