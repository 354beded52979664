/**
 * Rows of tables that are read once and kept: in memory, in files, in a
 * browser's database.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { log } from "../client/call/log.ts"
import { type Executor, executor, Redivis } from "../client/service.ts"
import * as Retry from "../client/Retry.ts"
import { onTable } from "../client/resolve.ts"
import { IntegrityError, InvalidInput } from "../contract/RedivisError.ts"
import type * as Reference from "../contract/Reference.ts"
import * as table from "../contract/table.ts"
import type { Batch } from "./Arrow.ts"
import { quoted, type SizeOf } from "./estimate.ts"
import type * as Rows from "./Rows.ts"
import { type Digest, digest as platformDigest, sealOf } from "./rowCache/digest.ts"
import { readManifest } from "./rowCache/format.ts"
import { accountOf, type Identity, identityOf, keyOf, type Selection } from "./rowCache/key.ts"
import { type Files, storeInFiles } from "./rowCache/files.ts"
import { makeMemory } from "./rowCache/memory.ts"
import { board, type Flight } from "./rowCache/flight.ts"
import { fromEntry } from "./rowCache/fromEntry.ts"
import { record } from "./rowCache/recorded.ts"
import type { RowCacheError, Store } from "./rowCache/store.ts"
import { checkOptions } from "./rows/begin.ts"
import { batchesFrom, rowsFrom } from "./rows/read.ts"
import { fromServer, type RowSource } from "./rows/source.ts"

export type { BatchesOptions, Row, RowsError, RowsOptions, Values } from "./Rows.ts"
export type { Files, OpenFile } from "./rowCache/files.ts"
export { type Claim, type Claimed, type Draft, type Entry, RowCacheError, type Store } from "./rowCache/store.ts"

/**
 * Where rows are kept. Programs provide it by a layer; a layer of your own is
 * made of a {@link Store}.
 *
 * @category services
 * @since 0.1.0
 */
export class RowCache extends Context.Service<RowCache, Store>()("@effect-redivis/core/RowCache") {}

/**
 * How much is kept.
 *
 * @category configuration
 * @since 0.1.0
 */
export interface Options {
  /**
   * The most that all entries together take, in bytes. Those that were used
   * least recently go, and what is larger by itself is not kept. An entry that
   * is being written comes on top, until it is kept or dropped.
   *
   * @default 256 MiB in memory, 4 GiB in files
   */
  readonly maxBytes?: number | undefined
}

/**
 * Where files are kept, and how much of them.
 *
 * @category configuration
 * @since 0.1.0
 */
export interface FilesOptions extends Options {
  /** A directory of the cache's own. It is made where there is none, for nobody but the owner of the process. */
  readonly directory: string
}

/**
 * The bound that an option sets, or why it is none; for layers of your own.
 *
 * @category constructors
 * @since 0.1.0
 */
export const checkedBound = (
  maxBytes: number | undefined,
  otherwise: number
): Effect.Effect<number, InvalidInput> => {
  const bound = maxBytes ?? otherwise
  return Number.isSafeInteger(bound) && bound >= 0
    ? Effect.succeed(bound)
    : Effect.fail(new InvalidInput({ field: "maxBytes", reason: "must be a whole number of bytes from 0 on" }))
}

const mebibyte = 2 ** 20

/**
 * Keeps rows in memory, as long as the layer lives.
 *
 * **Failures**
 *
 * - `InvalidInput`: `maxBytes` is no number of bytes
 *
 * **Example** (Read twice, sent once)
 *
 * ```ts
 * import * as Redivis from "@effect-redivis/core/Redivis"
 * import * as RowCache from "@effect-redivis/core/RowCache"
 * import * as Effect from "effect/Effect"
 * import * as Redacted from "effect/Redacted"
 * import * as Stream from "effect/Stream"
 *
 * const birds = RowCache.rows("demo.penguins.birds").pipe(Stream.runCollect)
 *
 * const program = Effect.all([birds, birds]).pipe(
 *   Effect.provide([Redivis.layerFetch({ token: Redacted.make("a token") }), RowCache.layerMemory()])
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory = (options?: Options): Layer.Layer<RowCache, InvalidInput> =>
  Layer.effect(
    RowCache,
    Effect.map(checkedBound(options?.maxBytes, 256 * mebibyte), (maxBytes) => RowCache.of(makeMemory(maxBytes)))
  )

/**
 * A store in files of one directory: what `RowCache.layerFiles` provides. See
 * there.
 *
 * **Failures**
 *
 * - `InvalidInput`: the directory has no name, or `maxBytes` is no number of bytes
 * - `RowCacheError`: the directory cannot be made or read
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeFiles = (
  files: Files,
  options: FilesOptions
): Effect.Effect<Store, InvalidInput | RowCacheError> =>
  Effect.gen(function*() {
    const maxBytes = yield* checkedBound(options.maxBytes, 4096 * mebibyte)
    if (options.directory === "" || options.directory.includes("\0")) {
      return yield* new InvalidInput({ field: "directory", reason: "must be the path of a directory" })
    }
    return yield* storeInFiles(files, options.directory.replace(/(?<=[^/\\])[/\\]+$/, ""), maxBytes)
  })

/**
 * Keeps rows in files of one directory, which any number of processes share.
 * `NodeRowCache.layer` and `DenoRowCache.layer` are this with the platform's
 * files.
 *
 * **Details**
 *
 * A file is written under a name of its own and renamed once all of it is
 * there, so that after a kill an entry is whole or absent. What a process left
 * that was killed is removed once it has not changed for two minutes, by the
 * next process that opens the directory, keeps an entry in it or clears it. An
 * entry that is removed while somebody reads it is read to its end.
 *
 * Where the platform tells owners and modes, a directory is refused that is
 * another user's, or that others may write in; one that is a link is refused
 * everywhere, and so is an entry. An entry is sealed by a key that the
 * credentials give, so that what was made or altered without them counts as not
 * there: of rows that are read without credentials only the directory's mode
 * keeps others away.
 *
 * A directory that holds more than `maxBytes` is brought down to it when it is
 * opened, and one that is removed while it is used is made again. A relative
 * `directory` counts from where the process is at each access: a program that
 * changes that names an absolute one.
 *
 * **Failures**
 *
 * - `InvalidInput`: the directory has no name, or `maxBytes` is no number of bytes
 * - `RowCacheError`: the directory cannot be made or read, or is one that others
 *   may write in
 *
 * **Example** (With a file system of Effect)
 *
 * ```ts
 * import * as RowCache from "@effect-redivis/core/RowCache"
 *
 * const cache = RowCache.layerFiles({ directory: "/var/cache/my-program", maxBytes: 10 ** 9 })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFiles = (
  options: FilesOptions
): Layer.Layer<RowCache, InvalidInput | RowCacheError, FileSystem.FileSystem> =>
  Layer.effect(
    RowCache,
    Effect.flatMap(FileSystem.FileSystem, (files) => Effect.map(makeFiles(files, options), RowCache.of))
  )

/** What the server says of a table now, and whose answer that is. */
interface Look {
  readonly table: table.Table
  readonly identity: Identity | undefined
  readonly account: string | undefined
}

const look = (reference: Reference.TableInput, digest: Digest | undefined) =>
  onTable<Look, Rows.RowsError>(reference, (redivis, reference) =>
    Effect.gen(function*() {
      if (digest === undefined) {
        const found = yield* redivis.execute(table.get, { params: { table: reference } })
        return { table: found, identity: undefined, account: undefined }
      }
      const before = yield* accountOf(redivis, digest)
      const found = yield* redivis.execute(table.get, { params: { table: reference } })
      const after = yield* accountOf(redivis, digest)
      // between two tokens nobody knows which was sent
      return { table: found, identity: identityOf(found), account: before === after ? after : undefined }
    }))

/** Reads the rows of a table of which the size is known already. */
type Read<A> = (
  source: RowSource,
  size: SizeOf,
  isKept: boolean
) => Stream.Stream<A, Rows.RowsError, Redivis>

const sizeOf = ({ numBytes, numRows, qualifiedReference }: table.Table): SizeOf =>
  Effect.succeed({ rows: numRows, bytes: numBytes, from: quoted(qualifiedReference) })

interface Reading<A> {
  readonly redivis: Executor
  readonly cache: Store
  readonly digest: Digest
  /** By a key that only the credentials give. */
  readonly seal: Digest
  readonly key: string
  readonly found: Look & { readonly identity: Identity; readonly account: string }
  readonly selection: Selection
  readonly read: Read<A>
}

/** Whether everything is as it was when the reading began: a release may have come between. */
const isUnchanged = <A>({ digest, found, redivis }: Reading<A>): Effect.Effect<boolean> =>
  look(found.table.qualifiedReference, digest).pipe(
    Effect.map(({ account, identity }) =>
      account === found.account && JSON.stringify(identity) === JSON.stringify(found.identity)
    ),
    Retry.withPolicy(Retry.never),
    Effect.catch(() => Effect.succeed(false)),
    Effect.provideService(Redivis, redivis)
  )

const notKept = (error: RowCacheError): Effect.Effect<undefined> =>
  Effect.as(log("Warn", `The rows are read, but not kept. ${error.message}`), undefined)

/** Who has all rows does not wait longer for their being kept. */
const longestKeeping = "5 seconds"

/** Reads from the server, and keeps what came once all has come. */
const fill = <A>(
  reading: Reading<A>,
  flight?: { readonly own: Flight; readonly end: Effect.Effect<void> }
): Effect.Effect<Stream.Stream<A, Rows.RowsError, Redivis>, never, Redivis | Scope.Scope> =>
  Effect.gen(function*() {
    const { cache, digest, found, key, read, redivis, seal, selection } = reading
    const server = yield* fromServer({ table: found.table.qualifiedReference })
    const size = sizeOf(found.table)
    const scope = yield* Scope.fork(yield* Effect.scope)
    const draft = yield* Effect.catch(Scope.provide(cache.create(key), scope), notKept)
    if (draft === undefined) return read(server, size, false)
    const { numRows } = found.table
    const { end, source } = record(server, {
      key,
      draft,
      drop: Scope.close(scope, Exit.void),
      passOver: flight?.own.passOver ?? Effect.void,
      digest,
      seal,
      isSameAccount: Effect.map(accountOf(redivis, digest), (account) => account === found.account),
      maxBytes: cache.maxBytes,
      numRows: Math.min(selection.maxResults ?? numRows, numRows),
      isAll: selection.maxResults === undefined
    })
    const keep = Effect.gen(function*() {
      if ((yield* end) && (yield* isUnchanged(reading))) yield* draft.commit
    }).pipe(
      Effect.timeoutOrElse({
        duration: longestKeeping,
        orElse: () => log("Warn", "The rows are read, but not kept: the server, or another process, took too long.")
      })
    )
    const filled = Stream.concat(
      read(source, size, false),
      Stream.fromEffectDrain(Effect.ensuring(Effect.catch(keep, notKept), flight?.end ?? Effect.void))
    )
    return flight === undefined ? filled : flight.own.watch(filled)
  })

/** Neither the server nor the caller can do anything about these: the entry is not what was written. */
const isDamage = ({ _tag }: Rows.RowsError): boolean =>
  _tag === "IntegrityError" || _tag === "DecodeError" || _tag === "TransportError"

/** A reading out of an entry cannot be gone on with elsewhere. */
const withoutPosition = (error: Rows.RowsError): Rows.RowsError => {
  Reflect.deleteProperty(error, "resume")
  return error
}

/** Reads what is kept; nothing where there is nothing, or nothing that is whole. */
const reuse = <A>(
  reading: Reading<A>
): Effect.Effect<Stream.Stream<A, Rows.RowsError, Redivis> | undefined, RowCacheError, Redivis | Scope.Scope> =>
  Effect.gen(function*() {
    const { cache, digest, found, key, read, redivis, seal } = reading
    const entry = yield* cache.open(key)
    if (entry === undefined) return undefined
    const manifest = yield* readManifest(entry, key, seal)
    if (manifest === undefined) {
      yield* cache.remove(key)
      return undefined
    }
    let isBegun = false
    const kept = fromEntry(
      found.table.qualifiedReference,
      `${redivis.endpoint}/readStreams`,
      entry,
      manifest,
      digest
    )
    return read(kept, sizeOf(found.table), true).pipe(
      Stream.mapArray((rows) => {
        isBegun = true
        return rows
      }),
      Stream.catch((error) => {
        if (!isDamage(error)) return Stream.fail(withoutPosition(error))
        const removed = Effect.ignore(cache.remove(key))
        return isBegun
          ? Stream.fromEffectDrain(Effect.andThen(
            removed,
            Effect.fail(
              new IntegrityError({
                operation: error.operation ?? "",
                reason: "Hash",
                detail: "what the row cache kept of the table is damaged, and is removed now"
              })
            )
          ))
          : Stream.unwrap(Effect.andThen(removed, share(reading)))
      })
    )
  })

/** Reads what is kept, as soon as it is where somebody else reads it now; else it is this reading that others wait for. */
const share = <A>(
  reading: Reading<A>
): Effect.Effect<Stream.Stream<A, Rows.RowsError, Redivis>, never, Redivis | Scope.Scope> =>
  Effect.gen(function*() {
    const before = yield* Effect.catch(reuse(reading), notKept)
    if (before !== undefined) return before
    const scope = yield* Effect.scope
    const turn = yield* Scope.fork(scope)
    const end = Scope.close(turn, Exit.void)
    const look = Scope.provide(reuse(reading), scope)
    const found = yield* Scope.provide(board(reading.cache, reading.key, look), turn)
    if (found !== undefined && "isFlight" in found) return yield* fill(reading, { own: found, end })
    yield* end
    return found ?? (yield* fill(reading))
  })

const through = <A>(
  reference: Reference.TableInput,
  options: Rows.RowsOptions<Rows.Values, A> | undefined,
  read: Read<A>
): Stream.Stream<A, Rows.RowsError, Redivis | RowCache> =>
  Stream.unwrap(Effect.gen(function*() {
    yield* checkOptions(options)
    const redivis = yield* executor
    const cache = yield* RowCache
    const digest = yield* platformDigest
    const found = yield* look(reference, digest)
    const { account, identity } = found
    if (digest === undefined || account === undefined || identity === undefined) {
      return read(yield* fromServer({ table: reference }), sizeOf(found.table), false)
    }
    const selection = { variables: options?.variables, maxResults: options?.maxResults }
    const key = yield* keyOf(digest, redivis.endpoint, account, identity, selection)
    const seal = yield* sealOf(account)
    const reading = { redivis, cache, digest, seal, key, found: { ...found, account, identity }, selection, read }
    return yield* share(reading)
  }))

/** What is kept comes as the session had it, and does not expire. */
const asKept = { ordered: true, streams: 1, onExpiry: undefined } as const

/**
 * The rows of a table as `Table.rows` gives them, from what is kept of it, or
 * else from the server, and then kept.
 *
 * **Details**
 *
 * `GET /tables/:table` comes first: it says whether the rows may still be read
 * and which they are. Where they are kept, no other request follows. Where they
 * are not, they come from the server as `Table.rows` reads them, are written
 * aside meanwhile, and are kept once all have come and the table is still the
 * same.
 *
 * What is kept is found by endpoint, credentials, table, content hash,
 * `variables` in their order and `maxResults`: the rows of another release or
 * of another account are never given. Only tables of released versions are
 * kept, where the server says their hash and that their rows may be read; all
 * else is read as by `Table.rows`. What is kept comes in the order of the
 * streams, whatever `ordered` and `streams` are. A cache that fails is passed
 * by, with a warning in the log.
 *
 * Of several that want the same rows at once, in one process or in all that
 * share the cache, the first reads from the server, and the others read what is
 * kept once all of it is. They wait as long as that reading goes on: where it
 * ends early, fails, or stands still for two seconds since its program is gone
 * or busy with something else, the next one reads. What is larger than the cache
 * is read by each for oneself.
 *
 * **Failures**
 *
 * - `NotFound`: there is no such table, or the token may not see it any more
 * - `IntegrityError`: the rows that came are not all, or what is kept turned out
 *   to be damaged (`Hash`) after rows of it were handed on
 * - those of `Table.rows`
 *
 * **Example** (A table that is read each morning)
 *
 * ```ts
 * import * as RowCache from "@effect-redivis/core/RowCache"
 * import * as Stream from "effect/Stream"
 *
 * const heavy = RowCache.rows("demo.penguins.birds", { variables: ["species", "body_mass_g"] }).pipe(
 *   Stream.filter((row) => Number(row.body_mass_g) > 5000),
 *   Stream.runCollect
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const rows = <const V extends Rows.Values = {}, A = Rows.Row<V>>(
  reference: Reference.TableInput,
  options?: Rows.RowsOptions<V, A>
): Stream.Stream<A, Rows.RowsError, Redivis | RowCache> =>
  through<A>(
    reference,
    options as Rows.RowsOptions<Rows.Values, A> | undefined, // each V is a Values
    (source, size, isKept) => rowsFrom<V, A>(source, size, isKept ? { ...options, ...asKept } : options)
  )

/**
 * The rows of a table as batches of columns, as `Table.batches` gives them,
 * from what is kept of it, or else from the server, and then kept.
 *
 * **Details**
 *
 * See {@link rows}, with which it shares what is kept.
 *
 * **Failures**
 *
 * - those of {@link rows}
 *
 * **Example** (How many rows a batch has)
 *
 * ```ts
 * import * as RowCache from "@effect-redivis/core/RowCache"
 * import * as Stream from "effect/Stream"
 *
 * const sizes = RowCache.batches("demo.penguins.birds").pipe(Stream.map((batch) => batch.numRows), Stream.runCollect)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const batches = (
  reference: Reference.TableInput,
  options?: Rows.BatchesOptions
): Stream.Stream<Batch, Rows.RowsError, Redivis | RowCache> =>
  through<Batch>(
    reference,
    options,
    (source, size, isKept) => batchesFrom(source, size, isKept ? { ...options, ...asKept } : options)
  )

/**
 * Removes everything that is kept, of all tables and accounts. Who is reading
 * reads on.
 *
 * **Failures**
 *
 * - `RowCacheError`: the place where it is kept cannot be written
 *
 * **Example** (Start anew)
 *
 * ```ts
 * import * as RowCache from "@effect-redivis/core/RowCache"
 *
 * const emptied = RowCache.clear
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const clear: Effect.Effect<void, RowCacheError, RowCache> = /*#__PURE__*/ RowCache.use((cache) => cache.clear)
