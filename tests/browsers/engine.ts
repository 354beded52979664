/** The engines of browsers, each with its own way to open a page. */
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import type { Browser } from "../cases/Case.ts"

/** A browser with a page in it. */
export interface Opened {
  /** Why it ended, where it did so by itself. */
  readonly ended: Promise<string>
  /** The end of what it said. */
  readonly log: () => string
  readonly close: () => Promise<void>
}

export interface Engine {
  readonly runtime: Browser
  /** What opens a page in a fresh profile, else the reason why there is none on this machine. */
  readonly find: () => Promise<((url: string) => Promise<Opened>) | string>
}

/** The environment of this process. */
export const inherited = (): Record<string, string> =>
  Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined))

/** A home of its own for a browser, which leaves nothing in its user's and finds nothing there. */
export const makeHome = (runtime: Browser): { readonly folder: string; readonly remove: () => void } => {
  const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), `effect-redivis-${runtime}-`))
  return { folder, remove: () => Fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 }) }
}
