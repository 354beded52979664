/** What official clients send and no operation of the contract is called by. */
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Emulator from "../../src/Emulator.ts"
import { call, failure, json } from "./harness.ts"

const seed = {
  datasets: [{ owner: "researcher", name: "Penguins", tables: [{ name: "Birds", rows: [{ mass: 1 }] }] }],
  workflows: [{ owner: "researcher", name: "Study", tables: [{ name: "Weights", rows: [{ mass: 1 }] }] }]
} as const

layer(Emulator.layer({ seed }), { excludeTestServices: true })("a way that clients once had", (it) => {
  const lastOperation = Effect.flatMap(
    Emulator.Emulator,
    (emulator) => Effect.map(emulator.requests, (requests) => requests.at(-1)?.operation)
  )

  it.effect("updates a dataset by POST", () =>
    Effect.gen(function*() {
      const { description } = yield* json("/datasets/researcher.penguins", {
        method: "POST",
        json: { description: "Birds" }
      })
      assert.deepStrictEqual([description, yield* lastOperation], ["Birds", "datasets.patch"])
      assert.strictEqual((yield* json("/datasets/researcher.penguins")).description, "Birds")
    }))

  it.effect("takes a release back by releasing the current version", () =>
    Effect.gen(function*() {
      const answer = yield* json("/datasets/researcher.penguins/versions/current/release", { method: "POST" })
      assert.deepStrictEqual([answer.tag, answer.isReleased], ["next", false])
      assert.strictEqual(yield* lastOperation, "versions.unrelease")
      const again = yield* call("/datasets/researcher.penguins/versions/current/release", { method: "POST" })
      assert.isAtLeast(failure(again).status, 400)
    }))

  it.effect("lists the tables of a project, which is a workflow", () =>
    Effect.gen(function*() {
      const { results } = yield* json("/projects/researcher.study/tables?includeDatasetTables=true&maxResults=100")
      assert.deepStrictEqual(results.map(({ name }: { readonly name: string }) => name), ["Weights"])
      assert.strictEqual(yield* lastOperation, "tables.listByWorkflow")
      assert.strictEqual((yield* call("/projects/researcher.nothing/tables")).status, 404)
    }))

  it.effect("asks for a resumable upload by its size, puts its bytes, imports it, and reads it by its id", () =>
    Effect.gen(function*() {
      yield* json("/datasets/researcher.penguins/versions", { method: "POST" }).pipe(Effect.ignoreCause)
      yield* json("/datasets/researcher.penguins:next/tables", { method: "POST", json: { name: "Fish" } })
      const table = "/tables/researcher.penguins:next.fish"
      const bytes = new TextEncoder().encode("length\n10\n20\n")
      const asked = yield* json(`${table}/resumableUpload?size=${bytes.length}`, { method: "POST" })
      assert.strictEqual(asked.kind, "resumableUpload")
      for (const [from, to] of [[0, 6], [6, bytes.length]] as const) {
        const status = yield* Effect.promise(async () => {
          const response = await fetch(asked.url, {
            method: "PUT",
            headers: { "content-range": `bytes ${from}-${to - 1}/${bytes.length}` },
            body: bytes.slice(from, to)
          })
          await response.arrayBuffer()
          return response.status
        })
        assert.strictEqual(status, to === bytes.length ? 200 : 308)
      }
      const upload = yield* json(`${table}/uploads`, {
        method: "POST",
        json: { name: "fish.csv", resumableUploadId: asked.id }
      })
      let state = upload
      while (state.status !== "completed" && state.status !== "failed") {
        state = yield* json(`${table}/uploads/${upload.id}`)
      }
      assert.deepStrictEqual([state.status, state.numRows], ["completed", 2])
      assert.strictEqual((yield* call(`${table}/resumableUpload`, { method: "POST" })).status, 400)

      for (const reference of [upload.id, `fish_csv:${upload.id}`]) {
        const session = yield* json(`/uploads/${encodeURIComponent(reference)}/readSessions`, { method: "POST" })
        assert.strictEqual(session.numRows, 2)
      }
      assert.strictEqual((yield* call("/uploads/none/readSessions", { method: "POST" })).status, 404)
      assert.strictEqual(
        (yield* call(`/uploads/${upload.id}/readSessions`, { method: "POST", token: null })).status,
        401
      )
    }))
})
