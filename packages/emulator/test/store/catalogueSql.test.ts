/** The catalogue in memory beside DuckDB, which is what says what SQL means, and what a folder is kept by. */
import { DuckDBInstance, type DuckDBValue } from "@duckdb/node-api"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Catalogue from "../../src/store/catalogue/Catalogue.ts"
import * as Database from "../../src/store/Database.ts"
import * as CatalogueSchema from "../../src/store/schema.ts"

type Given = readonly [sql: string, ...parameters: ReadonlyArray<string | number | boolean | null>]

/** One of each form that the store's statements have, and nulls, ties and absent rows for each. */
const statements: ReadonlyArray<Given> = [
  ["INSERT INTO registry.accounts (key, kind, name) VALUES ($1, $2, $3)", "ada", "user", "Ada"],
  [
    "INSERT INTO registry.accounts (key, kind, name) VALUES ('it''s', 'organization', NULL), ($1, $2, $3)",
    "eve",
    "user",
    "Eve"
  ],
  ["SELECT * FROM registry.accounts ORDER BY position"],
  ["SELECT * FROM registry.accounts WHERE key = $1", "ada"],
  ["SELECT * FROM registry.accounts WHERE key = $1", null],
  ["SELECT key FROM registry.accounts WHERE name <> $1 ORDER BY position", "Ada"],
  ["SELECT key FROM registry.accounts WHERE name IS DISTINCT FROM $1 ORDER BY position", "Ada"],
  ["SELECT key FROM registry.accounts WHERE name IS NOT DISTINCT FROM $1", null],
  ["SELECT key FROM registry.accounts WHERE name IS NULL OR NOT kind = 'user' AND key = $1", "eve"],
  ["SELECT key FROM registry.accounts WHERE key IN ('ada', NULL) ORDER BY position"],
  ["SELECT key FROM registry.accounts WHERE key NOT IN ('ada') ORDER BY position"],
  ["SELECT key FROM registry.accounts WHERE key NOT IN ('ada', NULL)"],
  ["SELECT key FROM registry.accounts WHERE key = ('e' || 'v' || 'e')"],
  ["INSERT INTO registry.tokens (id, hash, user_key, created_at) VALUES ('t', 'h', 'ada', 5), ('u', 'i', 'gone', 6)"],
  [
    `SELECT t.*, a.name AS user_name FROM registry.tokens t JOIN registry.accounts a ON a.key = t.user_key
     WHERE t.hash = $1`,
    "h"
  ],
  ["SELECT t.id, a.name FROM registry.tokens t LEFT JOIN registry.accounts a ON a.key = t.user_key WHERE t.created_at > 4 ORDER BY t.created_at DESC"],
  [
    `INSERT INTO registry.uploads (id, table_id, version_id, name, status, size, created_at) VALUES
     ('1', 't', 'v', 'a', 'queued', 3, 1), ('2', 't', 'v', 'b', 'failed', NULL, 2), ('3', 's', 'v', 'c', 'queued', 4, 2)`
  ],
  [
    "UPDATE registry.uploads SET status = 'running', attempts = attempts + 1 WHERE id = $1 AND status = 'queued' RETURNING id",
    "1"
  ],
  [
    "UPDATE registry.uploads SET status = 'running', attempts = attempts + 1 WHERE id = $1 AND status = 'queued' RETURNING id",
    "1"
  ],
  ["UPDATE registry.uploads SET size = $2, error_message = NULL WHERE table_id = $1", "t", 7.0],
  ["UPDATE registry.uploads SET name = size, size = created_at WHERE id = '3'"],
  ["SELECT * FROM registry.uploads ORDER BY position"],
  ["SELECT id FROM registry.uploads WHERE size IS NOT NULL ORDER BY created_at DESC, id LIMIT 2"],
  [
    "SELECT count(*) AS n, CAST(coalesce(sum(size), 0) AS BIGINT) AS s, max(created_at + attempts) AS m FROM registry.uploads WHERE table_id = $1",
    "t"
  ],
  ["SELECT count(*) AS n, sum(size) AS s, max(size) AS m FROM registry.uploads WHERE table_id = $1", "none"],
  [
    `SELECT table_id, CAST(coalesce(sum(size) FILTER (status = 'queued'), 0) AS BIGINT) AS queued
     FROM registry.uploads WHERE version_id IN ('v', 'w') GROUP BY table_id`
  ],
  ["INSERT INTO registry.versions (id, dataset_id, ordinal, major, minor, is_released) VALUES ('v', 'd', 0, 1, 0, true), ('w', 'd', 1, NULL, NULL, false)"],
  [
    "SELECT major, minor FROM registry.versions WHERE dataset_id = $1 AND is_released ORDER BY major DESC, minor DESC LIMIT 1",
    "d"
  ],
  ["SELECT id FROM registry.versions WHERE NOT is_released"],
  [
    `SELECT v.id, (SELECT count(*) FROM registry.uploads u WHERE u.version_id = v.id AND u.table_id = 't') AS n
     FROM registry.versions v ORDER BY v.ordinal`
  ],
  ["SELECT id FROM registry.versions ORDER BY major, ordinal"],
  [
    `INSERT INTO registry.versions (id, dataset_id, ordinal, is_released, created_at)
     SELECT $1, dataset_id, ordinal, false, $2 FROM registry.versions WHERE id = $3`,
    "x",
    9,
    "v"
  ],
  ["UPDATE registry.contents SET is_active = true WHERE NOT is_active AND id IN (SELECT content_id FROM registry.relation_segments WHERE relation_id IN ('r'))"],
  [
    "DELETE FROM registry.uploads WHERE version_id IN (SELECT id FROM registry.versions WHERE dataset_id = $1) AND table_id = 's' RETURNING id, name",
    "d"
  ],
  ["SELECT id FROM registry.uploads WHERE version_id IN (SELECT id FROM registry.versions WHERE dataset_id = 'other')"],
  ["DELETE FROM registry.uploads WHERE id = $1", "none"],
  ["INSERT INTO registry.raw_files (id, size, added_at) VALUES ($1, $2, CAST($3 AS BIGINT))", "f", 3, "12"],
  ["SELECT 'raw-' || id || '-' || size AS name FROM registry.raw_files"],
  ["DELETE FROM registry.raw_files"],
  ["SELECT * FROM registry.raw_files"],
  ["SELECT * FROM registry.versions ORDER BY id"],
  ["INSERT INTO registry.comments (author, text) VALUES ($1, $2)", "registry.tokens", "a\0b"],
  ["INSERT INTO registry.comments (author, text) VALUES ($1, $2)", "content.csv", "\ud800x"],
  ["SELECT * FROM registry.comments WHERE author IN ('content.csv', 'it''s') OR text = ('a' || chr(0) || 'b') ORDER BY position"]
]

const plain = (value: unknown): unknown => typeof value === "bigint" ? Number(value) : value

/** A row as it is told, in the order of its names: a table that was changed since has its columns in another. */
const sorted = (row: Readonly<Record<string, unknown>>): unknown =>
  Object.entries(row).map(([name, value]) => [name, plain(value)]).toSorted(([one], [other]) =>
    String(one) < String(other) ? -1 : 1
  )

const inFolder = <A, E, R>(use: (path: string) => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.acquireUseRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "effect-redivis-catalogue-"))),
    (folder) => use(join(folder, "emulator.duckdb")),
    (folder) => Effect.promise(() => rm(folder, { recursive: true }))
  )

const open = (path: string) =>
  Effect.tap(
    Database.open({
      path,
      threads: 1,
      spillDirectory: `${path}.spill`,
      first: path === ":memory:" ? ["CREATE SCHEMA content"] : [],
      columns: CatalogueSchema.columns()
    }),
    CatalogueSchema.create
  )

const all = (database: Database.Database) =>
  Effect.forEach(Object.keys(CatalogueSchema.columns()), (table) =>
    Effect.map(
      database.rows(`SELECT * FROM registry.${table}`),
      (rows) => [table, rows.map(sorted).map((row) => JSON.stringify(row)).toSorted()]
    ))

const add = (database: Database.Database, key: string) =>
  database.run("INSERT INTO registry.accounts (key, kind) VALUES ($1, 'user')", [key])

const keys = (database: Database.Database) =>
  Effect.map(database.rows("SELECT key FROM registry.accounts ORDER BY position"), (rows) => rows.map(({ key }) => key))

describe("the catalogue in memory", () => {
  it.live("gives and keeps what DuckDB does, statement by statement", () =>
    Effect.promise(async () => {
      const instance = await DuckDBInstance.create(":memory:")
      const connection = await instance.connect()
      for (const statement of CatalogueSchema.statements) await connection.run(statement)
      const catalogue = Catalogue.make(CatalogueSchema.columns())
      const draft = catalogue.draft()
      for (const [sql, ...parameters] of statements) {
        const result = await connection.runAndReadAll(sql, parameters as Array<DuckDBValue>)
        const reads = sql.startsWith("SELECT") || sql.includes("RETURNING")
        const expected = reads ? result.getRowObjects() : []
        const actual = draft.execute(sql, parameters)
        const [one, other] = [actual.map(sorted), expected.map(sorted)]
        if (sql.includes("ORDER BY")) assert.deepStrictEqual(one, other, sql)
        else assert.sameDeepMembers([...one], [...other], sql)
      }
      connection.closeSync()
      instance.closeSync()
    }))

  it("refuses what it does not know, and writes of who only reads", () => {
    const catalogue = Catalogue.make(CatalogueSchema.columns())
    for (
      const sql of [
        "SELECT * FROM registry.nothing",
        "SELECT nothing FROM registry.accounts",
        "SELECT upper(name) FROM registry.accounts",
        "SELECT name FROM registry.accounts HAVING name = 'x'",
        "SELECT name FROM registry.accounts; SELECT 1",
        "UPDATE registry.accounts SET nothing = 1",
        "INSERT INTO registry.accounts (nothing) VALUES (1)",
        "INSERT INTO registry.accounts (key) VALUES ('x')",
        "DELETE FROM registry.accounts"
      ]
    ) assert.throws(() => catalogue.current.execute(sql), undefined, undefined, sql)
  })

  it.live("is in a folder what it was, without what was rolled back", () =>
    inFolder((path) =>
      Effect.gen(function*() {
        const before = yield* Effect.scoped(Effect.gen(function*() {
          const database = yield* open(path)
          yield* database.write(Effect.forEach(statements, ([sql, ...parameters]) => database.run(sql, parameters)))
          yield* database.write(database.insert(
            "content_columns",
            Array.from(
              { length: 100 },
              (_, position) => ({ content_id: "c", position, name: `"${position}'`, type: null })
            )
          ))
          const known = yield* all(database)
          yield* Effect.exit(database.write(Effect.andThen(add(database, "rolled"), Effect.fail("back"))))
          assert.deepStrictEqual(yield* all(database), known)
          return known
        }))
        const after = yield* Effect.scoped(Effect.gen(function*() {
          const database = yield* open(path)
          const found = yield* all(database)
          yield* database.write(add(database, "last"))
          assert.strictEqual((yield* keys(database)).at(-1), "last")
          return found
        }))
        assert.deepStrictEqual(after, before)
      })
    ))

  it.live("shows nothing of a transaction that DuckDB does not commit", () =>
    Effect.forEach(
      [":memory:", "folder"],
      (place) =>
        (place === ":memory:"
          ? (use: (path: string) => Effect.Effect<void>) => use(place)
          : inFolder<void, never, never>)(
            (path) =>
              Effect.scoped(Effect.gen(function*() {
                const database = yield* open(path)
                const twice = Effect.andThen(
                  add(database, "never"),
                  Effect.forEach([1, 2], () => database.run("CREATE TABLE content.\"c\" (a VARCHAR)"))
                )
                assert.isTrue(Exit.isFailure(yield* Effect.exit(database.write(twice))))
                assert.deepStrictEqual(yield* keys(database), [])
                yield* database.write(add(database, "then"))
                assert.deepStrictEqual(yield* keys(database), ["then"])
              }))
          )
    ))

  it.live("is asked for its own tables alone, whatever texts and names a statement has", () =>
    Effect.scoped(Effect.gen(function*() {
      const database = yield* open(":memory:")
      yield* database.write(add(database, "content.csv"))
      const found = yield* database.rows(
        "SELECT key FROM registry.accounts WHERE key IN ('content.csv', 'it''s content.x')"
      )
      assert.deepStrictEqual(found, [{ key: "content.csv" }])
      yield* database.write(database.run("CREATE TABLE content.\"c\" (\"registry.x\" VARCHAR)"))
      yield* database.write(database.run("INSERT INTO content.\"c\" VALUES ('registry.tokens')"))
      assert.deepStrictEqual(
        yield* database.rows("SELECT \"registry.x\" AS x FROM content.\"c\" WHERE \"registry.x\" = 'registry.tokens'"),
        [
          { x: "registry.tokens" }
        ]
      )
    })))

  it.live("lets writers wait for each other, and readers see one moment", () =>
    Effect.scoped(Effect.gen(function*() {
      const database = yield* open(":memory:")
      const isBegun = yield* Deferred.make<void>()
      const mayEnd = yield* Deferred.make<void>()
      const first = yield* Effect.forkChild(database.write(Effect.gen(function*() {
        yield* add(database, "one")
        yield* Deferred.succeed(isBegun, undefined)
        yield* Deferred.await(mayEnd)
        yield* database.run("UPDATE registry.accounts SET full_name = 'first' WHERE key = 'one'")
      })))
      yield* Deferred.await(isBegun)
      // it adds to what the first has written, which it sees only once that is done
      const second = yield* Effect.forkChild(database.write(Effect.gen(function*() {
        const [row] = yield* database.rows("SELECT full_name FROM registry.accounts WHERE key = 'one'")
        yield* database.run("UPDATE registry.accounts SET full_name = $1 WHERE key = 'one'", [
          `${String(row?.["full_name"])} and second`
        ])
      })))
      yield* Effect.yieldNow
      const seen = yield* database.snapshot(Effect.gen(function*() {
        const before = yield* keys(database)
        yield* Deferred.succeed(mayEnd, undefined)
        yield* Fiber.join(second)
        return [before, yield* keys(database)]
      }))
      yield* Fiber.join(first)
      assert.deepStrictEqual(seen, [[], []])
      const rows = yield* database.rows("SELECT full_name FROM registry.accounts")
      assert.deepStrictEqual(rows.map((row) => row["full_name"]), ["first and second"])
    })))
})
