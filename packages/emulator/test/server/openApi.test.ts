/** The document that the emulator serves of itself. */
import * as OpenApi from "@effect-redivis/core/OpenApi"
import { assert, layer } from "@effect/vitest"
import { Validator } from "@seriousme/openapi-schema-validator"
import * as Effect from "effect/Effect"
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Yaml from "yaml"
import * as Emulator from "../../src/Emulator.ts"
import { call, json } from "./harness.ts"

/** What is switched off of redocly's strict recommendations. */
const rules = {
  // nothing states the licence of the API
  "info-license": "off"
}

const redocly = Path.resolve(
  Path.dirname(createRequire(import.meta.url).resolve("@redocly/cli/package.json")),
  "bin/cli.js"
)

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

  it.effect("is the same as YAML", () =>
    Effect.gen(function*() {
      const reply = yield* call("/openAPI.yaml", { token: null })
      assert.match(reply.headers.get("content-type") ?? "", /^application\/yaml/)
      assert.match(reply.text, /^openapi: 3\.1\.0\n/)
      assert.deepStrictEqual(Yaml.parse(reply.text), yield* json("/openAPI.json", { token: null }))
    }))

  it.effect("is valid, says @seriousme/openapi-schema-validator", () =>
    Effect.gen(function*() {
      const document = yield* json("/openAPI.json", { token: null })
      const validator = new Validator()
      const result = yield* Effect.promise(() => validator.validate(document))
      assert.deepStrictEqual([result.valid, result.errors, validator.version], [true, undefined, "3.1"])
      const { paths: _, components: __, ...rest } = document
      assert.isFalse((yield* Effect.promise(() => new Validator().validate(rest))).valid, "it looks at something")
    }))

  it.effect("is valid, says redocly, in its strict recommendations, as JSON and as YAML", () =>
    Effect.gen(function*() {
      const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "openapi-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => Fs.rmSync(folder, { recursive: true, force: true })))
      const lint = (document: string): { readonly status: number | null; readonly out: string } => {
        const { status, stderr, stdout } = spawnSync(process.execPath, [redocly, "lint", document], {
          cwd: folder,
          encoding: "utf8",
          env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" }
        })
        return { status, out: stdout + stderr }
      }
      Fs.writeFileSync(Path.join(folder, "redocly.yaml"), Yaml.stringify({ extends: ["recommended-strict"], rules }))
      for (const name of ["openAPI.json", "openAPI.yaml"]) {
        Fs.writeFileSync(Path.join(folder, name), (yield* call(`/${name}`, { token: null })).text)
        const { out, status } = lint(name)
        assert.strictEqual(status, 0, out)
      }
      const document = yield* json("/openAPI.json", { token: null })
      document.paths["/users/me"].get.operationId = "datasets.get"
      Fs.writeFileSync(Path.join(folder, "wrong.json"), JSON.stringify(document))
      assert.strictEqual(lint("wrong.json").status, 1, "it looks at something")
    }), 60_000)

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
