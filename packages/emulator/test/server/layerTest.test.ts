import * as User from "@effect-redivis/core/User"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Emulator from "../../src/Emulator.ts"

for (const [name, tested] of [["sockets", Emulator.layerTest], ["memory", Emulator.layerTestInMemory()]] as const) {
  layer(tested)(`the client over ${name}`, (it) => {
    it.effect("is signed in as the default user", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const me = yield* User.me()
        assert.strictEqual(me.name, emulator.user)
        assert.deepStrictEqual((yield* emulator.requests).map(({ operation }) => operation), ["users.me"])
      }))

    it.effect("stands beside the HttpClient that it uses", () =>
      Effect.gen(function*() {
        const { baseUrl } = yield* Emulator.Emulator
        const response = yield* HttpClient.get(`${baseUrl}/nothing`)
        assert.strictEqual(response.status, 404)
      }).pipe(Effect.scoped))
  })
}
