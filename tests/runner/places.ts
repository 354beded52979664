/** Where the runtimes are on this machine. */
import * as Fs from "node:fs"
import * as Path from "node:path"

export const tests: string = Path.resolve(import.meta.dirname, "..")
export const root: string = Path.resolve(tests, "..")

/** The folder of a package that `tests` depends on, if it is installed. */
export const packageFolder = (name: string): string | undefined => {
  const folder = Path.join(tests, "node_modules", name)
  return Fs.existsSync(folder) ? Fs.realpathSync(folder) : undefined
}

/** The executable that a package brings. */
export const executable = (name: string, ...inside: ReadonlyArray<string>): string | undefined => {
  const folder = packageFolder(name)
  if (folder === undefined) return undefined
  return inside.map((path) => Path.join(folder, path)).find((path) => Fs.existsSync(path))
}
