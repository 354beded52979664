/** What clients send, taken as it is: all digits, names of any kind, labels in either form; and what is refused. */
import { operations } from "@effect-redivis/core/Contract"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Emulator from "../../src/Emulator.ts"
import { call, failure, json } from "./harness.ts"

const seed = {
  users: [{ name: "other" }],
  datasets: [
    { owner: "researcher", name: "open", publicAccessLevel: "data" },
    {
      owner: "researcher",
      name: "seeded",
      tables: [{ name: "t", rows: [{ n: 9223372036854775807n, __proto: 1 }, { n: -9007199254740993n }] }]
    },
    {
      owner: "researcher",
      name: "draft",
      versions: [{ released: false, tables: [{ name: "t" }, { name: "files", isFileIndex: true }] }]
    }
  ]
} as const

layer(Emulator.layer({ seed, rateLimit: 100_000, rowOrder: "stored" }), { excludeTestServices: true })(
  "what clients send",
  (it) => {
    const uploads = "/tables/researcher.draft:next.t/uploads"

    it.effect("keeps all digits in bodies, seeds and rows, both ways", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        yield* json(uploads, {
          method: "POST",
          json: { name: "s", type: "stream", schema: [{ name: "n", type: "integer" }] }
        })
        const insert = (body: string) =>
          call(`${uploads}/s/rows`, { method: "POST", body, headers: { "content-type": "application/json" } })
        const first = yield* insert("{\"rows\":[{\"n\":9223372036854775807},{\"n\":-9007199254740993}]}")
        assert.deepStrictEqual([first.status, JSON.parse(first.text).schemaUpdates], [201, []])
        assert.strictEqual((yield* insert("{\"rows\":[{\"n\":9223372036854775808}]}")).status, 400)
        const odd = yield* insert("{\"rows\":[{\"__proto__\":\"kept\",\"n\":1}],\"updateVariables\":true}")
        assert.strictEqual(odd.status, 201, odd.text)
        assert.strictEqual(
          (yield* call("/tables/researcher.draft:next.t/rows?format=csv")).text,
          "n,__proto__\n9223372036854775807,\n-9007199254740993,\n1,kept\n"
        )
        assert.strictEqual(
          (yield* call("/tables/researcher.seeded.t/rows?format=csv&selectedVariables=n")).text,
          "n\n9223372036854775807\n-9007199254740993\n"
        )
        // the log of what was sent can be asked for
        const origin = new URL(emulator.baseUrl).origin
        const log = yield* Effect.promise(async () => (await fetch(`${origin}/_emulator/requests`)).text())
        assert.include(log, "9223372036854775807")
      }))

    it.effect("does not mix integers that a float does not hold with floats", () =>
      Effect.gen(function*() {
        yield* json(uploads, { method: "POST", json: { name: "wide", type: "stream" } })
        const insert = (rows: string) =>
          call(`${uploads}/wide/rows`, {
            method: "POST",
            body: `{"rows":${rows},"updateVariables":true}`,
            headers: { "content-type": "application/json" }
          })
        yield* insert("[{\"v\":9007199254740993}]")
        yield* insert("[{\"v\":1.5}]")
        assert.strictEqual((yield* insert("[{\"w\":1.5},{\"w\":9007199254740993}]")).status, 201)
        const { results } = yield* json(`${uploads}/wide/variables`)
        assert.deepStrictEqual(results.map(({ name, type }: any) => `${name}: ${type}`), ["v: string", "w: string"])
      }))

    it.effect("takes labels as an object and as a list", () =>
      Effect.gen(function*() {
        const path = "/tables/researcher.draft:next.t/variables/n"
        for (const valueLabels of [{ 1: "one" }, [{ value: "1", label: "one" }]]) {
          const patched = yield* json(path, { method: "PATCH", json: { valueLabels } })
          assert.deepStrictEqual(patched.valueLabels, [{ value: "1", label: "one" }])
          const metadata = { name: "l.csv", metadata: { x: { valueLabels } } }
          const parts = new FormData()
          parts.append("metadata", JSON.stringify(metadata))
          parts.append("data", new Blob(["x\n1\n"]), "l.csv")
          assert.strictEqual((yield* call(uploads, { method: "POST", body: parts })).status, 200)
        }
      }))

    it.effect("refuses a fault that no operation can have, and names that no text holds", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        for (const match of ["datasets.gte", "dataset.*", ""]) {
          const refused = yield* Effect.flip(emulator.faults.add({ match, do: { status: 500 } }))
          assert.strictEqual(refused._tag, "FaultRefused")
        }
        for (const match of ["*", "datasets.*", "storage.chunk", "/datasets/*"]) {
          yield* emulator.faults.remove(yield* emulator.faults.add({ match, do: { status: 500 } }))
        }
        // every operation's path, as it stands in its documentation, and with anything in its places
        for (const { path } of operations) {
          for (const match of [path.replaceAll(/:\w+/g, "*"), path.replaceAll(/:\w+/g, "o.d:v1%20x"), `${path[0]}**`]) {
            yield* emulator.faults.remove(yield* emulator.faults.add({ match, do: { status: 500 } }))
          }
        }
        for (const match of ["/**", "/*/*", "/temp/*", "/resumable/**", "/**/rows", "/data**", "/projects/*/tables"]) {
          yield* emulator.faults.remove(yield* emulator.faults.add({ match, do: { status: 500 } }))
        }
        const never: ReadonlyArray<readonly [match: string, nearest: string]> = [
          ["/dataset/*", "/datasets/:dataset"],
          ["/api/v1/datasets/*", "/datasets/:dataset"],
          ["/datasets/*/table", "/datasets/:dataset/tables"],
          ["/tables/*/row", "/tables/:table/rows"],
          ["/datasets/", "/datasets/:dataset"],
          ["/Datasets/*", "/datasets/:dataset"],
          ["/users/me/", "/users/me"],
          ["/", "/users/me"],
          ["/nothing", "below the base URL"],
          ["/temp/*/*", "/temp/:upload"]
        ]
        for (const [match, nearest] of never) {
          const refused = yield* Effect.flip(emulator.faults.add({ match, do: { status: 500 } }))
          assert.strictEqual(refused._tag, "FaultRefused")
          if (match !== "/") assert.include(refused.message, nearest)
          assert.include(refused.message, JSON.stringify(match))
        }
        const files = "/tables/researcher.draft:next.files"
        const made = yield* json(`${files}/tempUploads`, {
          method: "POST",
          json: { tempUploads: [{ name: "f", size: 0 }] }
        })
        for (const name of ["a\0b", "a\ud800"]) {
          const reply = yield* call(`${files}/rawFiles`, {
            method: "POST",
            json: { files: [{ name, tempUploadId: made.results[0].id }] }
          })
          assert.strictEqual(failure(reply).status, 400)
        }
      }))

    it.effect("finds a seeded dataset that is public, with no table too", () =>
      Effect.gen(function*() {
        const { version } = yield* json("/datasets/researcher.open")
        assert.strictEqual(version.isReleased, true)
      }))
  }
)
