/** Entries as files of one directory, which any number of processes share. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import { withLock } from "./lock.ts"
import { type Draft, type Entry, RowCacheError, type Store } from "./store.ts"

/**
 * An open file, as far as entries need one.
 *
 * @category models
 * @since 0.1.0
 */
export interface OpenFile {
  readonly stat: Effect.Effect<{ readonly size: bigint }, PlatformError>
  /** Fills of the buffer what there is from the position on, and gives how much that was; 0 at the end. */
  readonly read: (
    buffer: Uint8Array,
    options: { readonly position: bigint }
  ) => Effect.Effect<number, PlatformError>
  readonly writeAll: (bytes: Uint8Array) => Effect.Effect<void, PlatformError>
}

/**
 * What of a file system entries are kept with; a `FileSystem` of Effect is one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Files {
  readonly makeDirectory: (
    path: string,
    options: { readonly recursive: true; readonly mode: number }
  ) => Effect.Effect<void, PlatformError>
  readonly open: (
    path: string,
    options: { readonly flag: "r" | "wx"; readonly mode: number }
  ) => Effect.Effect<OpenFile, PlatformError, Scope.Scope>
  readonly readDirectory: (path: string) => Effect.Effect<ReadonlyArray<string>, PlatformError>
  readonly remove: (path: string, options: { readonly force: true }) => Effect.Effect<void, PlatformError>
  readonly rename: (from: string, to: string) => Effect.Effect<void, PlatformError>
  readonly stat: (
    path: string
  ) => Effect.Effect<{ readonly mtime: Option.Option<Date>; readonly size: bigint }, PlatformError>
  readonly utimes: (path: string, accessed: Date, modified: Date) => Effect.Effect<void, PlatformError>
}

const suffix = ".rows"

const entryName = /^[0-9a-z]+\.rows$/

const draftName = /^[0-9a-z]+\.[0-9a-z]+\.part$/

/** How often a draft shows that its process lives, and how long one is silent that does not, in milliseconds. */
const beat = 15_000
const silence = 120_000

/** Rows may be confidential: nobody but the owner of the process reads them. */
const ownFile = 0o600
const ownDirectory = 0o700

interface Kept {
  readonly path: string
  readonly size: number
  readonly usedAt: number
}

const failing =
  (method: string) => <A, R>(self: Effect.Effect<A, PlatformError, R>): Effect.Effect<A, RowCacheError, R> =>
    Effect.mapError(self, (cause) => new RowCacheError({ method, cause }))

const isMissing = (error: PlatformError): boolean => error.reason._tag === "NotFound"

const orMissing = <A, R>(
  self: Effect.Effect<A, PlatformError, R>
): Effect.Effect<A | undefined, PlatformError, R> =>
  Effect.catch(self, (error) => isMissing(error) ? Effect.succeed(undefined) : Effect.fail(error))

const letters = (number: number): string => Math.abs(number).toString(36)

/**
 * An entry is written under a name of its own, and renamed once it is whole: a
 * process that is killed leaves a draft, which is removed when it has been
 * silent for long. Who reads an entry has opened it, and goes on reading where
 * it is removed or another is renamed into its place. So a lock is needed only
 * for what counts them all, to hold them to their bound.
 */
export const storeInFiles = (
  files: Files,
  directory: string,
  maxBytes: number
): Effect.Effect<Store, RowCacheError> => {
  const at = (name: string): string => `${directory}/${name}`
  const pathOf = (key: string): string => at(key + suffix)
  const locked = <A, E, R>(self: Effect.Effect<A, E, R>) => withLock(files, at("lock"), self)

  const named = (pattern: RegExp): Effect.Effect<ReadonlyArray<Kept>, PlatformError> =>
    Effect.flatMap(files.readDirectory(directory), (names) =>
      Effect.map(
        Effect.forEach(names.filter((name) => pattern.test(name)), (name) =>
          Effect.map(orMissing(files.stat(at(name))), (info): ReadonlyArray<Kept> =>
            info === undefined ? [] : [{
              path: at(name),
              size: Number(info.size),
              usedAt: Option.match(info.mtime, {
                onNone: () =>
                  0,
                onSome: (moment) => moment.getTime()
              })
            }])),
        (kept) =>
          kept.flat()
      ))

  const discard = (path: string): Effect.Effect<void, PlatformError> => files.remove(path, { force: true })

  const removeSilent = Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    for (const { path, usedAt } of yield* named(draftName)) {
      if (now - usedAt > silence) yield* discard(path)
    }
  })

  /** Removes the least recently used until so many bytes more fit. */
  const makeRoom = (path: string, size: number): Effect.Effect<void, PlatformError> =>
    Effect.gen(function*() {
      const others = (yield* named(entryName)).filter((kept) => kept.path !== path)
      let total = others.reduce((sum, kept) => sum + kept.size, size)
      for (const oldest of others.toSorted((one, other) => one.usedAt - other.usedAt)) {
        if (total <= maxBytes) return
        yield* discard(oldest.path)
        total -= oldest.size
      }
    })

  const touch = (path: string): Effect.Effect<void, PlatformError> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => files.utimes(path, new Date(now), new Date(now)))

  const open: Store["open"] = (key) =>
    Effect.gen(function*() {
      const path = pathOf(key)
      const file = yield* orMissing(files.open(path, { flag: "r", mode: ownFile }))
      if (file === undefined) return undefined
      const { size } = yield* file.stat
      // one that was removed meanwhile, or that may not be written, is read all the same
      yield* Effect.ignore(touch(path))
      const entry: Entry = {
        size: Number(size),
        read: (offset, length) =>
          Effect.gen(function*() {
            const bytes = new Uint8Array(length)
            let filled = 0
            while (filled < length) {
              const count = yield* file.read(bytes.subarray(filled), { position: BigInt(offset + filled) })
              if (count === 0) break
              filled += count
            }
            return bytes.subarray(0, filled)
          }).pipe(failing("read an entry"))
      }
      return entry
    }).pipe(failing("open an entry"))

  const create: Store["create"] = (key) =>
    Effect.gen(function*() {
      const path = at(`${key}.${letters(yield* Random.nextInt)}${letters(yield* Random.nextInt)}.part`)
      let isCommitted = false
      yield* Effect.addFinalizer(() => isCommitted ? Effect.void : Effect.ignore(discard(path)))
      // it is closed before it is renamed or removed, which some systems ask for
      const inner = yield* Scope.fork(yield* Effect.scope)
      const file = yield* Scope.provide(files.open(path, { flag: "wx", mode: ownFile }), inner)
      yield* Effect.forkIn(
        Effect.forever(Effect.andThen(Effect.sleep(beat), Effect.ignore(touch(path)))),
        inner
      )
      let size = 0
      const draft: Draft = {
        write: (bytes) => {
          size += bytes.length
          return failing("write an entry")(file.writeAll(bytes))
        },
        commit: Effect.gen(function*() {
          yield* Scope.close(inner, Exit.void)
          if (size > maxBytes) return
          yield* locked(Effect.gen(function*() {
            yield* removeSilent
            yield* makeRoom(pathOf(key), size)
            yield* touch(path)
            yield* files.rename(path, pathOf(key)).pipe(
              Effect.tap(() => Effect.sync(() => isCommitted = true)),
              Effect.uninterruptible
            )
          }))
        }).pipe(failing("keep an entry"))
      }
      return draft
    }).pipe(failing("begin an entry"))

  const store: Store = {
    maxBytes,
    open,
    create,
    remove: (key) => failing("remove an entry")(discard(pathOf(key))),
    clear: failing("clear")(locked(
      Effect.flatMap(named(entryName), (all) => Effect.forEach(all, ({ path }) => discard(path), { discard: true }))
    ))
  }

  return Effect.gen(function*() {
    yield* files.makeDirectory(directory, { recursive: true, mode: ownDirectory })
    yield* removeSilent
    return store
  }).pipe(failing("open its directory"))
}
