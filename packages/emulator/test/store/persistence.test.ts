import { DuckDBInstance } from "@duckdb/node-api"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { existsSync } from "node:fs"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Store } from "../../src/store/Store.ts"
import * as StoreDuckDB from "../../src/store/StoreDuckDB.ts"
import { bytesOf, csvOf, makeDataset, makeTable, read, reload, unique, upload } from "./fixtures.ts"

const withDirectory = <A, E>(f: (directory: string) => Effect.Effect<A, E>) =>
  Effect.acquireUseRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "store [x]-"))),
    f,
    (directory) => Effect.promise(() => rm(directory, { recursive: true }))
  )

/** Runs with the store of a directory, which is opened for it and closed after it. */
const open = <A, E>(directory: string, effect: Effect.Effect<A, E, Store>) =>
  Effect.provide(effect, StoreDuckDB.layer({ directory }), { local: true })

const temporaryDirectories = Effect.map(
  Effect.promise(() => readdir(tmpdir())),
  (names) => names.filter((name) => name.startsWith("effect-redivis-emulator-"))
)

describe("a directory", () => {
  it.live("knows after a restart that a transform was broken off, and lets it run again", () =>
    withDirectory((directory) =>
      Effect.gen(function*() {
        const { id } = yield* open(
          directory,
          Effect.gen(function*() {
            const store = yield* Store
            const user = yield* store.accounts.putUser({ name: unique("user") })
            const workflow = yield* store.workflows.create(user.name, { name: "flow" })
            const node = yield* store.nodes.create(workflow.id, { kind: "transform", name: "step", query: "select 1" })
            yield* store.nodes.start(node.id)
            return node
          })
        )
        yield* open(
          directory,
          Effect.gen(function*() {
            const store = yield* Store
            const node = yield* store.nodes.getById(id)
            assert.isNull(node.currentJob)
            assert.deepInclude(node.lastRunJob, {
              status: "failed",
              errorMessage: "The emulator was stopped while the transform ran"
            })
            const job = yield* store.nodes.start(id)
            yield* store.nodes.execute(job.id, { sql: "SELECT 1 AS one", relations: [] })
            assert.strictEqual((yield* store.nodes.getById(id)).lastRunJob?.status, "completed")
          })
        )
      })
    ))

  it.live("keeps everything over a restart", () =>
    withDirectory((directory) =>
      Effect.gen(function*() {
        const before = yield* open(
          directory,
          Effect.gen(function*() {
            const store = yield* Store
            const table = yield* makeTable()
            yield* upload(table, "a,b\n1,x\n2,\n")
            const { dataset } = table.container.kind === "dataset" ? table.container.at : assert.fail()
            yield* store.tokens.put({ text: "t", user: dataset.owner.name, scopes: ["data.edit"] })
            yield* store.versions.release(dataset.id)
            yield* store.versions.createNext(dataset.id)
            const next = yield* reload(table, "next")
            const waiting = yield* store.uploads.create(next, {
              content: { kind: "bytes", bytes: bytesOf("a,b\n3,z\n") }
            })
            const temporary = yield* store.tempUploads.create(next, { size: 8 })
            yield* store.tempUploads.write(temporary.id, 0, bytesOf("a,b\n"))
            const query = yield* store.queries.create({ owner: dataset.owner.name, sql: "q" })
            yield* store.queries.execute(query.id, {
              sql: `SELECT sum(a) AS s FROM ${next.relation}`,
              relations: [next.relation]
            })
            const { streams: [stream] } = yield* store.sessions.create({ kind: "table", table: next }, {
              creator: "x",
              format: "csv"
            })
            return { table: next, waiting, temporary, query, stream: stream!, hash: next.hash }
          })
        )

        yield* open(
          directory,
          Effect.gen(function*() {
            const store = yield* Store
            assert.strictEqual((yield* store.tokens.find("t")).scopes[0], "data.edit")
            assert.strictEqual((yield* reload(before.table, "v1.0")).hash, before.hash)
            assert.strictEqual(yield* csvOf(before.table, "v1.0"), "a,b\n1,x\n2,\n")
            assert.deepStrictEqual(yield* store.uploads.pending, [before.waiting.id])
            assert.strictEqual((yield* store.uploads.run(before.waiting.id)).status, "completed")
            assert.strictEqual(yield* csvOf(before.table, "next"), "a,b\n1,x\n2,\n3,z\n")
            assert.strictEqual(
              (yield* store.tempUploads.write(before.temporary.id, 4, bytesOf("4,w\n"))).isComplete,
              true
            )
            const made = yield* store.uploads.create(before.table, {
              content: { kind: "tempUpload", id: before.temporary.id }
            })
            yield* store.uploads.run(made.id)
            assert.strictEqual((yield* reload(before.table, "next")).numRows, 4)
            assert.strictEqual(yield* read({ kind: "query", queryId: before.query.id }, "csv"), "s\n3\n")
            const rows = yield* Effect.flatMap(
              store.sessions.read(before.stream.id),
              (stream) => Stream.mkString(Stream.decodeText(stream))
            )
            assert.strictEqual(rows, "a,b\n1,x\n2,\n")
            assert.strictEqual((yield* makeDataset).version.tag, "next")
          })
        )
        assert.deepStrictEqual(yield* Effect.promise(() => readdir(join(directory, "files"))), [])
      })
    ))

  it.live("holds no rows that nothing shows any more", () =>
    withDirectory((directory) =>
      Effect.gen(function*() {
        yield* open(
          directory,
          Effect.gen(function*() {
            const store = yield* Store
            const table = yield* makeTable()
            const { dataset } = table.container.kind === "dataset" ? table.container.at : assert.fail()
            yield* upload(table, "a\n1\n")
            const second = yield* upload(table, "b\n2\n")
            yield* store.uploads.remove(second.id)
            yield* store.versions.release(dataset.id)
            yield* store.versions.createNext(dataset.id)
            const next = yield* reload(table, "next")
            yield* upload(next, "a\n3\n")
            const stream = yield* store.uploads.create(next, { content: { kind: "stream", schema: null } })
            yield* store.uploads.insertRows(stream.id, [{ a: 1 }], { updateVariables: true })
            yield* store.uploads.insertRows(stream.id, [{ a: "x" }], { updateVariables: true })
            yield* store.versions.remove(dataset.id, "next")
            const query = yield* store.queries.create({ owner: dataset.owner.name, sql: "q" })
            yield* store.queries.execute(query.id, { sql: "SELECT 1 AS v", relations: [] })
            yield* store.queries.remove(query.id)
            yield* Effect.flip(store.uploads.insertRows(stream.id, [{ a: 1 }]))
          })
        )
        const left = yield* Effect.promise(async () => {
          const instance = await DuckDBInstance.create(join(directory, "emulator.duckdb"))
          const connection = await instance.connect()
          const rows = await (await connection.run(
            `SELECT (SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'content'),
              (SELECT count(*) FROM duckdb_views() WHERE schema_name = 'content'),
              (SELECT count(*) FROM registry.relations)`
          )).getRowsJS()
          connection.closeSync()
          instance.closeSync()
          return rows[0]!.map(Number)
        })
        // The released upload, whose relation the table shows, and the relation of nothing.
        assert.deepStrictEqual(left, [1, 2, 2])
      })
    ))

  it.live("goes with the scope where none was given", () =>
    Effect.gen(function*() {
      const before = yield* temporaryDirectories
      const during = yield* Effect.provide(
        Effect.gen(function*() {
          yield* makeDataset
          return (yield* temporaryDirectories).filter((name) => !before.includes(name))
        }),
        StoreDuckDB.layer(),
        { local: true }
      )
      assert.isAtLeast(during.length, 1)
      // Other tests may have stores of their own: of those that appeared, at least this one is gone.
      assert.isTrue(during.some((name) => !existsSync(join(tmpdir(), name))))
    }))

  it.live("closes under what still reads and writes", () =>
    withDirectory((directory) =>
      Effect.gen(function*() {
        const table = yield* open(
          directory,
          Effect.gen(function*() {
            const store = yield* Store
            const table = yield* makeTable()
            yield* upload(table, `a\n${Array.from({ length: 50_000 }, (_, index) => index).join("\n")}\n`)
            const stream = yield* store.rows.read({ kind: "table", table: yield* reload(table) }, "arrow")
            yield* Effect.forkChild(Stream.runForEach(stream, () => Effect.never))
            yield* Effect.forkChild(makeTable())
            yield* Effect.yieldNow
            return table
          })
        )
        const rows = yield* open(directory, reload(table))
        assert.strictEqual(rows.numRows, 50_000)
      })
    ))
})

layer(StoreDuckDB.layer())("atomically", (it) => {
  it.effect("keeps all of it, rows as well, when it succeeds", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* store.atomically(Effect.gen(function*() {
        const table = yield* makeTable()
        yield* upload(table, "a\n1\n")
        yield* upload(table, "a\n2\n")
        const { dataset } = table.container.kind === "dataset" ? table.container.at : assert.fail()
        yield* store.versions.release(dataset.id)
        return table
      }))
      assert.strictEqual(yield* csvOf(table), "a\n1\n2\n")
    }))

  it.effect("keeps none of it when it fails or is interrupted", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const names = [unique("gone"), unique("gone")]
      const seed = (name: string, end: Effect.Effect<never, string>) =>
        store.atomically(Effect.gen(function*() {
          yield* store.accounts.putUser({ name })
          const at = yield* store.datasets.create(name, { name: "d" })
          yield* upload(yield* store.tables.create(at, { name: "t" }), "a\n1\n")
          assert.strictEqual((yield* store.datasets.list(name)).length, 1)
          return yield* end
        }))
      assert.strictEqual(yield* Effect.flip(seed(names[0]!, Effect.fail("no"))), "no")
      const fiber = yield* Effect.forkChild(seed(names[1]!, Effect.never))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(fiber)
      for (const name of names) assert.strictEqual((yield* Effect.flip(store.accounts.get(name)))._tag, "StoreNotFound")
      assert.strictEqual((yield* makeDataset).version.tag, "next")
    }))

  it.effect("hides what is not done yet from everyone else", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const name = unique("hidden")
      const written = yield* Deferred.make<void>()
      const outside = yield* Effect.forkChild(
        Effect.andThen(Deferred.await(written), Effect.flip(store.accounts.get(name)))
      )
      yield* store.atomically(Effect.gen(function*() {
        yield* store.accounts.putUser({ name })
        assert.strictEqual((yield* store.accounts.get(name)).name, name)
        yield* Deferred.succeed(written, undefined)
        assert.strictEqual((yield* Fiber.join(outside))._tag, "StoreNotFound")
      }))
      assert.strictEqual((yield* store.accounts.get(name)).name, name)
    }))
})

layer(StoreDuckDB.layer())("many at once", (it) => {
  it.effect("make one draft, one dataset of a name, and lose no upload", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* makeTable()
      const { dataset } = table.container.kind === "dataset" ? table.container.at : assert.fail()
      const owner = dataset.owner.name
      const all = { concurrency: "unbounded" } as const
      const made = yield* Effect.forEach([1, 2, 3, 4, 5], () =>
        Effect.result(store.datasets.create(owner, { name: "same" })), all)
      assert.strictEqual(
        made.filter(({ _tag }) =>
          _tag === "Success"
        ).length,
        1
      )
      yield* Effect.forEach(
        Array.from({ length: 8 }, (_, index) => index),
        (index) => upload(table, `a\n${index}\n`, { name: "same.csv" }),
        all
      )
      const uploads = yield* store.uploads.list(table)
      assert.strictEqual(
        new Set(uploads.map(({ name }) => name)).size,
        8
      )
      assert.deepStrictEqual(
        (yield* csvOf(table)).trim().split("\n").slice(1).map(Number).toSorted((left, right) => left - right),
        [
          0,
          1,
          2,
          3,
          4,
          5,
          6,
          7
        ]
      )
      yield* store.versions.release(dataset.id)
      const drafts = yield* Effect.forEach(
        [1, 2, 3, 4],
        () => Effect.result(store.versions.createNext(dataset.id)),
        all
      )
      assert.strictEqual(drafts.filter(({ _tag }) => _tag === "Success").length, 1)
      const next = yield* reload(table, "next")
      const runs = yield* store.uploads.create(next, { content: { kind: "bytes", bytes: bytesOf("a\n9\n") } })
      yield* Effect.forEach([1, 2, 3], () => store.uploads.run(runs.id), all)
      assert.strictEqual((yield* reload(table, "next")).numRows, 9)
    }))
})
