/** The demo as a person starts it, where its output is no terminal. */
import * as Emulator from "@effect-redivis/emulator/Emulator"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { start } from "../runner/program.ts"
import { root } from "../runner/places.ts"
import { environment, layer as penguins, run } from "./documents.ts"

const demo = "examples/demo/main.ts"

const withFolder = <A, E, R>(use: (folder: string) => Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-redivis-demo-"))),
    use,
    (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true, force: true }))
  )

describe("the demo", () => {
  it.live(
    "uploads, queries, reads and charts 200,000 flights, and checks that all counts agree",
    () =>
      withFolder((folder) =>
        Effect.gen(function*() {
          const { code, log, out } = yield* run(process.execPath, [demo, "--out", folder])
          assert.strictEqual(code, 0, log)
          const text = out.join("\n")
          assert.match(text, /^Upload +flights-200k\.json, .* imported as 200,000 rows/m)
          assert.match(text, /^Check .* agree hour by hour: 200,000 flights, 1,500,159 minutes of delay$/m)
          assert.match(text, /^Clean up +deleted researcher\.effect_redivis_demo_\d+$/m)
          assert.match(text, /^ {2}05 -2\.9 /m)
          assert.notInclude(text, "\u001b")
          assert.notInclude(text, "\r")
          assert.deepStrictEqual(Fs.readdirSync(folder), ["flights.csv"])
          const lines = Fs.readFileSync(Path.join(folder, "flights.csv"), "utf8").split("\n")
          assert.strictEqual(lines.length, 200_000 + 2)
          assert.strictEqual(lines[0], "hour,distance,delay,late")
        })
      ),
    120_000
  )

  it.live(
    "deletes its dataset and leaves no half file where it is interrupted",
    () =>
      withFolder((folder) =>
        Effect.gen(function*() {
          const out: Array<string> = []
          const program = start(process.execPath, [demo, "--out", folder], {
            cwd: root,
            onLine: (line) => {
              out.push(line)
              if (line.startsWith("Dataset")) program.child.kill("SIGINT")
              return true
            }
          })
          assert.strictEqual(yield* Effect.promise(() => program.exited), 130, program.log())
          assert.match(out.at(-1) ?? "", /^Clean up +deleted researcher\.effect_redivis_demo_\d+$/)
          assert.deepStrictEqual(Fs.readdirSync(folder), [])
        })
      ),
    120_000
  )

  it.live("refuses to be live without a token, and where nobody can be asked", () =>
    Effect.gen(function*() {
      const anonymous = yield* run(process.execPath, [demo, "--live"])
      assert.strictEqual(anonymous.code, 1)
      assert.match(anonymous.log, /set REDIVIS_API_TOKEN/)
      const emulator = yield* Emulator.Emulator
      const unasked = yield* run(process.execPath, [demo, "--live"], { env: environment(emulator) })
      assert.strictEqual(unasked.code, 1)
      assert.match(unasked.out.join(""), /as the user researcher: makes the private dataset effect_redivis_demo_\d+/)
      assert.match(unasked.log, /run it in a terminal/)
      assert.notInclude((yield* emulator.requests).map(({ method }) => method), "POST")
    }).pipe(Effect.provide(penguins)), 60_000)
})
