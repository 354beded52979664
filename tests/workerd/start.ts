import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { bundle } from "../runner/bundle.ts"
import { executable } from "../runner/places.ts"
import { start } from "../runner/program.ts"
import { collect, patience } from "../runner/suite.ts"
import type { Start } from "../runner/start.ts"

/**
 * No compatibility flags, and a date before workers had anything of Node: what
 * every edge platform gives has to do. The network is this machine alone.
 */
const configuration = `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "cases", worker = .cases),
    (name = "internet", network = (allow = ["local"]))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "cases")]
);

const cases :Workerd.Worker = (
  modules = [(name = "cases.js", esModule = embed "cases.js")],
  compatibilityDate = "2025-01-01"
);
`

export const startWorkerd: Start = {
  runtime: "workerd",
  run: async (cases, assignment) => {
    const command = executable("workerd", "bin/workerd")
    if (command === undefined) return "the package workerd is not installed"
    const collector = collect("workerd", cases, assignment.only)
    const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-redivis-workerd-"))
    Fs.writeFileSync(
      Path.join(folder, "cases.js"),
      await bundle("tests/workerd/main.ts", { platform: "neutral", conditions: ["workerd", "worker", "browser"] })
    )
    Fs.writeFileSync(Path.join(folder, "config.capnp"), configuration)
    let onPort = (_port: number): void => {}
    const port = new Promise<number>((resolve) => {
      onPort = resolve
    })
    const program = start(command, ["serve", "--control-fd=3", Path.join(folder, "config.capnp")], {
      cwd: folder,
      onControl: (line) => {
        const event = JSON.parse(line) as { readonly event: string; readonly port?: number } // by workerd's own format
        if (event.event === "listen" && event.port !== undefined) onPort(event.port)
      }
    })
    const answer = async (): Promise<string | undefined> => {
      const ended = program.exited.then((code) => {
        throw new Error(`workerd exited with ${code ?? "a signal"}`)
      })
      ended.catch(() => {}) // seen by the race below, as long as that is still on
      const response = await Promise.race([
        port.then((number) =>
          fetch(`http://127.0.0.1:${number}/`, {
            method: "POST",
            body: JSON.stringify(assignment),
            signal: AbortSignal.timeout(patience)
          })
        ),
        ended
      ])
      if (response.body === null) return `workerd answered ${response.status} without a body`
      let rest = ""
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + chunk).split("\n")
        rest = lines.pop() ?? ""
        for (const line of lines) if (!collector.take(line)) return `workerd answered: ${line}`
      }
      return rest === "" ? undefined : `workerd answered: ${rest}`
    }
    const problem = await answer().catch((reason: unknown) => String(reason))
    await program.stop()
    Fs.rmSync(folder, { recursive: true, force: true })
    return collector.close(problem === undefined ? undefined : `${problem}\n${program.log()}`)
  }
}
