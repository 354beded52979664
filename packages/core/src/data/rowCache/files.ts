/** Entries as files of one directory, which any number of processes share. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { badArgument, type PlatformError } from "effect/PlatformError"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import { withLock } from "./lock.ts"
import { type Claim, type Claimed, type Draft, type Entry, RowCacheError, type Store } from "./store.ts"

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
  /** Where the platform does not tell modes and owners they are left out. */
  readonly stat: (path: string) => Effect.Effect<
    {
      readonly mtime: Option.Option<Date>
      readonly size: bigint
      readonly mode?: number | undefined
      readonly uid?: Option.Option<number> | undefined
    },
    PlatformError
  >
  /** Where a link leads; fails for what is none. Left out where there are no links. */
  readonly readLink?: ((path: string) => Effect.Effect<string, PlatformError>) | undefined
  readonly utimes: (path: string, accessed: Date, modified: Date) => Effect.Effect<void, PlatformError>
}

const suffix = ".rows"

const entryName = /^[0-9a-z]+\.rows$/

const draftName = /^[0-9a-z]+\.[0-9a-z]+\.part$/

/** The name of a draft for what is passed over begins so, and that of the lock of a key is this alone. No other one does. */
const passedOver = "0"

/** By the clock: a draft that is older was left by a process that was killed. */
const longestSilence = 10_000

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

/** How many names a draft tries: under one seed several processes draw the same. */
const mostNames = 20

/** How many files are asked for at once what they are. */
const concurrency = 16

/** That of others who may write in a directory: the group's and everybody's. */
const writableByOthers = 0o022
const writableByOwner = 0o200
/** Without it the owner could not use a directory: a platform that says so tells no modes. */
const usableByOwner = 0o100

/** So many bytes from an offset on, or as many as there are. */
const readFrom = (file: OpenFile, offset: number, length: number): Effect.Effect<Uint8Array, PlatformError> =>
  Effect.gen(function*() {
    const bytes = new Uint8Array(length)
    let filled = 0
    while (filled < length) {
      const count = yield* file.read(bytes.subarray(filled), { position: BigInt(offset + filled) })
      if (count === 0) break
      filled += count
    }
    return bytes.subarray(0, filled)
  })

const untold: { readonly mode?: number | undefined; readonly uid?: Option.Option<number> | undefined } = {}

const letters = (number: number): string => Math.abs(number).toString(36)

const drawName = /*#__PURE__*/ Effect.map(
  /*#__PURE__*/ Effect.all([Random.nextInt, Random.nextInt]),
  (numbers) => numbers.map(letters).join("")
)

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
  const makeDirectory = files.makeDirectory(directory, { recursive: true, mode: ownDirectory })

  const isLink = (path: string): Effect.Effect<boolean> =>
    files.readLink === undefined
      ? Effect.succeed(false)
      : Effect.match(files.readLink(path), { onFailure: () => false, onSuccess: () => true })

  const refused = (description: string): PlatformError =>
    badArgument({ module: "RowCache", method: "open", description })

  /** Makes a file, and the directory again where it was removed meanwhile. */
  const make: Files["open"] = (path, options) =>
    Effect.catch(
      files.open(path, options),
      (error) => isMissing(error) ? Effect.andThen(makeDirectory, files.open(path, options)) : Effect.fail(error)
    )

  const locked = <A, E, R>(self: Effect.Effect<A, E, R>) =>
    withLock(
      { open: make, remove: (path, options) => files.remove(path, options), stat: (path) => files.stat(path) },
      at("lock"),
      self
    )

  /** The files of such names; one that cannot be looked at is passed over, as one that went meanwhile. */
  const named = (pattern: RegExp): Effect.Effect<ReadonlyArray<Kept>, PlatformError> =>
    Effect.gen(function*() {
      const names = yield* files.readDirectory(directory)
      const kept = yield* Effect.forEach(names.filter((name) => pattern.test(name)), (name) =>
        Effect.match(files.stat(at(name)), {
          onFailure: (): ReadonlyArray<Kept> => [],
          onSuccess: ({ mtime, size }) => {
            const usedAt = Option.match(mtime, {
              onNone: () =>
                0,
              onSome: (moment) => moment.getTime()
            })
            return [{ path: at(name), size: Number(size), usedAt }]
          }
        }), { concurrency })
      return kept.flat()
    })

  const discard = (path: string): Effect.Effect<void, PlatformError> => files.remove(path, { force: true })

  /** What cannot be removed, as another user's file, stays where it is. */
  const removeSilent = Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    for (const { path, usedAt } of yield* named(draftName)) {
      if (now - usedAt > silence) yield* Effect.ignore(discard(path))
    }
  })

  /** Removes the least recently used until so many bytes more fit; fails only where they do not fit in the end. */
  const makeRoom = (path: string | undefined, size: number): Effect.Effect<void, PlatformError> =>
    Effect.gen(function*() {
      const others = (yield* named(entryName)).filter((kept) => kept.path !== path)
      let total = others.reduce((sum, kept) => sum + kept.size, size)
      let failed: PlatformError | undefined
      for (const oldest of others.sort((one, other) => one.usedAt - other.usedAt)) {
        if (total <= maxBytes) return
        const failure = yield* Effect.match(discard(oldest.path), {
          onFailure: (error) => error,
          onSuccess: () => undefined
        })
        if (failure === undefined) total -= oldest.size
        else failed ??= failure
      }
      if (total > maxBytes && failed !== undefined) return yield* Effect.fail(failed)
    })

  /** A directory may have been kept to a larger bound before; where that cannot be mended now, the next commit tries. */
  const holdToBound: Effect.Effect<void> = Effect.gen(function*() {
    const all = yield* named(entryName)
    if (all.reduce((sum, { size }) => sum + size, 0) > maxBytes) yield* locked(makeRoom(undefined, 0))
  }).pipe(Effect.ignore)

  const touch = (path: string): Effect.Effect<void, PlatformError> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => files.utimes(path, new Date(now), new Date(now)))

  const open: Store["open"] = (key) =>
    Effect.gen(function*() {
      const path = pathOf(key)
      if (yield* isLink(path)) return undefined
      const file = yield* orMissing(files.open(path, { flag: "r", mode: ownFile }))
      if (file === undefined) return undefined
      const { size } = yield* file.stat
      // one that was removed meanwhile, or that may not be written, is read all the same
      yield* Effect.ignore(touch(path))
      const entry: Entry = {
        size: Number(size),
        read: (offset, length) => failing("read an entry")(readFrom(file, offset, length))
      }
      return entry
    }).pipe(failing("open an entry"))

  /** A new file under a name that was free, which is removed with the scope unless it is kept. */
  const draw = (key: string, mark = "") =>
    Effect.gen(function*() {
      // only what was made here: a name that is taken is another's
      let made: string | undefined
      // it is closed before it is renamed or removed, which some systems ask for
      const inner = yield* Scope.make()
      const drop = Effect.andThen(
        Scope.close(inner, Exit.void),
        Effect.suspend(() => made === undefined ? Effect.void : Effect.ignore(discard(made)))
      )
      yield* Effect.addFinalizer(() => drop)
      const begin = Effect.gen(function*() {
        const path = at(`${key}.${mark}${yield* drawName}.part`)
        const file = yield* Scope.provide(make(path, { flag: "wx", mode: ownFile }), inner)
        made = path
        return { file, path }
      }).pipe(Effect.uninterruptible)
      const { file, path } = yield* Effect.retry(begin, {
        times: mostNames - 1,
        while: (error) => error.reason._tag === "AlreadyExists"
      })
      const keep = (): void => {
        made = undefined
      }
      return { file, path, inner, keep, drop }
    })

  type Drawn = Effect.Success<ReturnType<typeof draw>>

  /** Drafts of claims, until who claimed writes them. */
  const claimed = new Map<string, Drawn>()

  const create: Store["create"] = (key) =>
    Effect.gen(function*() {
      const own = claimed.get(key)
      claimed.delete(key)
      if (own !== undefined) yield* Effect.addFinalizer(() => own.drop)
      const { file, inner, keep, path } = own ?? (yield* draw(key))
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
              Effect.tap(() => Effect.sync(keep)),
              Effect.uninterruptible
            )
          }))
        }).pipe(failing("keep an entry"))
      }
      return draft
    }).pipe(failing("begin an entry"))

  /** The draft of a key that has changed last, but for one that is lost. */
  const holderOf = (key: string, lost: Claimed | undefined): Effect.Effect<Claimed | undefined, PlatformError> =>
    Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const prefix = at(`${key}.`)
      const drafts = (yield* named(draftName)).flatMap(({ path, size, usedAt }): ReadonlyArray<Claimed & Kept> => {
        const holder = path.slice(prefix.length)
        const sign = `${size} ${usedAt}`
        const isLost = Math.abs(now - usedAt) > longestSilence || (holder === lost?.holder && sign === lost.sign)
        return !path.startsWith(prefix) || holder === `${passedOver}.part` || isLost
          ? []
          : [{ isMine: false, holder, sign, isGivenUp: holder.startsWith(passedOver), path, size, usedAt }]
      })
      return drafts.find(({ isGivenUp }) => isGivenUp) ??
        drafts.reduce<Claimed & Kept | undefined>(
          (last, draft) => last === undefined || draft.usedAt > last.usedAt ? draft : last,
          undefined
        )
    })

  /** A draft is a claim: what is being written is what others wait for. */
  const claim: Store["claim"] = (key, lost) =>
    Effect.gen(function*() {
      const scope = yield* Effect.scope
      const other = yield* holderOf(key, lost)
      if (other !== undefined) return other
      const found = yield* withLock(
        { open: make, remove: (path, options) => files.remove(path, options), stat: (path) => files.stat(path) },
        at(`${key}.${passedOver}.part`),
        Effect.gen(function*() {
          return (yield* holderOf(key, lost)) ?? (yield* Scope.provide(draw(key), scope))
        })
      )
      if ("isMine" in found) return found
      claimed.set(key, found)
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          if (claimed.get(key) === found) claimed.delete(key)
        })
      )
      let path = found.path
      const made: Claim = {
        isMine: true,
        beat: failing("claim an entry")(Effect.suspend(() => touch(path))),
        giveUp: failing("claim an entry")(Effect.map(Scope.provide(draw(key, passedOver), scope), (marked) => {
          path = marked.path
        }))
      }
      return made
    }).pipe(failing("claim an entry"))

  const store: Store = {
    maxBytes,
    open,
    create,
    claim,
    remove: (key) => failing("remove an entry")(discard(pathOf(key))),
    clear: failing("clear")(locked(Effect.gen(function*() {
      for (const { path } of yield* named(entryName)) yield* discard(path)
      yield* removeSilent
    })))
  }

  /** What a file is that is made here says who the process is. */
  const checkOwner = Effect.scoped(Effect.gen(function*() {
    const { mode, uid } = yield* Effect.catch(files.stat(directory), () => Effect.succeed(untold))
    if (mode === undefined || (mode & usableByOwner) === 0) return
    if ((mode & writableByOthers) !== 0) {
      return yield* Effect.fail(refused(
        `others may write in ${directory}, and what they write could be taken for rows: chmod 700 it, or name ` +
          "a directory that is made for the cache"
      ))
    }
    const owner = uid === undefined ? undefined : Option.getOrUndefined(uid)
    if (owner === undefined) return
    const isMine = yield* Effect.matchEffect(draw("owner"), {
      // its owner may write, and who asks may not; where nobody may, nothing is kept either
      onFailure: ({ reason }) => Effect.succeed(reason._tag !== "PermissionDenied" || (mode & writableByOwner) === 0),
      onSuccess: ({ path }) =>
        Effect.map(files.stat(path), (made) => made.uid === undefined || Option.contains(made.uid, owner))
    })
    if (!isMine) {
      return yield* Effect.fail(refused(`${directory} is another user's: name a directory that is made for the cache`))
    }
  }))

  return Effect.gen(function*() {
    yield* makeDirectory
    if (yield* isLink(directory)) {
      return yield* Effect.fail(refused(`${directory} is a link, which is not followed: name the directory itself`))
    }
    yield* checkOwner
    yield* removeSilent
    yield* holdToBound
    return store
  }).pipe(failing("open its directory"))
}
