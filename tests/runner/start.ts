import type { Case, Runtime } from "../cases/Case.ts"
import type { Assignment } from "../cases/runCases.ts"
import type { Pages } from "../browsers/pages.ts"
import type { Suite } from "./suite.ts"

/** How the table of cases is run in one runtime. */
export interface Start {
  readonly runtime: Runtime
  /** Gives the reason where the runtime is not to be had on this machine. */
  readonly run: (cases: ReadonlyArray<Case>, assignment: Assignment, pages: Pages) => Promise<Suite | string>
}
