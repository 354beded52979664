import { assert, describe, layer } from "@effect/vitest"
import { readSession } from "@effect-redivis/core/Contract"
import { tableFromIPC } from "@uwdata/flechette"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Emulator from "../../src/Emulator.ts"
import { call, failure, json, penguins } from "./harness.ts"

const birds = "/tables/demo.penguins_.birds"

const arrowRows = (bytes: Uint8Array) => {
  const table = tableFromIPC(bytes)
  return { names: table.names, rows: table.toArray() as ReadonlyArray<Record<string, unknown>> }
}

const many = {
  users: [{ name: "many" }],
  datasets: [{
    owner: "many",
    name: "Numbers",
    publicAccessLevel: "data",
    // several batches
    tables: [{
      name: "t",
      text: `n\n${Array.from({ length: 30_000 }, (_, index) => index).join("\n")}\n`,
      type: "delimited"
    }]
  }]
} as const

layer(Emulator.layer({ seed: penguins(), rateLimit: 100_000, streamRows: 1, rowOrder: "stored" }), {
  excludeTestServices: true
})(
  "rows",
  (it) => {
    describe("of a table", () => {
      it.effect("are an object a line, numbers as numbers, unless another format is named", () =>
        Effect.gen(function*() {
          for (const query of ["", "?format=jsonl"]) {
            const reply = yield* call(`${birds}/rows${query}`, { token: null })
            assert.strictEqual(reply.status, 200)
            assert.strictEqual(reply.headers.get("content-type"), "application/x-ndjson")
            assert.strictEqual(reply.headers.get("transfer-encoding"), "chunked")
            assert.deepStrictEqual(reply.text.split("\n"), [
              "{\"species\":\"Adelie\",\"body_mass_g\":3750,\"flipper\":18.1}",
              "{\"species\":\"Gentoo\",\"body_mass_g\":5000,\"flipper\":null}",
              "{\"species\":\"Chinstrap\",\"body_mass_g\":null,\"flipper\":19.5}",
              ""
            ])
          }
        }))

      it.effect("are an array a line, all numbers as text, where the older format is named", () =>
        Effect.gen(function*() {
          const reply = yield* call(`${birds}/rows?format=ndjson`, { token: null })
          assert.strictEqual(reply.headers.get("content-type"), "application/x-ndjson")
          assert.deepStrictEqual(reply.text.trim().split("\n").map((line) => JSON.parse(line)), [
            ["Adelie", "3750", "18.1"],
            ["Gentoo", "5000", null],
            ["Chinstrap", null, "19.5"]
          ])
        }))

      it.effect("keep every digit in both kinds of lines, of every type, of a table and of a query's result", () =>
        Effect.gen(function*() {
          const emulator = yield* Emulator.Emulator
          const text = "i,f,b,d,t,m,s,\"a \"\"b\"\"\"\n" +
            "9223372036854775807,0.1,true,2020-02-29,03:04:05.678901,2020-02-29 03:04:05.678901,é,1\n" +
            "-9007199254740993,-1e300,false,0001-01-01,,,\"x,\"\"y\"\"\",2\n"
          yield* emulator.seed({
            users: [{ name: "exact" }],
            datasets: [{
              owner: "exact",
              name: "d",
              publicAccessLevel: "data",
              tables: [{ name: "t", text, type: "delimited" }]
            }]
          })
          const types = (yield* json("/tables/exact.d.t/variables")).results.map(({ type }: any) => type)
          assert.deepStrictEqual(types.slice(0, 7), [
            "integer",
            "float",
            "boolean",
            "date",
            "time",
            "dateTime",
            "string"
          ])
          const query = yield* json("/queries", { method: "POST", json: { query: "select * from `exact.d.t`" } })
          for (const path of ["/tables/exact.d.t", `/queries/${query.id}`]) {
            const lines = (format: string) =>
              Effect.map(call(`${path}/rows${format}`), ({ text }) => text.trimEnd().split("\n").toSorted())
            const objects = [
              "{\"i\":-9007199254740993,\"f\":-1e+300,\"b\":false,\"d\":\"0001-01-01\",\"t\":null,\"m\":null," +
              "\"s\":\"x,\\\"y\\\"\",\"a \\\"b\\\"\":2}",
              "{\"i\":9223372036854775807,\"f\":0.1,\"b\":true,\"d\":\"2020-02-29\",\"t\":\"03:04:05.678901\"," +
              "\"m\":\"2020-02-29 03:04:05.678901\",\"s\":\"é\",\"a \\\"b\\\"\":1}"
            ]
            assert.deepStrictEqual(yield* lines(""), objects)
            assert.deepStrictEqual(yield* lines("?format=jsonl"), objects)
            assert.deepStrictEqual(yield* lines("?format=ndjson"), [
              "[\"-9007199254740993\",\"-1e+300\",false,\"0001-01-01\",null,null,\"x,\\\"y\\\"\",\"2\"]",
              "[\"9223372036854775807\",\"0.1\",true,\"2020-02-29\",\"03:04:05.678901\"," +
              "\"2020-02-29 03:04:05.678901\",\"é\",\"1\"]"
            ])
          }
        }))

      it.effect("begin at the first, whatever `startIndex` says", () =>
        Effect.gen(function*() {
          for (const format of ["csv", "jsonl", "ndjson"]) {
            const path = `${birds}/rows?format=${format}&maxResults=2`
            assert.strictEqual((yield* call(`${path}&startIndex=2`)).text, (yield* call(path)).text)
          }
        }))

      it.effect("come in another order with each request, of which a seed makes one", () =>
        Effect.gen(function*() {
          const emulator = yield* Emulator.Emulator
          const lines = Effect.map(call(`${birds}/rows?format=csv`), ({ text }) => text.trim().split("\n"))
          yield* emulator.setRowOrder("any")
          const orders = new Set<string>()
          for (let asked = 0; asked < 60; asked++) {
            const [header, ...rows] = yield* lines
            assert.strictEqual(header, "species,body_mass_g,flipper")
            assert.strictEqual(new Set(rows).size, 3)
            orders.add(rows.join())
          }
          // three rows have six orders, all of which come about
          assert.strictEqual(orders.size, 6)
          yield* emulator.setRowOrder(5)
          const fixed = yield* lines
          assert.deepStrictEqual(yield* lines, fixed)
          yield* emulator.setRowOrder("stored")
          assert.deepStrictEqual((yield* lines).slice(1), ["Adelie,3750,18.1", "Gentoo,5000,", "Chinstrap,,19.5"])
        }))

      it.effect("are CSV with a header", () =>
        Effect.gen(function*() {
          const reply = yield* call(`${birds}/rows?format=csv`, { token: null })
          assert.strictEqual(reply.headers.get("content-type"), "text/csv; charset=utf-8")
          assert.deepStrictEqual(reply.text.trim().split(/\r?\n/), [
            "species,body_mass_g,flipper",
            "Adelie,3750,18.1",
            "Gentoo,5000,",
            "Chinstrap,,19.5"
          ])
        }))

      it.effect("are an Arrow stream", () =>
        Effect.gen(function*() {
          const reply = yield* call(`${birds}/rows?format=arrow`, { token: null })
          assert.strictEqual(reply.headers.get("content-type"), "application/vnd.apache.arrow.stream")
          const { names, rows } = arrowRows(reply.bytes)
          assert.deepStrictEqual(names, ["species", "body_mass_g", "flipper"])
          assert.strictEqual(rows.length, 3)
        }))

      it.effect("have the variables that are selected, in their order, in every spelling of a list", () =>
        Effect.gen(function*() {
          for (
            const query of [
              "selectedVariables=flipper,SPECIES",
              "selectedVariables=flipper&selectedVariables=species",
              "selectedVariables=Flipper%2Cspecies"
            ]
          ) {
            const reply = yield* call(`${birds}/rows?maxResults=1&${query}`)
            assert.strictEqual(reply.text, "{\"flipper\":18.1,\"species\":\"Adelie\"}\n", query)
          }
          const { description, status } = failure(yield* call(`${birds}/rows?selectedVariables=wings`))
          assert.strictEqual(status, 400)
          assert.include(description, "wings")
          assert.strictEqual((yield* call(`${birds}/rows?format=xml`)).status, 400)
          assert.strictEqual((yield* call(`${birds}/rows?maxResults=-1`)).status, 400)
          assert.strictEqual((yield* call(`${birds}/rows?maxResults=0`)).text, "")
          assert.strictEqual((yield* call("/tables/demo.penguins_.no/rows")).status, 404)
        }))
    })

    describe("of a session", () => {
      it.effect("are read from its streams, from an offset, with a sentinel", () =>
        Effect.gen(function*() {
          const session = yield* json(`${birds}/readSessions`, {
            method: "POST",
            json: { requestedStreamCount: 2, selectedVariables: ["SPECIES"], format: "arrow" }
          })
          assert.isTrue(Schema.is(readSession.ReadSession)(session))
          assert.strictEqual(session.numRows, 3)
          assert.isAtMost(session.streams.length, 2)
          const read: Array<unknown> = []
          for (const stream of session.streams) {
            const reply = yield* call(`/readStreams/${stream.id}?offset=0&eosSentinel=true`)
            assert.strictEqual(reply.headers.get("content-type"), "application/vnd.apache.arrow.stream")
            const { names, rows } = arrowRows(reply.bytes)
            assert.deepStrictEqual(names, ["species"])
            assert.strictEqual(rows.length, stream.estimatedRows)
            read.push(...rows.map(({ species }) => species))
            const plain = yield* call(`/readStreams/${stream.id}`)
            assert.isBelow(plain.bytes.length, reply.bytes.length)
            const rest = yield* call(`/readStreams/${stream.id}?offset=1`)
            assert.strictEqual(arrowRows(rest.bytes).rows.length, rows.length - 1)
            assert.strictEqual((yield* call(`/readStreams/${stream.id}?offset=99`)).status, 400)
          }
          assert.deepStrictEqual(read, ["Adelie", "Gentoo", "Chinstrap"])
          assert.strictEqual((yield* call("/readStreams/unknown")).status, 404)
        }))

      it.effect("are never compressed, whatever the client takes", () =>
        Effect.gen(function*() {
          const headers = { "accept-encoding": "gzip, deflate, br, zstd" }
          const session = yield* json(`${birds}/readSessions`, { method: "POST", json: {}, headers })
          const paths = [
            `/readStreams/${session.streams[0].id}`,
            `${birds}/rows?format=arrow`,
            `${birds}/rows?format=csv`,
            birds
          ]
          for (const path of paths) {
            const reply = yield* call(path, { headers })
            assert.strictEqual(reply.status, 200)
            assert.isNull(reply.headers.get("content-encoding"))
            // nor are the bodies of batches: apache-arrow does not read those that are
            if (reply.headers.get("content-type")?.includes("arrow") === true) {
              assert.strictEqual(arrowRows(reply.bytes).rows.length, 3)
            }
          }
        }))

      it.effect("are text where that is asked for", () =>
        Effect.gen(function*() {
          const first = (format: string) =>
            Effect.gen(function*() {
              const session = yield* json(`${birds}/readSessions`, { method: "POST", json: { format, maxResults: 1 } })
              assert.strictEqual(session.numRows, 1)
              return yield* call(`/readStreams/${session.streams[0].id}`)
            })
          assert.deepStrictEqual(JSON.parse((yield* first("jsonl")).text), {
            species: "Adelie",
            body_mass_g: 3750,
            flipper: 18.1
          })
          const csv = yield* first("csv")
          assert.deepStrictEqual([csv.text.trim().split(/\r?\n/)[0], csv.headers.get("content-type")], [
            "species,body_mass_g,flipper",
            "text/csv; charset=utf-8"
          ])
        }))

      it.effect("are their maker's, unless the session is open", () =>
        Effect.gen(function*() {
          const emulator = yield* Emulator.Emulator
          const secret = penguins("none")
          yield* emulator.seed({ datasets: [{ ...secret.datasets[0], name: "Secret birds", referenceId: "scrt" }] })
          const path = "/tables/demo.secret_birds.birds/readSessions"
          const demo = yield* emulator.makeToken({ user: "demo" })
          const scopeless = yield* emulator.makeToken({ user: "demo", scopes: ["data.metadata"] })
          const other = yield* emulator.makeToken({ user: "other" })
          assert.strictEqual((yield* call(path, { method: "POST", json: {}, token: other })).status, 404)
          assert.strictEqual((yield* call(path, { method: "POST", json: {}, token: scopeless })).status, 403)
          const closed = yield* json(path, { method: "POST", json: {}, token: demo })
          const status = (token: string | null, session: any) =>
            Effect.map(call(`/readStreams/${session.streams[0].id}`, { token }), (reply) => reply.status)
          assert.strictEqual(yield* status(demo, closed), 200)
          assert.strictEqual(yield* status(scopeless, closed), 403)
          assert.strictEqual(yield* status(other, closed), 404)
          assert.strictEqual(yield* status(null, closed), 401)
          const open = yield* json(path, { method: "POST", json: { allowAnonymousAccess: true }, token: demo })
          assert.strictEqual(yield* status(null, open), 200)
          assert.strictEqual((yield* call(`${birds}/readSessions`, { method: "POST", token: null })).status, 401)
        }))

      it.effect("live for six hours", () =>
        Effect.gen(function*() {
          const emulator = yield* Emulator.Emulator
          const session = yield* json(`${birds}/readSessions`, { method: "POST" })
          yield* emulator.clock.adjust("6 hours")
          const { description, status } = failure(yield* call(`/readStreams/${session.streams[0].id}`))
          yield* emulator.clock.adjust(-6 * 60 * 60 * 1000)
          assert.strictEqual(status, 400)
          assert.include(description, "6 hours")
        }))
    })

    it.effect("of a session that was made without a token are for all, where what is public is given so", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        yield* emulator.seed(penguins())
        const session = yield* json(`${birds}/readSessions`, { method: "POST", token: null })
        for (const token of [null, yield* emulator.makeToken({ user: "other" })]) {
          assert.strictEqual((yield* call(`/readStreams/${session.streams[0].id}`, { token })).status, 200)
        }
        assert.strictEqual((yield* call("/readStreams/nothing", { token: null })).status, 401)
      }).pipe(Effect.provide(Emulator.layer({ anonymousAccess: "public" }))))

    it.effect("of a query's large result are read by a session alone, and of its parts by their share", () =>
      Effect.gen(function*() {
        const query = yield* json("/queries", {
          method: "POST",
          json: { query: "select n from unnest(generate_array(1, 4)) as n" }
        })
        assert.deepStrictEqual([query.outputNumRows, query.outputNumBytes], [4, 32])
        const path = `/queries/${query.id}`
        const { description, error, status } = failure(yield* call(`${path}/rows?format=csv`))
        assert.deepStrictEqual([status, error], [400, "invalid_request"])
        assert.match(description, /^Results larger than /)
        // 3 of 4 rows of 32 bytes are 24
        assert.strictEqual((yield* call(`${path}/rows?format=csv&maxResults=3`)).text, "n\n1\n2\n3\n")
        assert.strictEqual((yield* call(`${path}/rows?format=csv&maxResults=4`)).status, 400)
        const session = yield* json(`${path}/readSessions`, { method: "POST", json: {} })
        assert.strictEqual(session.numRows, 4)
        const none = yield* json("/queries", { method: "POST", json: { query: "select 1 as n limit 0" } })
        assert.strictEqual((yield* call(`/queries/${none.id}/rows?format=csv`)).text, "n\n")
      }).pipe(Effect.provide(Emulator.layer({ resultBytes: 24 }))))

    describe("of many", () => {
      it.effect("are read only as far as somebody reads them", () =>
        Effect.gen(function*() {
          const emulator = yield* Emulator.Emulator
          yield* emulator.seed(many)
          const response = yield* emulator.httpClient.get(`${emulator.baseUrl}/tables/many.numbers.t/rows?format=csv`)
          assert.strictEqual(yield* emulator.openStreams, 1)
          assert.strictEqual(yield* emulator.unfinishedResponses, 1)
          const first = yield* response.stream.pipe(Stream.take(1), Stream.runCollect)
          assert.isBelow(first[0]!.length, 100_000)
          assert.strictEqual(yield* emulator.openStreams, 0)
          assert.strictEqual(yield* emulator.unfinishedResponses, 0)
          assert.strictEqual((yield* emulator.requests).at(-1)?.outcome, "aborted")
        }))

      it.effect("come whole", () =>
        Effect.gen(function*() {
          const reply = yield* call("/tables/many.numbers.t/rows?format=arrow")
          assert.strictEqual(arrowRows(reply.bytes).rows.length, 30_000)
        }))
    })
  }
)
