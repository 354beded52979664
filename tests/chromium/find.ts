/** Finds a Chromium, or unpacks the one that npm brings on x64 Linux. */
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Os from "node:os"
import * as Path from "node:path"
import type { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { createBrotliDecompress } from "node:zlib"
import { packageFolder } from "../runner/places.ts"

export interface Browser {
  readonly executable: string
  readonly env: Record<string, string>
  readonly parameters: ReadonlyArray<string>
  readonly remove: () => void
}

const wellKnown = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium"
]

const inherited = (): Record<string, string> =>
  Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined))

const unpack = async (source: string): Promise<Browser> => {
  const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-redivis-chromium-"))
  const decompress = (name: string): Readable =>
    Fs.createReadStream(Path.join(source, "bin", name), { highWaterMark: 2 ** 22 })
      .pipe(createBrotliDecompress({ chunkSize: 2 ** 21 }))
  const tar: { readonly extract: (folder: string) => NodeJS.WritableStream } = createRequire(
    Path.join(source, "package.json")
  )("tar-fs")
  const executable = Path.join(folder, "chromium")
  await Promise.all([
    pipeline(decompress("chromium.br"), Fs.createWriteStream(executable, { mode: 0o755 })),
    pipeline(decompress("al2023.tar.br"), tar.extract(Path.join(folder, "libraries"))),
    pipeline(decompress("fonts.tar.br"), tar.extract(Path.join(folder, "fonts")))
  ])
  return {
    executable,
    env: {
      ...inherited(),
      HOME: folder,
      FONTCONFIG_PATH: Path.join(folder, "fonts"),
      LD_LIBRARY_PATH: Path.join(folder, "libraries", "lib")
    },
    parameters: ["--headless=shell", "--no-zygote", "--disable-gpu"],
    remove: () => Fs.rmSync(folder, { recursive: true, force: true })
  }
}

/** The reason where there is none. */
export const findBrowser = async (): Promise<Browser | string> => {
  const named = process.env["CHROMIUM_PATH"]
  const source = packageFolder("@sparticuz/chromium")
  if (named === undefined && source !== undefined && process.platform === "linux" && process.arch === "x64") {
    return unpack(source)
  }
  const executable = [named, ...wellKnown].find((path) => path !== undefined && Fs.existsSync(path))
  return executable === undefined
    ? `no Chromium is on this machine (${process.platform} ${process.arch}); CHROMIUM_PATH names one`
    : { executable, env: inherited(), parameters: [], remove: () => {} }
}
