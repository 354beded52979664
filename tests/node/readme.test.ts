/** The three programs that the README opens with, and its tests for other runners, run as they stand there. */
import * as Emulator from "@effect-redivis/emulator/Emulator"
import { afterAll, assert, beforeAll, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fencesOfMarkdown } from "../../scripts/checkDocs.ts"
import { executable, root, tests } from "../runner/places.ts"
import { askWorker, environment, layer as penguins, run, runDeno } from "./documents.ts"

// beside what `tests` has installed, as beside what a user has
const folder = Path.join(tests, ".types", `readme-${process.pid}`)
const programs = fencesOfMarkdown("README.md").slice(0, 3)
const [nodeProgram, denoProgram, worker] = ["node.ts", "deno.ts", "worker.ts"].map((name) => Path.join(folder, name))

beforeAll(() => {
  Fs.mkdirSync(folder, { recursive: true })
  for (const [index, file] of [nodeProgram, denoProgram, worker].entries()) {
    Fs.writeFileSync(file!, programs[index]!.code)
  }
})

afterAll(() => Fs.rmSync(folder, { recursive: true, force: true }))

layer(penguins, { excludeTestServices: true })("the README", (it) => {
  it.effect("opens with a program that reads rows on Node", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const { code, log, out } = yield* run(process.execPath, [nodeProgram!], { env: environment(emulator) })
      assert.strictEqual(code, 0, log)
      const text = out.join("\n")
      assert.match(text, /^penguins \[/)
      assert.strictEqual(text.match(/species: /g)?.length, 3)
      assert.include(text, "{ species: 'Adelie', body_mass_g: 3750 }")
    }), 90_000)

  it.effect(
    "opens with a script that runs SQL on Deno, with no permission but one host and two variables",
    () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const { code, log, out } = yield* runDeno(emulator, denoProgram!)
        assert.strictEqual(code, 0, log)
        const cells = out.filter((line) => /│ \d/.test(line)).map((line) => line.split("│").map((cell) => cell.trim()))
        assert.deepStrictEqual(cells.map(([, , species, mass]) => [species, mass]), [
          ["\"Adelie\"", "3775"],
          ["\"Chinstrap\"", "3500"],
          ["\"Gentoo\"", "5700"]
        ])
      }),
    90_000
  )

  it.effect("opens with an edge function that runs in workerd", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const [answer] = yield* askWorker(emulator, Path.relative(root, worker!), ["/"])
      assert.strictEqual(answer!.status, 200, answer!.body)
      assert.deepStrictEqual(JSON.parse(answer!.body), { name: "penguins", tableCount: 1 })
    }), 90_000)

  it.effect("holds each of the three to about ten lines", () =>
    Effect.sync(() => {
      for (const { code } of programs) {
        const lines = code.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("import "))
        assert.isAtMost(lines.length, 11)
      }
    }))
})

describe("the README's test of your own code", () => {
  const section = Fs.readFileSync(Path.join(root, "README.md"), "utf8").split("\n## ")
    .find((text) => text.startsWith("Test your own code")) ?? ""
  const fences = [...section.matchAll(/```[jt]s\n([^`]*)```/g)].map(([, code]) => code ?? "")
  const bunTest = fences.findIndex((code) => code.includes("bun:test"))
  const [program = "", onBun = "", onDeno = ""] = fences.slice(bunTest - 1, bunTest + 2)
  const write = (name: string, code: string): string => {
    const file = Path.join(folder, name)
    Fs.writeFileSync(file, code)
    return `./${Path.relative(root, file)}`
  }

  it.live("passes in bun test", () =>
    Effect.gen(function*() {
      const file = write("bun.test.ts", `${program}\n${onBun}`)
      const { code, log, out } = yield* run(executable("bun", "bin/bun.exe", "bin/bun") ?? "bun", ["test", file])
      assert.strictEqual(code, 0, log)
      assert.match(`${log}\n${out.join("\n")}`, / 1 pass\n 0 fail/)
    }), 90_000)

  it.live("passes in deno test, whose sanitizers find nothing", () =>
    Effect.gen(function*() {
      assert.match(onDeno, /sanitizeOps: true, sanitizeResources: true/)
      const file = write("deno.test.ts", `${program}\n${onDeno}`)
      const flags = ["--no-check", "--no-prompt", "--no-lock", "--node-modules-dir=manual", "-A"]
      const { code, log, out } = yield* run(
        executable("deno", "deno", "deno.exe") ?? "deno",
        ["test", ...flags, file]
      )
      const text = `${log}\n${out.join("\n")}`
      assert.strictEqual(code, 0, text)
      assert.match(text, /ok \| 1 passed \| 0 failed/)
    }), 90_000)
})
