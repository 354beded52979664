import { spawnSync } from "node:child_process"
import * as Path from "node:path"

/** Runs the pnpm that runs this script, else one that npx brings, and gives what it wrote. */
export const pnpm = (folder: string, ...parameters: ReadonlyArray<string>): string => {
  const current = process.env["npm_execpath"]
  const [command, ...before] = current !== undefined && /^pnpm(\.exe)?$/.test(Path.basename(current))
    ? [current]
    : ["npx", "--yes", "pnpm@12"]
  const result = spawnSync(command, [...before, ...parameters], { cwd: folder, encoding: "utf8" })
  if (result.status !== 0) {
    throw new Error(`pnpm ${parameters.join(" ")} in ${folder}: ${result.stdout}${result.stderr}${result.error ?? ""}`)
  }
  return result.stdout
}
