/** The world that the READMEs and the examples talk of, and how their programs are run. */
import * as Emulator from "@effect-redivis/emulator/Emulator"
import type * as Seed from "@effect-redivis/emulator/Seed"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { bundle } from "../runner/bundle.ts"
import { start } from "../runner/program.ts"
import { executable, root } from "../runner/places.ts"
import { serveWorker } from "../workerd/serve.ts"

export const penguins: Seed.Seed = {
  organizations: [{ name: "demo", members: [{ user: "researcher", isAdmin: true }] }],
  datasets: [{
    owner: "demo",
    name: "penguins",
    publicAccessLevel: "data",
    access: [{ user: "researcher", level: "edit" }],
    tables: [{
      name: "birds",
      rows: [
        { species: "Adelie", body_mass_g: 3750 },
        { species: "Adelie", body_mass_g: 3800 },
        { species: "Gentoo", body_mass_g: 5700 },
        { species: "Chinstrap", body_mass_g: 3500 }
      ]
    }]
  }]
}

/** An emulator on sockets in which `demo.penguins` is. */
export const layer: Layer.Layer<Emulator.Emulator> = Layer.orDie(
  Emulator.layer({ seed: penguins, rowOrder: "stored" })
)

export interface Ran {
  readonly code: number | undefined
  readonly out: ReadonlyArray<string>
  readonly log: string
}

/** Runs a program until it ends. */
export const run = (
  command: string,
  parameters: ReadonlyArray<string>,
  options: { readonly cwd?: string; readonly env?: Record<string, string> } = {}
): Effect.Effect<Ran> =>
  Effect.promise(async () => {
    const out: Array<string> = []
    const program = start(command, parameters, {
      cwd: options.cwd ?? root,
      env: { ...inherited, ...options.env },
      onLine: (line) => {
        out.push(line)
        return true
      }
    })
    return { code: await program.exited, out, log: program.log() }
  })

/** What a program needs of the machine, and nothing of what a person has set up for Redivis. */
export const inherited: Record<string, string> = {
  NO_COLOR: "1",
  DENO_NO_UPDATE_CHECK: "1",
  ...Object.fromEntries(
    ["PATH", "HOME", "TMPDIR", "TEMP", "SystemRoot", "NODE_COMPILE_CACHE"].flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    })
  )
}

/** What a client needs to find an emulator. */
export const environment = (emulator: Emulator.Emulator["Service"]): Record<string, string> => ({
  REDIVIS_API_ENDPOINT: emulator.baseUrl,
  REDIVIS_API_TOKEN: emulator.token
})

/** Runs a Deno program that may reach the emulator, read two variables, and nothing else but what it is permitted. */
export const runDeno = (
  emulator: Emulator.Emulator["Service"],
  file: string,
  parameters: ReadonlyArray<string> = [],
  permissions: ReadonlyArray<string> = []
): Effect.Effect<Ran> => {
  const command = executable("deno", "deno", "deno.exe")
  if (command === undefined) return Effect.die(new Error("the package deno is not installed"))
  return run(command, [
    "run",
    "--no-prompt",
    "--no-lock",
    "--node-modules-dir=manual",
    `--allow-net=${new URL(emulator.baseUrl).host}`,
    "--allow-env=REDIVIS_API_TOKEN,REDIVIS_API_ENDPOINT",
    ...permissions,
    file,
    ...parameters
  ], { env: environment(emulator) })
}

/** Serves a worker, bundled from its file, and gives what it answers to each path. */
export const askWorker = (
  emulator: Emulator.Emulator["Service"],
  file: string,
  paths: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<{ readonly status: number; readonly body: string }>> =>
  Effect.promise(async () => {
    const code = await bundle(file, { platform: "neutral", conditions: ["workerd", "worker", "browser"] })
    const worker = serveWorker(code, environment(emulator))
    if (worker === undefined) throw new Error("the package workerd is not installed")
    const answers: Array<{ readonly status: number; readonly body: string }> = []
    try {
      for (const path of paths) {
        const response = await worker.fetch(path, { signal: AbortSignal.timeout(20_000) })
        answers.push({ status: response.status, body: await response.text() })
      }
    } finally {
      await worker.stop()
    }
    return answers
  })
