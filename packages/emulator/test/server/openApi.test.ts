/** The document that the emulator serves of itself. */
import * as OpenApi from "@effect-redivis/core/OpenApi"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Emulator from "../../src/Emulator.ts"
import { call, json } from "./harness.ts"

layer(Emulator.layer({}), { excludeTestServices: true })("the document of the API", (it) => {
  it.effect("is there for anyone, as JSON that names the emulator", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const reply = yield* call("/openAPI.json", { token: null })
      assert.strictEqual(reply.status, 200)
      assert.match(reply.headers.get("content-type") ?? "", /^application\/json/)
      assert.strictEqual(reply.headers.get("access-control-allow-origin"), "*")
      assert.deepStrictEqual(
        JSON.parse(reply.text),
        JSON.parse(JSON.stringify(OpenApi.make({ server: emulator.baseUrl })))
      )
      assert.isEmpty((yield* emulator.requests).filter(({ path }) => path.includes("openAPI")), "it is not counted")
      assert.strictEqual((yield* call("/openAPI.json", { method: "DELETE" })).status, 404)
    }))

  it.effect("names nothing that the emulator does not answer", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const { paths } = yield* json("/openAPI.json", { token: null })
      for (const [path, methods] of Object.entries<object>(paths)) {
        for (const [method, item] of Object.entries<{ operationId: string }>(methods as never)) {
          yield* call(path.replaceAll(/\{[^}]+\}/g, "nothing"), { method: method.toUpperCase(), token: null })
          assert.strictEqual((yield* emulator.requests).at(-1)?.operation, item.operationId)
        }
      }
    }))
})
