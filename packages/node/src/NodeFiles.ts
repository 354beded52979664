/**
 * Tables in files on Node and Bun. Needs `@effect/platform-node`.
 *
 * @since 0.1.0
 */
import type { Redivis } from "@effect-redivis/core/Redivis"
import type * as Reference from "@effect-redivis/core/Reference"
import * as TableFile from "@effect-redivis/core/TableFile"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as platformFiles from "./platformFiles.ts"

/** Under `--permission` Node has no `fsync`, whatever is allowed. */
const withoutSync = (files: FileSystem.FileSystem): TableFile.Files => ({
  open: (path, options) =>
    Effect.map(files.open(path, options), (file) => ({
      writeAll: (bytes) => file.writeAll(bytes),
      sync: Effect.void
    })),
  rename: files.rename,
  remove: files.remove,
  stat: files.stat
})

/**
 * Writes a table into a file, whole or not at all.
 *
 * **Details**
 *
 * The file is written beside its place, under a name of its own, and renamed
 * once all of it is there. A file of that name is replaced; after a failure or
 * an interruption it is untouched, and nothing else is left. Under
 * `--permission` it needs `--allow-fs-read` and `--allow-fs-write` for the
 * folder, and fails before the first request without.
 *
 * **Failures**
 *
 * - `InvalidInput`: the path ends in no name, or an option cannot be meant so
 * - `PlatformError`: the file cannot be written
 * - `IntegrityError`: the rows that came are not all
 * - `NotFound`: there is no such table, or the token may not see it
 *
 * **Example** (With how far it is)
 *
 * ```ts
 * import * as Parquet from "@effect-redivis/core/Parquet"
 * import { NodeFiles, NodeRedivis } from "@effect-redivis/node"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 *
 * const program = NodeFiles.toFile("demo.penguins.birds", "birds.parquet", {
 *   format: "parquet",
 *   encode: Parquet.fromRows,
 *   onProgress: ({ rows, totalRows }) => Console.log(`${rows} of ${totalRows}`)
 * }).pipe(Effect.provide(NodeRedivis.layerConfig))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const toFile = (
  table: Reference.TableInput,
  path: string,
  options: TableFile.Options
): Effect.Effect<void, TableFile.WriteError, Redivis> =>
  FileSystem.FileSystem.use((files) =>
    TableFile.write("permission" in process ? withoutSync(files) : files, table, path, options)
  ).pipe(
    Effect.provide(platformFiles.layer)
  )
