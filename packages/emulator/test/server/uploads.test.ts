import { assert, describe, layer } from "@effect/vitest"
import { table, upload } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"
import { connect } from "node:net"
import * as Emulator from "../../src/Emulator.ts"
import { call, callUrl, failure, json, until } from "./harness.ts"

const csv = "species,mass\nAdelie,3750\nGentoo,5000\n"

/** A fresh draft with a table `t`, and its path. */
const draft = (name: string) =>
  Effect.gen(function*() {
    yield* json("/users/researcher/datasets", { method: "POST", json: { name, publicAccessLevel: "none" } })
    yield* json(`/datasets/researcher.${name}:next/tables`, { method: "POST", json: { name: "t" } })
    return `/tables/researcher.${name}:next.t`
  })

const settled = (uri: string) => until(json(uri), ({ status }) => status === "completed" || status === "failed")

const form = (metadata: object | undefined, data: string, options: { readonly asFields?: boolean } = {}): FormData => {
  const parts = new FormData()
  const text = JSON.stringify(metadata)
  if (metadata !== undefined) {
    parts.append("metadata", options.asFields === true ? text : new Blob([text], { type: "application/json" }))
  }
  if (options.asFields === true) parts.append("data", data)
  else parts.append("data", new Blob([data]), "file.csv")
  return parts
}

const temp = (path: string, size: number, resumable = false) =>
  Effect.map(
    json(`${path}/tempUploads`, { method: "POST", json: { tempUploads: [{ name: "f.csv", size, resumable }] } }),
    ({ results }) => results[0]
  )

layer(Emulator.layer({ rateLimit: 100_000 }), { excludeTestServices: true })("uploads", (it) => {
  describe("of forms", () => {
    it.effect("are imported after they are answered", () =>
      Effect.gen(function*() {
        const path = yield* draft("forms")
        const made = yield* json(`${path}/uploads`, {
          method: "POST",
          body: form({ name: "birds.csv", type: null }, csv)
        })
        assert.isTrue(Schema.is(upload.Upload)(made))
        assert.deepStrictEqual([made.kind, made.name, made.type, made.size], [
          "upload",
          "birds.csv",
          "delimited",
          csv.length
        ])
        assert.include(["queued", "running"], made.status)
        const done = yield* settled(made.uri)
        assert.deepStrictEqual([done.status, done.numRows, done.errorMessage], ["completed", 2, null])
        assert.strictEqual(done.hash, createHash("md5").update(csv).digest("hex"))
        assert.isAbove(done.numBytes, 0)
        // by its name, with dots as underscores as clients write them
        assert.strictEqual((yield* json(`${path}/uploads/birds_csv`)).id, made.id)
        assert.strictEqual((yield* call(`${path}/uploads/other`)).status, 404)
        const { name, numRows } = yield* json(path)
        assert.deepStrictEqual([name, numRows], ["t", 2])
        const variables = yield* json(`${path}/variables`)
        assert.deepStrictEqual(variables.results.map(({ name, type }: any) => [name, type]), [["species", "string"], [
          "mass",
          "integer"
        ]])
      }))

    it.effect("come with parts as files or as fields, with a type or without", () =>
      Effect.gen(function*() {
        const path = yield* draft("parts")
        const boundary = "----x"
        const raw = [
          `--${boundary}`,
          "Content-Disposition: form-data; name=\"metadata\"; filename=\"metadata\"",
          "",
          JSON.stringify({
            name: "raw.csv",
            schema: null,
            nullMarkers: "NA",
            delimiter: null,
            metadata: { mass: { label: "Mass" } }
          }),
          `--${boundary}`,
          "Content-Disposition: form-data; name=\"data\"; filename=\"raw.csv\"",
          "",
          "species,mass\nAdelie,NA\n",
          `--${boundary}--`,
          ""
        ].join("\r\n")
        const answers = [
          yield* json(`${path}/uploads`, { method: "POST", body: form({ name: "a.csv" }, csv, { asFields: true }) }),
          yield* json(`${path}/uploads`, {
            method: "POST",
            body: raw,
            headers: { "content-type": `multipart/form-data; boundary=${boundary}` }
          }),
          // the name in the query wins, and a name may be left out
          yield* json(`${path}/uploads?name=b.csv`, { method: "POST", body: form({ name: "c.csv" }, csv) }),
          yield* json(`${path}/uploads`, { method: "POST", body: form({}, csv) }),
          // the oldest form
          yield* json(`${path}/uploads?name=old.csv&type=delimited`, {
            method: "POST",
            body: csv,
            headers: { "content-type": "text/csv" }
          })
        ]
        assert.deepStrictEqual(answers.map(({ name }) => name), ["a.csv", "raw.csv", "b.csv", "file.csv", "old.csv"])
        for (const { uri } of answers) assert.strictEqual((yield* settled(uri)).status, "completed")
        const raws = yield* json(answers[1].uri)
        assert.deepStrictEqual(raws.nullMarkers, ["NA"])
        const { results } = yield* json(`${path}/variables`)
        assert.strictEqual(results.find(({ name }: any) => name === "mass").label, "Mass")
        const again = yield* json(`${path}/uploads`, { method: "POST", body: form({ name: "a.csv" }, csv) })
        assert.notStrictEqual(again.name, "a.csv")
      }))

    it.effect("that are malformed are refused", () =>
      Effect.gen(function*() {
        const path = yield* draft("malformed")
        const headers = { "content-type": "multipart/form-data; boundary=x" }
        const refusals = [
          [{ body: "nonsense", headers }, "multipart"],
          [{ body: form({ name: "a.csv", hasHeaderRow: "perhaps" }, csv) }, "hasHeaderRow"],
          [{ body: form({ name: "a.csv", type: "spreadsheet" }, csv) }, "type"],
          [{ json: { name: "a.csv" } }, "data"],
          [{ json: { name: "a.csv", tempUploadId: "nothing" } }, "tempUploadId"],
          [{ json: { name: "a", transferSpecification: { sourceType: "gcs", sourcePath: "a/b" } } }, "transfer"]
        ] as const
        for (const [options, word] of refusals) {
          const { description, status } = failure(yield* call(`${path}/uploads`, { method: "POST", ...options }))
          assert.strictEqual(status, 400, word)
          assert.include(description, word)
        }
        const parts = new FormData()
        parts.append("metadata", JSON.stringify({ name: "a.csv" }))
        assert.strictEqual((yield* call(`${path}/uploads`, { method: "POST", body: parts })).status, 400)
      }))

    it.effect("that cannot be read fail with a message", () =>
      Effect.gen(function*() {
        const path = yield* draft("unreadable")
        const made = yield* json(`${path}/uploads`, {
          method: "POST",
          body: form({ name: "bad.parquet", type: "parquet" }, "no parquet at all")
        })
        const done = yield* settled(made.uri)
        assert.strictEqual(done.status, "failed")
        assert.isAbove(done.errorMessage.length, 5)
      }))

    it.effect("are only taken by a draft, of who may edit it", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        yield* emulator.seed({ users: [{ name: "other" }] })
        const path = yield* draft("closed")
        const token = yield* emulator.makeToken({ user: "other" })
        const body = () => form({ name: "a.csv" }, csv)
        assert.strictEqual((yield* call(`${path}/uploads`, { method: "POST", body: body(), token })).status, 404)
        assert.strictEqual((yield* call(`${path}/uploads`, { method: "POST", body: body(), token: null })).status, 401)
        yield* json("/datasets/researcher.closed/versions/next/release", { method: "POST" })
        const released = path.replace(":next", "")
        assert.strictEqual((yield* call(`${released}/uploads`, { method: "POST", body: body() })).status, 400)
        const tempUploads = [{ name: "a", size: 1 }]
        assert.strictEqual(
          (yield* call(`${released}/tempUploads`, { method: "POST", json: { tempUploads } })).status,
          400
        )
      }))
  })

  describe("of streams", () => {
    it.effect("are there at once", () =>
      Effect.gen(function*() {
        const path = yield* draft("streams")
        const made = yield* json(`${path}/uploads`, {
          method: "POST",
          json: {
            name: "s",
            type: "stream",
            schema: [{ name: "a", type: "integer" }],
            tempUploadId: null,
            metadata: null
          }
        })
        assert.deepStrictEqual([made.status, made.type], ["completed", "stream"])
      }))
  })

  describe("of temporary files", () => {
    it.effect("are sent whole to another origin, then named", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const path = yield* draft("whole")
        const answer = yield* json(`${path}/tempUploads`, {
          method: "POST",
          json: { tempUploads: [{ name: "b", size: csv.length }, { name: "a", size: 4, resumable: true }] }
        })
        assert.isTrue(Schema.is(table.createTempUploads.success!)(answer))
        assert.deepStrictEqual(
          [answer.kind, ...answer.results.map(({ kind, name, resumable, size }: any) => [kind, name, size, resumable])],
          ["tempUploadList", ["tempUpload", "b", String(csv.length), false], ["tempUpload", "a", "4", true]]
        )
        const { id, url } = answer.results[0]
        assert.strictEqual(new URL(url).origin, emulator.storageUrl)
        assert.notStrictEqual(new URL(url).origin, new URL(emulator.baseUrl).origin)
        const early = yield* call(`${path}/uploads`, { method: "POST", json: { name: "b.csv", tempUploadId: id } })
        assert.strictEqual(early.status, 400)
        assert.strictEqual((yield* callUrl(url, { method: "PUT", body: "short" })).status, 400)
        assert.strictEqual((yield* callUrl(url, { method: "PUT", body: csv })).status, 200)
        const made = yield* json(`${path}/uploads`, { method: "POST", json: { name: "b.csv", tempUploadId: id } })
        assert.strictEqual((yield* settled(made.uri)).numRows, 2)
        // its bytes are used up
        assert.strictEqual(
          (yield* call(`${path}/uploads`, { method: "POST", json: { name: "c.csv", tempUploadId: id } })).status,
          400
        )
        assert.strictEqual((yield* callUrl(url, { method: "PUT", body: csv })).status, 412)
        assert.strictEqual(
          (yield* callUrl(`${emulator.storageUrl}/temp/unknown`, { method: "PUT", body: csv })).status,
          404
        )
        assert.strictEqual((yield* callUrl(`${emulator.storageUrl}/else`)).status, 404)
      }))

    it.effect("are sent in chunks, and go on where they stand", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const path = yield* draft("chunks")
        const { id, resumable, url } = yield* temp(path, csv.length, true)
        assert.isTrue(resumable)
        const wrongly = yield* callUrl(url, { method: "POST" })
        assert.strictEqual(wrongly.status, 400)
        const started = yield* callUrl(url, {
          method: "POST",
          headers: { "x-goog-resumable": "start", "x-upload-content-length": String(csv.length) }
        })
        assert.strictEqual(started.status, 201)
        const session = started.headers.get("location")!
        assert.strictEqual(new URL(session).origin, emulator.storageUrl)
        const put = (range: string | undefined, body: string) =>
          Effect.map(
            callUrl(session, { method: "PUT", body, headers: range === undefined ? {} : { "content-range": range } }),
            (reply) => [reply.status, reply.headers.get("range")]
          )
        const total = csv.length
        assert.deepStrictEqual(yield* put(`bytes */${total}`, ""), [308, null])
        assert.deepStrictEqual(yield* put(`bytes 0-9/${total}`, csv.slice(0, 10)), [308, "bytes=0-9"])
        assert.deepStrictEqual(yield* put(`bytes */${total}`, ""), [308, "bytes=0-9"])
        assert.deepStrictEqual(yield* put(`bytes */*`, ""), [308, "bytes=0-9"])
        // a gap, another total, a length that does not fit, nonsense
        assert.deepStrictEqual((yield* put(`bytes 12-13/${total}`, "xx"))[0], 400)
        assert.deepStrictEqual((yield* put(`bytes 10-11/${total + 1}`, "xx"))[0], 400)
        assert.deepStrictEqual((yield* put(`bytes 10-14/${total}`, "xx"))[0], 400)
        assert.deepStrictEqual((yield* put("bytes 10", "xx"))[0], 400)
        assert.deepStrictEqual((yield* put(`bytes 10-${total}/${total}`, "xx"))[0], 416)
        // a repeat of what is there already
        assert.deepStrictEqual(yield* put(`bytes 5-14/${total}`, csv.slice(5, 15)), [308, "bytes=0-14"])
        assert.deepStrictEqual(yield* put(`bytes 15-${total - 1}/*`, csv.slice(15)), [200, null])
        assert.deepStrictEqual(yield* put(`bytes */${total}`, ""), [200, null])
        const made = yield* json(`${path}/uploads`, { method: "POST", json: { name: "c.csv", tempUploadId: id } })
        assert.deepStrictEqual((yield* settled(made.uri)).hash, createHash("md5").update(csv).digest("hex"))
        assert.strictEqual(
          (yield* callUrl(`${emulator.storageUrl}/resumable/unknown`, { method: "PUT", body: "" })).status,
          404
        )
      }))

    it.effect("keep what came before a connection broke", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const path = yield* draft("broken")
        const { url } = yield* temp(path, csv.length, true)
        const started = yield* callUrl(url, { method: "POST", headers: { "x-goog-resumable": "start" } })
        const session = started.headers.get("location")!
        const { hostname, pathname, port } = new URL(session)
        const socket = connect(Number(port), hostname)
        socket.write(
          `PUT ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Length: ${csv.length}\r\n` +
            `Content-Range: bytes 0-${csv.length - 1}/${csv.length}\r\n\r\n${csv.slice(0, 7)}`
        )
        yield* until(emulator.requests, (requests) => requests.at(-1)?.body.bytes === 7)
        socket.destroy()
        yield* until(emulator.unfinishedResponses, (count) => count === 0)
        assert.strictEqual((yield* emulator.requests).at(-1)?.outcome, "aborted")
        const probe = yield* callUrl(session, {
          method: "PUT",
          body: "",
          headers: { "content-range": `bytes */${csv.length}` }
        })
        assert.deepStrictEqual([probe.status, probe.headers.get("range")], [308, "bytes=0-6"])
      }))

    it.effect("are told apart from other tables' and from those that expired", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const path = yield* draft("mine")
        const elsewhere = yield* draft("elsewhere")
        const { id, url } = yield* temp(elsewhere, csv.length)
        yield* callUrl(url, { method: "PUT", body: csv })
        const { description, status } = failure(
          yield* call(`${path}/uploads`, { method: "POST", json: { name: "c.csv", tempUploadId: id } })
        )
        assert.strictEqual(status, 400)
        assert.include(description, "another table")
        yield* emulator.clock.adjust("8 days")
        assert.strictEqual((yield* callUrl(url, { method: "PUT", body: csv })).status, 404)
        yield* emulator.clock.adjust(-8 * 24 * 60 * 60 * 1000)
      }))

    it.effect("must be asked for with a size and a name", () =>
      Effect.gen(function*() {
        const path = yield* draft("asked")
        for (const tempUploads of [[], [{ name: "a" }], [{ name: "a", size: -1 }], [{ name: "", size: 1 }]]) {
          const reply = yield* call(`${path}/tempUploads`, { method: "POST", json: { tempUploads } })
          assert.strictEqual(reply.status, 400, JSON.stringify(tempUploads))
        }
      }))
  })
})
