/** What older browsers and runtimes lack: a bundle does without, in each layer and each way to read. */
import * as Emulator from "@effect-redivis/emulator/Emulator"
import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { bundle } from "../runner/bundle.ts"
import { executable } from "../runner/places.ts"
import { environment, run } from "./documents.ts"

/** Of 2023 and later, or missing from what some platform gives. */
const newer = [
  "URL.canParse",
  "URL.parse",
  "Array.prototype.toSorted",
  "Array.prototype.toReversed",
  "Array.prototype.toSpliced",
  "Array.prototype.with",
  "Array.prototype.findLast",
  "Array.prototype.findLastIndex",
  "Array.fromAsync",
  "String.prototype.isWellFormed",
  "String.prototype.toWellFormed",
  "Promise.withResolvers",
  "Promise.try",
  "Object.groupBy",
  "Map.groupBy",
  "AbortSignal.any",
  "AbortSignal.timeout",
  "ArrayBuffer.prototype.transfer",
  "Set.prototype.union",
  "Uint8Array.fromBase64",
  "Uint8Array.prototype.toHex",
  "RegExp.escape",
  "Error.isError",
  "Iterator",
  "Temporal",
  "structuredClone",
  "setImmediate",
  "scheduler",
  "navigator.locks"
]

const seed = {
  organizations: [{ name: "demo" }],
  datasets: [{
    owner: "demo",
    name: "birds",
    publicAccessLevel: "data",
    tables: [{ name: "t", rows: [{ n: 1, t: "one" }, { n: 2, t: "two" }] }]
  }]
} as const

describe("a bundle whose runtime lacks what is new, or has it frozen or compiled", () => {
  layer(Emulator.layerTestWith({ seed }), { excludeTestServices: true })("against the emulator", (it) => {
    it.effect("calls, reads, keeps rows, and refuses an endpoint that is no URL as such", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-redivis-older-"))
        const path = Path.join(folder, "main.mjs")
        yield* Effect.promise(async () =>
          Fs.writeFileSync(
            path,
            await bundle("tests/node/olderRuntime.ts", {
              platform: "neutral",
              conditions: ["worker", "browser"]
            })
          )
        )
        // the fetch of Bun is native, that of Node would miss them too
        const bun = executable("bun", "bin/bun.exe", "bin/bun")
        if (bun === undefined) return assert.fail("the package bun is not installed")
        const compiled = Path.join(folder, "compiled")
        const env = environment(emulator)
        const built = yield* run(bun, ["build", "--compile", path, `--outfile=${compiled}`], { env })
        assert.strictEqual(built.code, 0, built.log)
        const all = yield* Effect.forEach([
          [bun, path, "demo.birds", ...newer],
          [process.execPath, "--frozen-intrinsics", path, "demo.birds"],
          [compiled, "demo.birds"]
        ], ([command = "", ...parameters]) => run(command, parameters, { env }))
        Fs.rmSync(folder, { recursive: true })
        for (const ran of all) {
          assert.deepStrictEqual(ran.out, [
            "name birds",
            "rows 2",
            "kept 2 2",
            "batches 2",
            "missing NotFound NotFound",
            "variable InvalidInput",
            "no URL InvalidInput endpoint"
          ], ran.log)
        }
      }), 60_000)
  })
})
