/**
 * Files that bytes arrive in, before they are rows.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { constants, createReadStream } from "node:fs"
import { type FileHandle, mkdir, mkdtemp, open, readdir, rename, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isOwnName, noLink, ownFile } from "./dataFolder.ts"

export interface Files {
  readonly pathOf: (id: string) => string
  /** A new file with these bytes. When the stream fails there is no file. */
  readonly create: <E, R>(
    id: string,
    bytes: Stream.Stream<Uint8Array, E, R>
  ) => Effect.Effect<{ readonly size: number; readonly hash: string }, E, R>
  /** Writes from byte `at` on; `onChunk` learns of each chunk that is written. The file must be there. */
  readonly writeAt: <E, R, E2, R2>(
    id: string,
    at: number,
    bytes: Stream.Stream<Uint8Array, E, R>,
    onChunk: (chunk: Uint8Array) => Effect.Effect<void, E2, R2>
  ) => Effect.Effect<void, E | E2, R | R2>
  /** MD5 of a file, in lower case hexadecimal. */
  readonly hash: (id: string) => Effect.Effect<string>
  readonly size: (id: string) => Effect.Effect<number>
  /** The bytes of a file, or those from `from` to (not with) `to`, as they are asked for. */
  readonly read: (
    id: string,
    range?: { readonly from: number; readonly to: number }
  ) => Stream.Stream<Uint8Array>
  readonly rename: (from: string, to: string) => Effect.Effect<void>
  readonly remove: (id: string) => Effect.Effect<void>
  /** Removes files of the store's own that nothing knows, which a crash can leave behind; gives the known that are missing. */
  readonly sweep: (known: ReadonlySet<string>) => Effect.Effect<ReadonlyArray<string>>
}

const writeAll = async (file: FileHandle, chunk: Uint8Array, position: number): Promise<void> => {
  let written = 0
  while (written < chunk.length) {
    const { bytesWritten } = await file.write(chunk, written, chunk.length - written, position + written)
    written += bytesWritten
  }
}

const handle = (path: string, flags: number): Effect.Effect<FileHandle, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(() => open(path, flags | noLink, ownFile)),
    (file) => Effect.promise(() => file.close())
  )

/** A temporary directory that goes with the scope. */
export const temporaryDirectory: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "effect-redivis-emulator-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

export const make = (root: string): Effect.Effect<Files> =>
  Effect.gen(function*() {
    yield* Effect.promise(() => mkdir(root, { recursive: true }))
    const pathOf = (id: string): string => join(root, id)
    const remove = (id: string) => Effect.promise(() => rm(pathOf(id), { force: true }))
    return {
      pathOf,
      create: (id, bytes) =>
        Effect.scoped(Effect.gen(function*() {
          const file = yield* handle(pathOf(id), constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC)
          const digest = createHash("md5")
          let size = 0
          yield* Stream.runForEach(bytes, (chunk) =>
            Effect.promise(async () => {
              await writeAll(file, chunk, size)
              digest.update(chunk)
              size += chunk.length
            }))
          return { size, hash: digest.digest("hex") }
        })).pipe(Effect.onError(() => remove(id))),
      writeAt: (id, at, bytes, onChunk) =>
        Effect.scoped(Effect.gen(function*() {
          const file = yield* handle(pathOf(id), constants.O_RDWR)
          let position = at
          yield* Stream.runForEach(bytes, (chunk) =>
            Effect.gen(function*() {
              yield* onChunk(chunk)
              yield* Effect.promise(() => writeAll(file, chunk, position))
              position += chunk.length
            }))
        })),
      hash: (id) =>
        Effect.promise(async () => {
          const digest = createHash("md5")
          for await (const chunk of createReadStream(pathOf(id))) digest.update(chunk as Buffer)
          return digest.digest("hex")
        }),
      size: (id) => Effect.promise(async () => (await stat(pathOf(id))).size),
      read: (id, range) =>
        range !== undefined && range.from >= range.to
          ? Stream.empty
          : Stream.suspend(() =>
            Stream.orDie(Stream.fromAsyncIterable<Uint8Array, unknown>(
              createReadStream(pathOf(id), range === undefined ? {} : { start: range.from, end: range.to - 1 }),
              (cause) => cause
            ))
          ),
      rename: (from, to) => Effect.promise(() => rename(pathOf(from), pathOf(to))),
      remove,
      sweep: (known) =>
        Effect.promise(async () => {
          const found = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isFile())
          const unknown = found.filter(({ name }) => isOwnName(name) && !known.has(name))
          await Promise.all(unknown.map(({ name }) => rm(pathOf(name), { force: true })))
          const there = new Set(found.map(({ name }) => name))
          return [...known].filter((name) => !there.has(name))
        })
    }
  })
