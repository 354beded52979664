import { assert, describe, layer } from "@effect/vitest"
import { tableFromIPC } from "@uwdata/flechette"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import * as Emulator from "../../src/Emulator.ts"
import { call, callUrl, failure, json, until } from "./harness.ts"

const text = "one bird\n"

/** A dataset with a file index in its draft, and the index's path. */
const index = (name: string, publicAccessLevel = "none") =>
  Effect.gen(function*() {
    yield* json("/users/researcher/datasets", { method: "POST", json: { name, publicAccessLevel } })
    yield* json(`/datasets/researcher.${name}/tables`, { method: "POST", json: { name: "files", isFileIndex: true } })
    return `/tables/researcher.${name}.files`
  })

const add = (path: string, name: string, content = text) =>
  Effect.gen(function*() {
    const { results: [{ id: tempUploadId, url }] } = yield* json(`${path}/tempUploads`, {
      method: "POST",
      json: { tempUploads: [{ name, size: content.length }] }
    })
    yield* callUrl(url, { method: "PUT", body: content })
    const reply = yield* call(`${path}/rawFiles`, { method: "POST", json: { files: [{ name, tempUploadId }] } })
    assert.strictEqual(reply.status, 201)
    return JSON.parse(reply.text).results[0]
  })

const release = (name: string) => json(`/datasets/researcher.${name}/versions/next/release`, { method: "POST" })

const settled = (path: string) => until(json(path), ({ status }) => !["queued", "running"].includes(status))

layer(Emulator.layer({ rateLimit: 100_000, exportPartBytes: 40 }), { excludeTestServices: true })("files", (it) => {
  it.effect("tell of themselves in their headers", () =>
    Effect.gen(function*() {
      const { id, md5Hash } = yield* add(yield* index("told"), "notes/é \"1\".txt")
      assert.match(id, /^[a-z0-9]{4}-[a-z0-9]{9}\.[\w-]{22}$/)
      const reply = yield* call(`/rawFiles/${id}`)
      assert.strictEqual(reply.text, text)
      const hash = createHash("md5").update(text).digest("base64")
      assert.strictEqual(md5Hash, hash)
      for (const method of ["GET", "HEAD"]) {
        const { headers } = yield* call(`/rawFiles/${id}`, { method })
        assert.deepStrictEqual(
          [
            "content-type",
            "content-length",
            "content-digest",
            "accept-ranges",
            "x-redivis-filename",
            "content-disposition"
          ]
            .map((name) => headers.get(name)),
          [
            "text/plain; charset=utf-8",
            "9",
            `md5=:${hash}:`,
            "bytes",
            "notes%2F%C3%A9%20%221%22.txt",
            "attachment; filename=\"_ \\\"1\\\".txt\""
          ]
        )
      }
    }))

  it.effect("have an index of four variables, before the first of them too, and are listed with a fifth", () =>
    Effect.gen(function*() {
      const path = yield* index("variables")
      const variables = Effect.map(
        json(`${path}/variables`),
        ({ results }) => results.map(({ isFileId, name, type }: any) => [name, type, isFileId])
      )
      const four = [
        ["file_id", "string", true],
        ["file_name", "string", false],
        ["size", "integer", false],
        ["md5_hash", "string", false]
      ]
      assert.deepStrictEqual(yield* variables, four)
      assert.strictEqual((yield* call(`${path}/rows?format=csv`)).text, "file_id,file_name,size,md5_hash\n")
      assert.deepStrictEqual([(yield* json(path)).numRows, (yield* json(path)).variableCount], [0, 4])
      const { id } = yield* add(path, "a.txt")
      assert.deepStrictEqual(yield* variables, four)
      const hash = createHash("md5").update(text).digest("base64")
      assert.strictEqual(
        (yield* call(`${path}/rows`)).text,
        `{"file_id":"${id}","file_name":"a.txt","size":9,"md5_hash":"${hash}"}\n`
      )
      assert.deepStrictEqual(tableFromIPC((yield* call(`${path}/rawFiles?format=arrow`)).bytes).names, [
        ...four.map(([name]) => name),
        "added_at"
      ])
      // a table that becomes an index, and one that is none any more
      const emulator = yield* Emulator.Emulator
      yield* emulator.seed({
        datasets: [{
          owner: "researcher",
          name: "becoming",
          versions: [false, true, false].map((isFileIndex) => ({ tables: [{ name: "t", isFileIndex }] }))
        }]
      })
      for (const [version, count] of [["v1_0", 0], ["v1_1", 4], ["v1_2", 4]] as const) {
        const { results } = yield* json(`/tables/researcher.becoming:${version}.t/variables`)
        assert.strictEqual(results.length, count, version)
      }
    }))

  it.effect("are given in parts", () =>
    Effect.gen(function*() {
      const { id } = yield* add(yield* index("parts"), "a.txt")
      for (
        const [range, expected, contentRange] of [
          ["bytes=0-2", "one", "bytes 0-2/9"],
          ["bytes=4-", "bird\n", "bytes 4-8/9"],
          ["bytes=4-100", "bird\n", "bytes 4-8/9"],
          ["bytes=-5", "bird\n", "bytes 4-8/9"]
        ] as const
      ) {
        const reply = yield* call(`/rawFiles/${id}`, { headers: { range } })
        assert.deepStrictEqual(
          [reply.status, reply.text, reply.headers.get("content-range"), reply.headers.get("content-length")],
          [206, expected, contentRange, String(expected.length)]
        )
      }
      for (const range of ["bytes=9-", "bytes=5-3", "lines=1-2", "bytes=0-1,3-4"]) {
        const reply = yield* call(`/rawFiles/${id}`, { headers: { range } })
        assert.strictEqual(failure(reply).status, range === "bytes=9-" ? 416 : 400)
        assert.strictEqual(reply.headers.get("content-range"), range === "bytes=9-" ? "bytes */9" : null)
      }
    }))

  it.effect("of a draft are a secret of those who edit, and are open once they are released to all", () =>
    Effect.gen(function*() {
      const path = yield* index("opened", "data")
      const { id } = yield* add(path, "a.txt")
      const emulator = yield* Emulator.Emulator
      yield* emulator.seed({ users: [{ name: "passer" }] })
      const token = yield* emulator.makeToken({ user: "passer", scopes: ["public"] })
      assert.strictEqual((yield* call(`/rawFiles/${id}`, { token })).status, 404)
      yield* release("opened")
      assert.strictEqual((yield* call(`/rawFiles/${id}`, { token })).text, text)
    }))

  it.effect("are replaced in a draft by others of the same name, and stay in the versions before", () =>
    Effect.gen(function*() {
      const path = yield* index("replaced")
      const first = yield* add(path, "a.txt", "first")
      const gone = yield* add(path, "b.txt", "gone soon")
      const second = yield* add(path, "b.txt", "second")
      assert.strictEqual((yield* call(`/rawFiles/${gone.id}`)).status, 404)
      assert.strictEqual((yield* json(path)).numRows, 2)
      yield* release("replaced")
      yield* json("/datasets/researcher.replaced/versions", { method: "POST" })
      const next = "/tables/researcher.replaced:next.files"
      const third = yield* add(next, "a.txt", "third")
      const names = (path: string) =>
        Effect.map(call(`${path}/rows?format=csv&selectedVariables=file_id`), ({ text }) => text)
      assert.strictEqual(yield* names(next), `file_id\n${second.id}\n${third.id}\n`)
      assert.strictEqual(yield* names(path), `file_id\n${first.id}\n${second.id}\n`)
      assert.strictEqual((yield* call(`/rawFiles/${first.id}`)).text, "first")
      // in the context of a version that does not have it, it is not there
      assert.strictEqual((yield* call(`/rawFiles/${first.id}?version=next`)).status, 404)
      assert.strictEqual((yield* call(`/rawFiles/${first.id}?version=v1.0`)).status, 200)
      assert.strictEqual((yield* call(`/rawFiles/${first.id}?table=researcher.replaced:next.files`)).status, 404)
      // a draft that is given up takes its own files along
      yield* call("/datasets/researcher.replaced/versions/next", { method: "DELETE" })
      assert.strictEqual((yield* call(`/rawFiles/${third.id}`)).status, 404)
      assert.strictEqual((yield* call(`/rawFiles/${second.id}`)).status, 200)
    }))

  it.effect("are not listed by their ids to who may not know of them", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      yield* emulator.seed({ users: [{ name: "guesser" }], tokens: [{ text: "guesser-token", user: "guesser" }] })
      const { id } = yield* add(yield* index("guessed"), "secret-name.txt")
      yield* release("guessed")
      const listing = (token: string | undefined) =>
        Effect.gen(function*() {
          const query = yield* json("/queries", { method: "POST", token, json: { query: `select '${id}' as file_id` } })
          return yield* call(`/queries/${query.id}/rawFiles?format=arrow`, { token })
        })
      assert.include((yield* listing(undefined)).text, "secret-name.txt")
      assert.notInclude((yield* listing("guesser-token")).text, "secret-name.txt")
      assert.strictEqual((yield* call(`/rawFiles/${id}`, { token: "guesser-token" })).status, 404)
    }))

  it.effect("are listed anew only where something changed since then", () =>
    Effect.gen(function*() {
      const path = yield* index("modified")
      yield* add(path, "a.txt")
      const ask = (at: number) =>
        call(`${path}/rawFiles?format=arrow`, { headers: { "if-modified-since": new Date(at).toUTCString() } })
      const { headers, status } = yield* ask(0)
      assert.strictEqual(status, 200)
      const modified = Date.parse(headers.get("last-modified") ?? "")
      assert.strictEqual((yield* ask(modified + 1000)).status, 304)
      // the second in which it changed is not over for who asks
      assert.strictEqual((yield* ask(modified - 1000)).status, 200)
    }))

  describe("of exports", () => {
    it.effect("are several where there are many rows", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        yield* emulator.seed({
          datasets: [{
            owner: "researcher",
            name: "large",
            tables: [{ name: "t", rows: Array.from({ length: 12 }, (_, n) => ({ n })) }]
          }]
        })
        const made = yield* json("/tables/researcher.large.t/exports", { method: "POST", json: { format: "csv" } })
        const done = yield* settled(made.uri)
        assert.deepStrictEqual([done.status, done.fileCount, done.percentCompleted], ["completed", 3, 100])
        const parts = yield* Effect.forEach([0, 1, 2], (part) => call(`${made.uri}/download?filePart=${part}`))
        assert.deepStrictEqual(parts.map(({ text }) => text), [
          "n\n0\n1\n2\n3\n4\n",
          "n\n5\n6\n7\n8\n9\n",
          "n\n10\n11\n"
        ])
        assert.strictEqual(done.size, parts.reduce((sum, { text }) => sum + text.length, 0))
        assert.strictEqual(parts[2]?.headers.get("content-disposition"), "attachment; filename=\"000002.csv\"")
        const tail = yield* call(`${made.uri}/download?filePart=2`, { headers: { range: "bytes=5-" } })
        assert.deepStrictEqual([tail.status, tail.text], [206, "11\n"])
        assert.strictEqual((yield* call(`${made.uri}/download?filePart=3`)).status, 400)
      }))

    it.effect("are what the rows were, whatever becomes of the table", () =>
      Effect.gen(function*() {
        const path = yield* index("kept")
        yield* add(path, "a.txt")
        const made = yield* json(`${path}/exports`, { method: "POST", json: { format: "ndjson" } })
        yield* add(path, "a.txt", "another")
        yield* settled(made.uri)
        assert.include((yield* call(`${made.uri}/download`)).text, "\"size\":9")
        yield* call("/datasets/researcher.kept", { method: "DELETE" })
        assert.strictEqual((yield* call(made.uri)).status, 404)
      }))

    it.effect("fail in formats that cannot be written, and of tables without variables", () =>
      Effect.gen(function*() {
        yield* json("/users/researcher/datasets", {
          method: "POST",
          json: { name: "empty", publicAccessLevel: "none" }
        })
        yield* json("/datasets/researcher.empty/tables", { method: "POST", json: { name: "bare" } })
        const path = "/tables/researcher.empty.bare"
        for (const format of ["avro", "dta", "sav", "csv"]) {
          const made = yield* json(`${path}/exports`, { method: "POST", json: { format } })
          const done = yield* settled(made.uri)
          assert.deepStrictEqual([done.status, done.fileCount, done.size], ["failed", null, null])
          assert.match(done.errorMessage, format === "csv" ? /no variables/ : new RegExp(`cannot write ${format}`))
          assert.strictEqual((yield* call(`${made.uri}/download`)).status, 400)
        }
      }))

    it.effect("count against the quota of reading", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const path = yield* index("counted")
        yield* emulator.setUsage({ user: "researcher", readBytes: 1e15 })
        const refused = failure(yield* call(`${path}/exports`, { method: "POST", json: { format: "csv" } }))
        assert.deepStrictEqual([refused.status, /Cannot export more than/.test(refused.description)], [400, true])
        yield* emulator.setUsage({ user: "researcher", readBytes: 0 })
      }))
  })
})
