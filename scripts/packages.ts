/** What every script knows of the packages that are published. */
import * as Fs from "node:fs"
import * as Path from "node:path"

export const root: string = Path.resolve(import.meta.dirname, "..")

/** In an order in which each depends on earlier ones only. */
export const published = ["core", "node", "deno", "browser", "emulator"] as const

export type Published = typeof published[number]

export interface Manifest {
  readonly name: string
  readonly version?: string
  readonly private?: boolean
  readonly exports?: Record<string, string>
  readonly dependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
  readonly peerDependenciesMeta?: Record<string, { readonly optional?: boolean }>
  readonly devDependencies?: Record<string, string>
  readonly optionalDependencies?: Record<string, string>
  readonly publishConfig?: {
    readonly exports?: Record<string, string | { readonly types: string; readonly default: string }>
    readonly bin?: Record<string, string>
  }
  readonly bin?: Record<string, string>
  readonly [key: string]: unknown
}

export const folderOf = (name: Published): string => Path.join(root, "packages", name)

export const readManifest = (folder: string): Manifest =>
  JSON.parse(Fs.readFileSync(Path.join(folder, "package.json"), "utf8"))
