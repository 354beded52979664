/** What is measured as a user has it: the core, built, packed, and installed into an empty folder. */
import { build } from "esbuild"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { spawnSync } from "node:child_process"
import { pnpm } from "../scripts/pnpm.ts"

const here = import.meta.dirname

const core = Path.resolve(here, "../packages/core")

/** An empty folder with the packed core and the effect of this repository in it. */
const install = (folder: string): void => {
  const built = spawnSync(process.execPath, [Path.resolve(here, "../scripts/build.ts")], {
    cwd: core,
    encoding: "utf8"
  })
  if (built.status !== 0) throw new Error(`${built.stdout}${built.stderr}`)
  pnpm(core, "pack", "--out", Path.join(folder, "core.tgz"))
  Fs.writeFileSync(Path.join(folder, "pnpm-workspace.yaml"), "packages: []\n")
  Fs.writeFileSync(
    Path.join(folder, "package.json"),
    JSON.stringify({
      name: "empty",
      private: true,
      type: "module",
      dependencies: {
        "@effect-redivis/core": "file:core.tgz",
        effect: `link:${Fs.realpathSync(Path.join(here, "node_modules/effect"))}`
      }
    })
  )
  pnpm(folder, "install", "--offline", "--ignore-scripts")
}

/** Runs in such a folder, which is gone afterwards. */
export const installed = async <A>(run: (folder: string) => Promise<A>): Promise<A> => {
  const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-redivis-installed-"))
  try {
    install(folder)
    return await run(folder)
  } finally {
    Fs.rmSync(folder, { recursive: true, force: true })
  }
}

/** A bundle, and what each file that went into it takes of it. */
export interface Bundle {
  readonly code: Uint8Array
  readonly files: ReadonlyArray<{ readonly path: string; readonly bytes: number }>
}

/** As bundlers for edge platforms do it; modules of Node that a client names stay outside. */
export const bundle = async (
  options: { readonly entry: string; readonly minify: boolean } | { readonly source: string; readonly folder: string }
): Promise<Bundle> => {
  const result = await build({
    ...("entry" in options
      ? { entryPoints: [options.entry] }
      : { stdin: { contents: options.source, resolveDir: options.folder } }),
    bundle: true,
    write: false,
    metafile: true,
    minify: "entry" in options && options.minify,
    legalComments: "none",
    format: "esm",
    target: "es2022",
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*"],
    logLevel: "silent"
  })
  const [file] = result.outputFiles
  if (file === undefined) throw new Error("esbuild gave nothing")
  const files = Object.values(result.metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).map(([path, { bytesInOutput }]) => ({ path, bytes: bytesInOutput }))
  )
  return { code: file.contents, files }
}
