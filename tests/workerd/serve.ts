/** A worker in workerd, which listens on a free port. */
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { executable } from "../runner/places.ts"
import { start } from "../runner/program.ts"

/**
 * No compatibility flags, and a date before workers had anything of Node: what
 * every edge platform gives has to do. The network is this machine alone.
 */
const configuration = (bindings: Readonly<Record<string, string>>): string =>
  `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["local"]))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);

const main :Workerd.Worker = (
  modules = [(name = "main.js", esModule = embed "main.js")],
  bindings = [${
    Object.entries(bindings).map(([name, text]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(text)})`)
      .join(", ")
  }],
  compatibilityDate = "2025-01-01"
);
`

export interface Served {
  /** Sends a request to the worker; fails where workerd ends before it answers. */
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>
  readonly log: () => string
  readonly stop: () => Promise<void>
}

/** Gives nothing where workerd is not installed. */
export const serveWorker = (
  code: string,
  bindings: Readonly<Record<string, string>> = {}
): Served | undefined => {
  const command = executable("workerd", "bin/workerd")
  if (command === undefined) return undefined
  const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-redivis-workerd-"))
  Fs.writeFileSync(Path.join(folder, "main.js"), code)
  Fs.writeFileSync(Path.join(folder, "config.capnp"), configuration(bindings))
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
  const ended = program.exited.then((code) => {
    throw new Error(`workerd exited with ${code ?? "a signal"}`)
  })
  ended.catch(() => {}) // seen by the race below, as long as that is still on
  return {
    fetch: (path, init) =>
      Promise.race([port.then((number) => fetch(new URL(path, `http://127.0.0.1:${number}`), init)), ended]),
    log: program.log,
    stop: async () => {
      await program.stop()
      Fs.rmSync(folder, { recursive: true, force: true })
    }
  }
}
