/** What hangs on a table, on one of its uploads, or on a query. */
import * as Effect from "effect/Effect"
import type { InvalidInput } from "../contract/RedivisError.ts"
import type * as Reference from "../contract/Reference.ts"
import type { Redivis } from "./Redivis.ts"
import { onSource, onTable, type Source } from "./resolve.ts"

type Client = Redivis["Service"]

/**
 * A table, an upload of a table by its name, or a query.
 *
 * @category models
 * @since 0.1.0
 */
export type AnySource = Source | {
  readonly table: Reference.TableInput
  readonly upload: string | { readonly name: string }
}

/** Runs a call on a table, an upload or a query. */
export const onAnySource = <A, E>(
  source: AnySource,
  calls: {
    readonly table: (redivis: Client, table: string) => Effect.Effect<A, E>
    readonly upload: (
      redivis: Client,
      params: { readonly table: string; readonly upload: string }
    ) => Effect.Effect<A, E>
    readonly query: (redivis: Client, id: string) => Effect.Effect<A, E>
  }
): Effect.Effect<A, E | InvalidInput, Redivis> => {
  if (!("upload" in source)) return onSource(source, calls)
  const name = typeof source.upload === "string" ? source.upload : source.upload.name
  // what stands for `.` in the path of an upload
  const upload = name.replaceAll(".", "_")
  return onTable(source.table, (redivis, table) => calls.upload(redivis, { table, upload }))
}
