/** Chromium: one of this machine, or the one that npm brings on x64 Linux. */
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Os from "node:os"
import * as Path from "node:path"
import type { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { createBrotliDecompress } from "node:zlib"
import { chromium, type Page } from "playwright-core"
import { packageFolder } from "../runner/places.ts"
import { type Engine, inherited } from "./engine.ts"

export interface Chromium {
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

const unpack = async (source: string): Promise<Chromium> => {
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
export const findChromium = async (): Promise<Chromium | string> => {
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

/** The browser talks to nobody but this machine. */
const quiet = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-domain-reliability",
  "--disable-sync",
  "--no-first-run",
  "--no-pings"
]

/** A browser that is sure to be gone once it is closed, with what was unpacked for it. */
export const launch = async (
  found: Chromium
): Promise<{ readonly newPage: () => Promise<Page>; readonly close: () => Promise<void> }> => {
  const launched = chromium.launch({
    executablePath: found.executable,
    env: found.env,
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...quiet, ...found.parameters],
    timeout: 30_000
  })
  launched.catch(() => found.remove())
  const browser = await launched
  return {
    newPage: () => browser.newPage(),
    close: async () => {
      await Promise.race([browser.close(), new Promise((resolve) => setTimeout(resolve, 5000).unref())])
      found.remove()
    }
  }
}

export const chromiumEngine: Engine = {
  runtime: "chromium",
  find: async () => {
    const found = await findChromium()
    if (typeof found === "string") return found
    return async (url) => {
      const browser = await launch(found)
      const page = await browser.newPage()
      const messages: Array<string> = []
      page.on("console", (message) => messages.push(message.text()))
      const ended = new Promise<string>((resolve) => {
        page.on("crash", () => resolve("its page crashed"))
        page.on("close", () => resolve("its page was closed"))
      })
      await page.goto(url, { waitUntil: "load" })
      return { ended, log: () => messages.slice(-20).join("\n"), close: browser.close }
    }
  }
}
