/**
 * Rows of tables that are kept in files, on Deno.
 *
 * @since 0.1.0
 */
import type { InvalidInput } from "@effect-redivis/core/RedivisError"
import * as RowCache from "@effect-redivis/core/RowCache"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { systemCall } from "./systemCall.ts"

interface Info {
  readonly mtime: Date | null
  readonly size: number
  /** As Windows has none. */
  readonly mode: number | null
  readonly uid: number | null
}

interface OpenFile {
  readonly read: (buffer: Uint8Array) => Promise<number | null>
  readonly seek: (offset: bigint, from: 0) => Promise<number>
  readonly stat: () => Promise<Info>
  readonly write: (bytes: Uint8Array) => Promise<number>
  readonly close: () => void
}

declare const Deno: {
  readonly mkdir: (path: string, options: { readonly recursive: boolean; readonly mode: number }) => Promise<void>
  readonly open: (
    path: string,
    options:
      | { readonly read: true }
      | { readonly write: true; readonly createNew: true; readonly mode: number }
  ) => Promise<OpenFile>
  readonly readDir: (path: string) => AsyncIterable<{ readonly name: string }>
  readonly remove: (path: string) => Promise<void>
  readonly rename: (from: string, to: string) => Promise<void>
  readonly readLink: (path: string) => Promise<string>
  readonly stat: (path: string) => Promise<Info>
  readonly utime: (path: string, accessed: Date, modified: Date) => Promise<void>
}

const fileOf = (path: string, file: OpenFile): RowCache.OpenFile => ({
  stat: Effect.map(systemCall("stat", path, () => file.stat()), ({ size }) => ({ size: BigInt(size) })),
  read: (buffer, { position }) =>
    systemCall("read", path, async () => {
      await file.seek(position, 0)
      return await file.read(buffer) ?? 0
    }),
  writeAll: (bytes) =>
    systemCall("write", path, async () => {
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at))
    })
})

const files: RowCache.Files = {
  makeDirectory: (path, options) => systemCall("makeDirectory", path, () => Deno.mkdir(path, options)),
  open: (path, { flag, mode }) =>
    Effect.acquireRelease(
      systemCall(
        "open",
        path,
        () => Deno.open(path, flag === "r" ? { read: true } : { write: true, createNew: true, mode })
      ),
      (file) => Effect.sync(() => file.close())
    ).pipe(Effect.map((file) => fileOf(path, file))),
  readDirectory: (path) =>
    systemCall("readDirectory", path, async () => {
      const names: Array<string> = []
      for await (const { name } of Deno.readDir(path)) names.push(name)
      return names
    }),
  remove: (path) =>
    Effect.catch(
      systemCall("remove", path, () => Deno.remove(path)),
      (error) => error.reason._tag === "NotFound" ? Effect.void : Effect.fail(error)
    ),
  rename: (from, to) => systemCall("rename", to, () => Deno.rename(from, to)),
  stat: (path) =>
    Effect.map(systemCall("stat", path, () => Deno.stat(path)), ({ mode, mtime, size, uid }) => ({
      mtime: Option.fromNullishOr(mtime),
      size: BigInt(size),
      mode: mode ?? undefined,
      uid: Option.fromNullishOr(uid)
    })),
  readLink: (path) => systemCall("readLink", path, () => Deno.readLink(path)),
  utimes: (path, accessed, modified) => systemCall("utimes", path, () => Deno.utime(path, accessed, modified))
}

/**
 * Keeps the rows that `RowCache.rows` and `RowCache.batches` read in files of
 * one directory, which any number of processes share. Needs `--allow-read` and
 * `--allow-write` for the directory, and nothing else.
 *
 * **Details**
 *
 * See `RowCache.layerFiles`, of which this is the one with Deno's files.
 *
 * **Failures**
 *
 * - `InvalidInput`: the directory has no name, or `maxBytes` is no number of bytes
 * - `RowCacheError`: the directory cannot be made or read, or may not be
 *
 * **Example** (A table that is sent once)
 *
 * ```ts
 * import * as RowCache from "@effect-redivis/core/RowCache"
 * import { DenoRedivis, DenoRowCache } from "@effect-redivis/deno"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const program = RowCache.rows("demo.penguins.birds").pipe(
 *   Stream.runCollect,
 *   Effect.provide([DenoRedivis.layerConfig, DenoRowCache.layer({ directory: ".redivis-rows" })])
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: RowCache.FilesOptions
): Layer.Layer<RowCache.RowCache, InvalidInput | RowCache.RowCacheError> =>
  Layer.effect(RowCache.RowCache, Effect.map(RowCache.makeFiles(files, options), RowCache.RowCache.of))
