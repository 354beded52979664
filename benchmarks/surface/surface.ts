/** What a worker with one call weighs now that the API is whole, beside what it weighed when there was little of it. */
import { operations } from "@effect-redivis/core/Contract"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { gzipSync } from "node:zlib"
import { bundle, installed } from "../installed.ts"
import { type Outcome, rounded } from "../measure.ts"

/** Bytes of gzip of `size/get.ts` when the contract had 28 operations. */
const before = 45_070

export const surface = async (): Promise<Outcome> => {
  const now = await installed(async (folder) => {
    const entry = Path.join(folder, "get.ts")
    Fs.copyFileSync(Path.resolve(import.meta.dirname, "../size/get.ts"), entry)
    return gzipSync((await bundle({ entry, minify: true })).code, { level: 9 }).length
  })
  const growth = rounded((now / before - 1) * 100)
  return {
    figures: { operations: operations.length, before, now, growth },
    text: [
      `Dataset.get with 28 operations present   ${before} bytes of gzip`,
      `Dataset.get with ${operations.length} operations present`.padEnd(41) + `${now} bytes of gzip`,
      `growth                                   ${growth} % (aim: 1 % at most)`
    ].join("\n")
  }
}
