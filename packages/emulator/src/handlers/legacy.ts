/** How official clients of today and of the past call an operation beside its own method and path. */
import type { OperationName } from "@effect-redivis/core/Contract"

export interface Alias {
  readonly operation: OperationName
  /** Else the operation's own. */
  readonly method?: string | undefined
  /** Else the operation's own, whose parameters it names. */
  readonly path?: string | undefined
}

export const aliases: ReadonlyArray<Alias> = [
  // the documentation prints POST, and the JavaScript client sends it
  { operation: "datasets.patch", method: "POST" },
  // as the R client sends it
  { operation: "versions.unrelease", path: "/datasets/:dataset/versions/current/release" },
  // workflows were called projects, and are so in the JavaScript client
  { operation: "tables.listByWorkflow", path: "/projects/:workflow/tables" }
]
