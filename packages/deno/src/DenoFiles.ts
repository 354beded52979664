/**
 * Tables in files on Deno.
 *
 * @since 0.1.0
 */
import type { Redivis } from "@effect-redivis/core/Redivis"
import type * as Reference from "@effect-redivis/core/Reference"
import * as TableFile from "@effect-redivis/core/TableFile"
import * as Effect from "effect/Effect"
import { systemCall } from "./systemCall.ts"

interface OpenFile {
  readonly write: (bytes: Uint8Array) => Promise<number>
  readonly sync: () => Promise<void>
  readonly close: () => void
}

declare const Deno: {
  readonly open: (
    path: string,
    options: { readonly write: true; readonly createNew: true }
  ) => Promise<OpenFile>
  readonly rename: (from: string, to: string) => Promise<void>
  readonly remove: (path: string) => Promise<void>
  readonly stat: (path: string) => Promise<{ readonly isDirectory: boolean }>
}

const files: TableFile.Files = {
  open: (path) =>
    Effect.acquireRelease(
      systemCall("open", path, () => Deno.open(path, { write: true, createNew: true })),
      (file) => Effect.sync(() => file.close())
    ).pipe(Effect.map((file) => ({
      writeAll: (bytes) =>
        systemCall("write", path, async () => {
          for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at))
        }),
      sync: systemCall("sync", path, () => file.sync())
    }))),
  rename: (from, to) => systemCall("rename", to, () => Deno.rename(from, to)),
  remove: (path) => systemCall("remove", path, () => Deno.remove(path)),
  stat: (path) =>
    Effect.map(
      systemCall("stat", path, () => Deno.stat(path)),
      ({ isDirectory }) => ({ type: isDirectory ? "Directory" : "File" })
    )
}

/**
 * Writes a table into a file, whole or not at all. Needs `--allow-write` and
 * `--allow-read` for the folder that it is in, which a rename asks for: without
 * them it fails before the first request.
 *
 * **Details**
 *
 * The file is written beside its place, under a name of its own, and renamed
 * once all of it is there. A file of that name is replaced; after a failure or
 * an interruption it is untouched, and nothing else is left.
 *
 * **Failures**
 *
 * - `InvalidInput`: the path ends in no name, or an option cannot be meant so
 * - `PlatformError`: the file cannot be written, or may not be
 * - `IntegrityError`: the rows that came are not all
 * - `NotFound`: there is no such table, or the token may not see it
 *
 * **Example** (As CSV)
 *
 * ```ts
 * import { DenoFiles, DenoRedivis } from "@effect-redivis/deno"
 * import * as Effect from "effect/Effect"
 *
 * const program = DenoFiles.toFile("demo.penguins.birds", "birds.csv", { format: "csv" }).pipe(
 *   Effect.provide(DenoRedivis.layerConfig)
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const toFile = (
  table: Reference.TableInput,
  path: string,
  options: TableFile.Options
): Effect.Effect<void, TableFile.WriteError, Redivis> => TableFile.write(files, table, path, options)
