/**
 * A `redivis.lock`: which version of which datasets a piece of work rests on,
 * and what was in their tables, so that the same data can be fetched again.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as pages from "../client/pages.ts"
import { versionIn } from "../client/call/askedVersion.ts"
import type { Redivis } from "../client/service.ts"
import { strictly } from "../client/region.ts"
import { DecodeError } from "../contract/RedivisError.ts"
import * as Reference from "../contract/Reference.ts"
import { listByDataset } from "../contract/table.ts"
import { pin, type PinError } from "../resources/pin.ts"
import * as Table from "../resources/Table.ts"
import { matchTables } from "../resources/versionDiff.ts"

/**
 * A table as it was.
 *
 * @category models
 * @since 0.1.0
 */
export const LockedTable = Schema.Struct({
  name: Schema.String,
  /** With owner, ids and tag. */
  reference: Schema.String,
  referenceId: Schema.NullOr(Schema.String),
  /** Of the content, where the API told it. */
  hash: Schema.NullOr(Schema.String),
  numRows: Schema.NullOr(Schema.Number)
})
/**
 * @category models
 * @since 0.1.0
 */
export interface LockedTable extends Schema.Schema.Type<typeof LockedTable> {}

/**
 * A dataset at one version.
 *
 * @category models
 * @since 0.1.0
 */
export const LockedDataset = Schema.Struct({
  /** With owner, id and tag. */
  reference: Schema.String,
  /** As `v1.0`. */
  tag: Schema.String,
  doi: Schema.NullOr(Schema.String),
  tables: Schema.Array(LockedTable)
})
/**
 * @category models
 * @since 0.1.0
 */
export interface LockedDataset extends Schema.Schema.Type<typeof LockedDataset> {}

/**
 * What a lock file holds.
 *
 * @category models
 * @since 0.1.0
 */
export const Lock = Schema.Struct({
  lockVersion: Schema.Literal(1),
  datasets: Schema.Array(LockedDataset)
})
/**
 * @category models
 * @since 0.1.0
 */
export interface Lock extends Schema.Schema.Type<typeof Lock> {}

/**
 * @category errors
 * @since 0.1.0
 */
export type MakeError = PinError | Table.ListError
/**
 * @category errors
 * @since 0.1.0
 */
export type ReadError = PlatformError | DecodeError
/**
 * @category errors
 * @since 0.1.0
 */
export type VerifyError = Exclude<Table.ListError, { readonly _tag: "NotFound" }>

/** The same in every locale. */
const before = (one: string, other: string): number => one < other ? -1 : one > other ? 1 : 0

const lockTable = (table: Table.TableListItem): LockedTable => ({
  name: table.name,
  reference: table.qualifiedReference,
  referenceId: table.referenceId === undefined || table.referenceId === null ? null : String(table.referenceId),
  hash: table.hash ?? null,
  numRows: table.numRows ?? null
})

/** In the order of references, whatever the order was. */
const sorted = (lock: Lock): Lock => ({
  lockVersion: lock.lockVersion,
  datasets: lock.datasets
    .map(({ doi, reference, tables, tag }) => ({
      reference,
      tag,
      doi,
      tables: tables
        .map(({ hash, name, numRows, reference, referenceId }) => ({ name, reference, referenceId, hash, numRows }))
        .sort((one, other) => before(one.reference, other.reference))
    }))
    .sort((one, other) => before(one.reference, other.reference))
})

const misplaced = (tag: string, tables: ReadonlyArray<Table.TableListItem>): DecodeError =>
  new DecodeError({
    operation: listByDataset.name,
    path: "results.qualifiedReference",
    expected: `references that have the id of the dataset and the tag ${tag}`,
    value: tables.map(({ qualifiedReference }) => qualifiedReference).join(", ").slice(0, 40)
  })

/**
 * Whether tables are those of a dataset at one version, by their own
 * references: a service that ignores what it does not know lists others. What
 * does not tell its version is a failure.
 */
const areAll = (
  { id }: { readonly id?: string | undefined },
  tag: string,
  tables: ReadonlyArray<Table.TableListItem>
): Effect.Effect<boolean, DecodeError> => {
  let isOther = false
  for (const { qualifiedReference } of tables) {
    const told = versionIn(qualifiedReference)
    if (told === undefined) return Effect.fail(misplaced(tag, tables))
    const container = Result.getOrUndefined(Reference.parseTable(qualifiedReference))?.container
    isOther ||= `v${told}` !== tag.toLowerCase() ||
      (id !== undefined && container?.id !== undefined && container.id !== id)
  }
  return Effect.succeed(!isOther)
}

/**
 * Pins datasets and notes what is in their tables.
 *
 * **Details**
 *
 * `GET /datasets/:dataset` and `GET /datasets/:dataset/tables` for each. Without
 * a version a dataset is taken at its current one.
 *
 * **Failures**
 *
 * - `InvalidInput`: a reference names `next`, which moves
 * - `NotFound`: there is no such dataset or version, the token may not see it, or the service gives another one
 *
 * **Example** (Before a paper is sent off)
 *
 * ```ts
 * import * as Lock from "@effect-redivis/core/Lock"
 * import * as Effect from "effect/Effect"
 *
 * const locked = Lock.make(["demo.penguins", "demo.whales:v2_0"]).pipe(
 *   Effect.tap((lock) => Lock.write(lock))
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const make = (datasets: Iterable<Reference.DatasetInput>): Effect.Effect<Lock, MakeError, Redivis> =>
  Effect.map(
    Effect.forEach(datasets, (dataset) =>
      Effect.gen(function*() {
        const pinned = yield* pin(dataset)
        const tables = yield* pages.collect("tables.list", (page) => Table.listPage(pinned.reference, page))
        if (!(yield* areAll(pinned.reference, pinned.tag, tables))) {
          return yield* misplaced(pinned.tag, tables)
        }
        return {
          reference: pinned.text,
          tag: pinned.tag,
          doi: pinned.dataset.doi ?? null,
          tables: tables.map(lockTable)
        }
      }).pipe(strictly), { concurrency: 4 }),
    (datasets) => sorted({ lockVersion: 1, datasets })
  )

/**
 * A lock as the text of its file: JSON with two spaces, in an order that
 * depends on the references alone, so that a commit shows what moved.
 *
 * @category formatting
 * @since 0.1.0
 */
export const format = (lock: Lock): string => `${JSON.stringify(sorted(lock), undefined, 2)}\n`

/**
 * Reads the text of a lock file.
 *
 * **Failures**
 *
 * - `DecodeError`: the text is no JSON, or not that of a lock
 *
 * **Example** (From a page)
 *
 * ```ts
 * import * as Lock from "@effect-redivis/core/Lock"
 *
 * const lock = Lock.parse("{\"lockVersion\":1,\"datasets\":[]}")
 * ```
 *
 * @category parsing
 * @since 0.1.0
 */
export const parse = (text: string): Result.Result<Lock, DecodeError> =>
  Result.mapError(
    Schema.decodeUnknownResult(Schema.fromJsonString(Lock))(text),
    (issue) => new DecodeError({ operation: "Lock.parse", path: "", expected: `a lock file (${issue.message})` })
  )

/** Where a lock lies if nobody says otherwise. */
const usualPath = "redivis.lock"

/**
 * Reads a lock file.
 *
 * **Failures**
 *
 * - `PlatformError`: the file is not there, or cannot be read
 * - `DecodeError`: it is no lock file
 *
 * **Example** (On Node)
 *
 * ```ts
 * import * as Lock from "@effect-redivis/core/Lock"
 * import { NodeServices } from "@effect/platform-node"
 * import * as Effect from "effect/Effect"
 *
 * const lock = Lock.read().pipe(Effect.provide(NodeServices.layer))
 * ```
 *
 * @category files
 * @since 0.1.0
 */
export const read = (path: string = usualPath): Effect.Effect<Lock, ReadError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    return yield* Effect.fromResult(parse(yield* fileSystem.readFileString(path)))
  })

/** How many names are tried: under one seed several processes draw the same. */
const mostNames = 20

/** Of the file that is to be replaced; none where there is none, or where a link lies in its place. */
const modeOf = (fileSystem: FileSystem.FileSystem, path: string): Effect.Effect<number | undefined> =>
  Effect.matchEffect(fileSystem.readLink(path), {
    onSuccess: () => Effect.succeed(undefined),
    onFailure: () =>
      Effect.match(fileSystem.stat(path), {
        onFailure: () => undefined,
        onSuccess: ({ mode, type }) => type === "File" ? mode & 0o777 : undefined
      })
  })

/** A new file beside the path, which is nobody else's. */
const makeAside = (
  fileSystem: FileSystem.FileSystem,
  path: string,
  text: string,
  mode: number | undefined
): Effect.Effect<string, PlatformError> =>
  Effect.gen(function*() {
    const letters = [yield* Random.nextInt, yield* Random.nextInt].map((number) => Math.abs(number).toString(36))
    const aside = `${path}.${letters.join("")}.part`
    yield* fileSystem.writeFileString(aside, text, {
      flag: "wx",
      ...(mode === undefined ? undefined : { mode: mode | 0o200 })
    }).pipe(
      // what was made here and is not whole; a name that is taken is another's
      Effect.tapError(({ reason }) =>
        reason._tag === "AlreadyExists" ? Effect.void : Effect.ignore(fileSystem.remove(aside))
      )
    )
    return aside
  })

/**
 * Writes a lock file.
 *
 * **Details**
 *
 * First beside the path, under a name that nobody knows and that was free, then
 * moved there: a lock that was there stays whole whatever happens, and gives its
 * mode to the new one. A link at the path is replaced, and not what it leads to.
 *
 * **Failures**
 *
 * - `PlatformError`: the file cannot be written
 *
 * **Example** (Beside the code)
 *
 * ```ts
 * import * as Lock from "@effect-redivis/core/Lock"
 * import * as Effect from "effect/Effect"
 *
 * const written = Lock.make(["demo.penguins"]).pipe(Effect.flatMap((lock) => Lock.write(lock, "data/redivis.lock")))
 * ```
 *
 * @category files
 * @since 0.1.0
 */
export const write = (
  lock: Lock,
  path: string = usualPath
): Effect.Effect<void, PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const mode = yield* modeOf(fileSystem, path)
    yield* Effect.acquireUseRelease(
      Effect.retry(makeAside(fileSystem, path, format(lock), mode), {
        times: mostNames - 1,
        while: ({ reason }) => reason._tag === "AlreadyExists"
      }),
      (aside) =>
        Effect.andThen(
          mode === undefined ? Effect.void : fileSystem.chmod(aside, mode),
          fileSystem.rename(aside, path)
        ),
      (aside, exit) => Exit.isSuccess(exit) ? Effect.void : Effect.ignore(fileSystem.remove(aside))
    )
  })

/**
 * Something that is not as it was locked.
 *
 * @category models
 * @since 0.1.0
 */
export type Moved =
  /** The version is gone, or hidden from this token. */
  | { readonly kind: "datasetMissing"; readonly dataset: string }
  | { readonly kind: "tableMissing"; readonly dataset: string; readonly table: LockedTable }
  | { readonly kind: "tableAdded"; readonly dataset: string; readonly table: LockedTable }
  /** Another name, hash or number of rows. */
  | {
    readonly kind: "tableChanged"
    readonly dataset: string
    readonly table: LockedTable
    readonly now: LockedTable
    readonly fields: ReadonlyArray<"name" | "hash" | "numRows">
  }

/** What moved in one dataset. */
export const compare = (locked: LockedDataset, found: ReadonlyArray<Table.TableListItem>): ReadonlyArray<Moved> => {
  const dataset = locked.reference
  const { added, pairs, removed } = matchTables(
    // what a listing has, as far as telling tables apart needs it
    locked.tables.map((table) => ({
      ...table,
      qualifiedReference: table.reference,
      scopedReference: table.reference,
      uri: ""
    })),
    found
  )
  const isGone = new Set(removed.map(({ qualifiedReference }) => qualifiedReference))
  const of = new Map(locked.tables.map((table) => [table.reference, table]))
  return [
    ...locked.tables.filter(({ reference }) => isGone.has(reference)).map((table) =>
      ({ kind: "tableMissing", dataset, table }) as const
    ),
    ...added.map((table) => ({ kind: "tableAdded", dataset, table: lockTable(table) }) as const),
    ...pairs.flatMap(({ from, to }): ReadonlyArray<Moved> => {
      const table = of.get(from.qualifiedReference)
      if (table === undefined) return []
      const now = lockTable(to)
      const fields = (["name", "hash", "numRows"] as const).filter((field) => table[field] !== now[field])
      return fields.length === 0 ? [] : [{ kind: "tableChanged", dataset, table, now, fields }]
    })
  ]
}

/** The tables of the locked version; nothing where the service gives those of another one. */
const tablesOf = (locked: LockedDataset) =>
  Effect.gen(function*() {
    const tables = yield* pages.collect("tables.list", (page) => Table.listPage(locked.reference, page))
    // a listing of nothing tells no version
    if (tables.length === 0) yield* pin(locked.reference)
    const reference = yield* Effect.fromResult(Reference.parseDataset(locked.reference))
    return (yield* areAll(reference, locked.tag, tables)) ? tables : undefined
  }).pipe(strictly)

/**
 * Says what is no longer as it was locked; nothing moved where the answer is
 * empty.
 *
 * **Details**
 *
 * `GET /datasets/:dataset/tables` for each dataset at its locked version, and
 * `GET /datasets/:dataset` where that lists nothing. New versions of a dataset
 * move nothing; an answer of another version than the locked one, or of another
 * dataset, is a missing dataset.
 *
 * **Failures**
 *
 * - `InvalidInput`: a reference of the lock is none
 *
 * **Example** (Before an analysis)
 *
 * ```ts
 * import * as Lock from "@effect-redivis/core/Lock"
 * import * as Effect from "effect/Effect"
 *
 * const checked = Effect.gen(function*() {
 *   const lock = yield* Lock.read()
 *   const moved = yield* Lock.verify(lock)
 *   for (const { dataset, kind } of moved) yield* Effect.logWarning(`${dataset}: ${kind}`)
 *   return lock
 * })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const verify = (lock: Lock): Effect.Effect<ReadonlyArray<Moved>, VerifyError, Redivis> =>
  Effect.map(
    Effect.forEach(lock.datasets, (locked) =>
      Effect.catchTag(
        tablesOf(locked),
        "NotFound",
        () => Effect.succeed(undefined)
      ).pipe(
        Effect.map((tables): ReadonlyArray<Moved> =>
          tables === undefined
            ? [{ kind: "datasetMissing", dataset: locked.reference }]
            : compare(locked, tables)
        )
      ), { concurrency: 4 }),
    (moved) => moved.flat()
  )
