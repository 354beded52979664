/** A reporter of vitest: errors that no test took, which its JSON leaves out, as JSON in a file. */
import * as Fs from "node:fs"
import type { Reporter } from "vitest/node"

/** Names the file. */
export const variable = "UNHANDLED_ERRORS"

export interface Unhandled {
  readonly message: string
  readonly stack?: string | undefined
}

export default class implements Reporter {
  onTestRunEnd(_modules: unknown, errors: ReadonlyArray<Unhandled>): void {
    const file = process.env[variable]
    if (file !== undefined) {
      Fs.writeFileSync(file, JSON.stringify(errors.map(({ message, stack }) => ({ message, stack }))))
    }
  }
}
