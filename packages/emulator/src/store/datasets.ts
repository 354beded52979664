/** Datasets, and the look-ups that everything inside a dataset begins with. */
import { Reference } from "@effect-redivis/core/Contract"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { accountKey, hasLabel, toAccount } from "./accounts.ts"
import type { Database, Parameter, Row } from "./Database.ts"
import * as Decode from "./decode.ts"
import {
  isLikeReferenceId,
  isReferenceId,
  isTaken,
  makeId,
  makeReferenceId,
  makeResourceId,
  normalName,
  quoteText
} from "./identifiers.ts"
import type * as Model from "./model.ts"
import type { Relations } from "./relations.ts"
import type { Accounts, Datasets } from "./Store.ts"
import { StoreConflict, StoreInvalid, StoreNotFound } from "./StoreError.ts"

const noDocumentation: Model.DatasetDocumentation = {
  methodologyMarkdown: null,
  usageMarkdown: null,
  contactInfo: null,
  links: [],
  tags: [],
  supportingFiles: [],
  customDocumentationSections: [],
  temporalRange: null,
  temporalPrecision: null,
  geoBBox: null,
  sampleConfiguration: null
}

const tagOf = (row: Row): string =>
  Decode.boolean(row, "is_released") ? `v${Decode.number(row, "major")}.${Decode.number(row, "minor")}` : "next"

/** Versions of one dataset, whose rows come in the order of their ordinals. */
const toVersions = (rows: ReadonlyArray<Row>): ReadonlyArray<Model.Version> =>
  rows.map((row, position) => ({
    id: Decode.text(row, "id"),
    datasetId: Decode.text(row, "dataset_id"),
    tag: tagOf(row),
    index: Decode.number(row, "ordinal"),
    label: Decode.textOrNull(row, "label"),
    releaseNotes: Decode.textOrNull(row, "release_notes"),
    isReleased: Decode.boolean(row, "is_released"),
    isDeleted: Decode.boolean(row, "is_deleted"),
    status: Decode.wordOrNull(row, "status"),
    releaseErrorMessage: Decode.textOrNull(row, "release_error"),
    createdAt: Decode.number(row, "created_at"),
    updatedAt: Decode.number(row, "updated_at"),
    releasedAt: Decode.numberOrNull(row, "released_at"),
    previousVersionTag: position === 0 ? null : tagOf(rows[position - 1]!),
    nextVersionTag: position === rows.length - 1 ? null : tagOf(rows[position + 1]!)
  }))

interface Loaded {
  readonly dataset: Model.Dataset
  /** In the order in which they were made. */
  readonly versions: ReadonlyArray<Model.Version>
  readonly tableCounts: ReadonlyMap<string, { readonly tableCount: number; readonly numBytes: number }>
}

export const wantedTag = (tag: string): string => tag.toLowerCase().replace("_", ".")

/** The version that a tag names among the versions of a dataset; `undefined` is `current`. */
export const pickVersion = (
  versions: ReadonlyArray<Model.Version>,
  tag: string | undefined
): Model.Version | undefined => {
  const wanted = wantedTag(tag ?? "current")
  if (wanted !== "current") return versions.find((version) => version.tag === wanted)
  return versions.findLast(({ isReleased, isDeleted }) => isReleased && !isDeleted) ??
    versions.find(({ isReleased }) => !isReleased)
}

export interface DatasetLookups extends Datasets {
  readonly versions: (datasetId: string) => Effect.Effect<ReadonlyArray<Model.Version>, StoreNotFound>
  readonly at: (datasetId: string, versionId: string) => Effect.Effect<Model.DatasetAtVersion, StoreNotFound>
  /** Notes that something in a dataset changed, and counts anew what its draft has. Only inside of a `write`. */
  readonly touch: (datasetId: string, versionId: string | null) => Effect.Effect<void>
  /** A `write` of many changes, in which `touch` waits for the end and then counts once. */
  readonly together: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** The datasets that `together` has to count in the end, and the versions of each. */
const CurrentTouched = Context.Reference<Map<string, Set<string>> | undefined>(
  "@effect-redivis/emulator/datasets/CurrentTouched",
  { defaultValue: () => undefined }
)

/**
 * What a reference to an owner's thing with name and id finds among those that
 * fit one of them. An id that is none, as a version that is mistyped, says
 * nothing, unless the reference is taken strictly.
 */
export const pickNamed = <A>(
  candidates: ReadonlyArray<A>,
  lookup: { readonly name?: string | undefined; readonly id?: string | undefined },
  options: Model.LookupOptions | undefined,
  keyOf: (candidate: A) => { readonly referenceId: string; readonly name: string }
): A | undefined => {
  const { id, name } = lookup
  const byName = (among: ReadonlyArray<A>, nearest: boolean | undefined): A | undefined =>
    name === undefined
      ? undefined
      : Reference.findNamed(name, among, (candidate) => keyOf(candidate).name, { nearest })
  const byId = candidates.find((candidate) => keyOf(candidate).referenceId === id)
  if (byId !== undefined) {
    return options?.strict === true && name !== undefined ? byName([byId], false) : byId
  }
  const isIgnored = id === undefined || !(options?.strict === true || isLikeReferenceId(id))
  return options?.exact === true || !isIgnored ? undefined : byName(candidates, options?.nearest)
}

/** Looks for the names that were given, and for others that may be meant by them only where nothing has those. */
export const nearestFirst = <A, E extends { readonly _tag: string }, R>(
  options: Model.LookupOptions | undefined,
  look: (options: Model.LookupOptions) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  options?.nearest === true
    ? look(options)
    : Effect.catchIf(look({ ...options, nearest: true }), isMissing, () => look({ ...options }))

const isMissing = ({ _tag }: { readonly _tag: string }): boolean => _tag === "StoreNotFound"

export const describe = (lookup: Model.DatasetLookup): string =>
  [[lookup.owner, lookup.name].filter((part) => part !== undefined).join("."), lookup.id, lookup.version]
    .filter((part) => part !== undefined && part !== "").join(":")

export const checkName = (name: string): Effect.Effect<void, StoreInvalid> =>
  /[\p{L}\p{N}_]/u.test(name)
    ? Effect.void
    : Effect.fail(new StoreInvalid({ field: "name", message: "must have at least one letter, digit or underscore" }))

/** What a row of the catalogue is found by. */
export const namedRow = (row: Row): { readonly referenceId: string; readonly name: string } => ({
  referenceId: Decode.text(row, "reference_id"),
  name: Decode.text(row, "name")
})

export const makeDatasets = (database: Database, accounts: Accounts, relations: Relations): DatasetLookups => {
  const load = (where: string, parameters: ReadonlyArray<Parameter>): Effect.Effect<ReadonlyArray<Loaded>> =>
    Effect.gen(function*() {
      const datasets = yield* database.rows(`SELECT * FROM registry.datasets WHERE ${where}`, parameters)
      if (datasets.length === 0) return []
      const idsOf = (name: string) => [...new Set(datasets.map((row) => quoteText(Decode.text(row, name))))].join(", ")
      const owners = yield* database.rows(`SELECT * FROM registry.accounts WHERE key IN (${idsOf("owner_key")})`)
      const versions = yield* database.rows(`SELECT * FROM registry.versions WHERE dataset_id IN (${idsOf("id")})`)
      const ownerOf = new Map(owners.map((row) => [Decode.text(row, "key"), toAccount(row)]))
      const versionsOf = Map.groupBy(Decode.inOrder(versions, "ordinal"), (row) => Decode.text(row, "dataset_id"))
      const tableCounts = new Map(versions.map((row) => [Decode.text(row, "id"), {
        tableCount: Decode.number(row, "table_count"),
        numBytes: Decode.number(row, "num_bytes")
      }]))
      return Decode.inOrder(datasets, "position").map((row): Loaded => {
        const id = Decode.text(row, "id")
        const own = toVersions(versionsOf.get(id) ?? [])
        return {
          versions: own,
          tableCounts,
          dataset: {
            ...noDocumentation,
            ...Decode.json<Partial<Model.DatasetDocumentation>>(row, "documentation"),
            id,
            referenceId: Decode.text(row, "reference_id"),
            owner: ownerOf.get(Decode.text(row, "owner_key"))!,
            name: Decode.text(row, "name"),
            description: Decode.textOrNull(row, "description"),
            labels: Decode.json(row, "labels"),
            publicAccessLevel: Decode.word(row, "public_access_level"),
            doi: Decode.textOrNull(row, "doi"),
            createdAt: Decode.number(row, "created_at"),
            updatedAt: Decode.number(row, "updated_at"),
            currentVersion: own.findLast(({ isReleased, isDeleted }) => isReleased && !isDeleted) ?? null,
            nextVersion: own.find(({ isReleased }) => !isReleased) ?? null,
            totalNumBytes: Decode.number(row, "total_num_bytes")
          }
        }
      })
    })

  const show = (
    loaded: Loaded,
    version: Model.Version,
    lookup?: Model.DatasetLookup
  ): Model.DatasetAtVersion => ({
    dataset: loaded.dataset,
    version,
    sample: lookup?.sample ?? false,
    requestedVersion: lookup?.version,
    tableCount: loaded.tableCounts.get(version.id)?.tableCount ?? 0,
    numBytes: loaded.tableCounts.get(version.id)?.numBytes ?? 0
  })

  const showCurrent = (loaded: Loaded): Model.DatasetAtVersion =>
    // A dataset always has a version: the draft that it was made with, or the one that it was released as.
    show(loaded, pickVersion(loaded.versions, undefined) ?? loaded.versions.at(-1)!)

  const loadById = (id: string): Effect.Effect<Loaded, StoreNotFound> =>
    Effect.flatMap(load("id = $1", [id]), ([loaded]) =>
      loaded === undefined
        ? Effect.fail(new StoreNotFound({ kind: "dataset", reference: id }))
        : Effect.succeed(loaded))

  const getById: Datasets["getById"] = (id) => Effect.map(loadById(id), showCurrent)

  /** In whatever form the name was written; its own form is the one that few are asked for by. */
  const findAmongAll = (
    owner: string,
    lookup: Model.DatasetLookup,
    options: Model.LookupOptions | undefined
  ): Effect.Effect<Loaded | undefined> =>
    Effect.gen(function*() {
      const rows = yield* database.rows(
        "SELECT id, name, reference_id FROM registry.datasets WHERE owner_key = $1 ORDER BY position",
        [owner]
      )
      const found = pickNamed(rows, lookup, options, namedRow)
      return found === undefined ? undefined : (yield* load("id = $1", [Decode.text(found, "id")]))[0]
    })

  const checkNameIsFree = (
    owner: string,
    name: string,
    except: string | null
  ): Effect.Effect<void, StoreConflict | StoreInvalid> =>
    Effect.gen(function*() {
      yield* checkName(name)
      const others = yield* database.rows(
        "SELECT name FROM registry.datasets WHERE owner_key = $1 AND id IS DISTINCT FROM $2",
        [accountKey(owner), except]
      )
      const taken = others.map((row) => ({ name: Decode.text(row, "name") })).find((other) => isTaken(name, [other]))
      if (taken !== undefined) {
        return yield* new StoreConflict({
          reason: "nameTaken",
          message: `${owner} has a dataset named ${taken.name} already`
        })
      }
    })

  const update: Datasets["update"] = (id, change) =>
    database.write(Effect.gen(function*() {
      const { dataset } = yield* loadById(id)
      if (change.name !== undefined) yield* checkNameIsFree(dataset.owner.name, change.name, id)
      const name = change.name ?? dataset.name
      const documentation = Object.fromEntries(
        // The keys are those of the type that all three are of.
        (Object.keys(noDocumentation) as Array<keyof Model.DatasetDocumentation>).map((key) => {
          const given = change.documentation?.[key]
          return [key, given === undefined ? dataset[key] : given === null ? noDocumentation[key] : given]
        })
      )
      yield* database.run(
        `UPDATE registry.datasets SET name = $2, name_key = $3, public_access_level = $4, description = $5,
           labels = $6, doi = $7, documentation = $8, updated_at = $9 WHERE id = $1`,
        [
          id,
          name,
          normalName(name),
          change.publicAccessLevel ?? dataset.publicAccessLevel,
          change.description === undefined ? dataset.description : change.description,
          JSON.stringify(change.labels ?? dataset.labels),
          change.doi === undefined ? dataset.doi : change.doi,
          JSON.stringify(documentation),
          yield* Clock.currentTimeMillis
        ]
      )
      return yield* getById(id)
    }))

  const count = (datasetId: string, versionIds: Iterable<string>): Effect.Effect<void> =>
    Effect.gen(function*() {
      for (const versionId of versionIds) {
        const [counted] = yield* database.rows(
          `SELECT count(*) AS table_count, CAST(coalesce(sum(num_bytes), 0) AS BIGINT) AS num_bytes
           FROM registry.tables WHERE version_id = $1`,
          [versionId]
        )
        yield* database.run("UPDATE registry.versions SET table_count = $2, num_bytes = $3 WHERE id = $1", [
          versionId,
          Decode.number(counted!, "table_count"),
          Decode.number(counted!, "num_bytes")
        ])
      }
      const [total] = yield* database.rows(
        "SELECT CAST(coalesce(sum(num_bytes), 0) AS BIGINT) AS num_bytes FROM registry.contents WHERE dataset_id = $1",
        [datasetId]
      )
      yield* database.run("UPDATE registry.datasets SET updated_at = $2, total_num_bytes = $3 WHERE id = $1", [
        datasetId,
        yield* Clock.currentTimeMillis,
        Decode.number(total!, "num_bytes")
      ])
    })

  return {
    create: (ownerName, { name, referenceId, ...rest }) =>
      database.write(Effect.gen(function*() {
        const owner = yield* accounts.get(ownerName)
        yield* checkNameIsFree(owner.name, name, null)
        const taken = new Set(
          (yield* database.rows("SELECT reference_id FROM registry.datasets WHERE owner_key = $1", [
            accountKey(owner.name)
          ])).map((row) => Decode.text(row, "reference_id"))
        )
        if (referenceId !== undefined && (!isReferenceId(referenceId) || taken.has(referenceId))) {
          return yield* new StoreInvalid({ field: "referenceId", message: `${referenceId} is taken, or no id` })
        }
        const ownReferenceId = referenceId ?? makeReferenceId((candidate) => taken.has(candidate))
        const id = makeResourceId(ownReferenceId)
        const now = yield* Clock.currentTimeMillis
        yield* database.run(
          `INSERT INTO registry.datasets (id, owner_key, reference_id, name, name_key, labels, public_access_level,
             documentation, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, '[]', 'none', '{}', $6, $6)`,
          [
            id,
            accountKey(owner.name),
            ownReferenceId,
            name,
            normalName(name),
            now
          ]
        )
        yield* database.run(
          `INSERT INTO registry.versions (id, dataset_id, ordinal, is_released, is_deleted, created_at, updated_at)
           VALUES ($1, $2, 0, false, false, $3, $3)`,
          [makeId(), id, now]
        )
        return yield* update(id, rest)
      })),
    get: (lookup, options) =>
      Effect.gen(function*() {
        if (lookup.owner === undefined) {
          return yield* new StoreInvalid({ field: "reference", message: "must name the owner" })
        }
        const owner = accountKey(lookup.owner)
        const loaded = yield* load("owner_key = $1 AND (reference_id = $2 OR name_key = $3)", [
          owner,
          lookup.id ?? null,
          lookup.name === undefined ? null : normalName(lookup.name)
        ])
        const found = pickNamed(loaded, lookup, { ...options, nearest: true }, ({ dataset }) => dataset) ??
          (yield* findAmongAll(owner, lookup, options))
        if (found === undefined) {
          return yield* new StoreNotFound({ kind: "dataset", reference: describe(lookup) })
        }
        const version = pickVersion(found.versions, lookup.version)
        if (version === undefined) {
          return yield* new StoreNotFound({ kind: "version", reference: describe(lookup) })
        }
        return show(found, version, lookup)
      }),
    getById,
    list: (ownerName, filter) =>
      Effect.gen(function*() {
        const owner = yield* accounts.get(ownerName)
        const loaded = yield* load("owner_key = $1", [accountKey(owner.name)])
        return loaded.filter(({ dataset }) => filter?.labels === undefined || hasLabel(dataset.labels, filter.labels))
          .map(showCurrent)
      }),
    update,
    usage: (ids) =>
      Effect.gen(function*() {
        const list = ids.map(quoteText).join(", ") || "NULL"
        const rows = yield* database.rows(
          `SELECT dataset_id, CAST(coalesce(sum(num_bytes) FILTER (is_active), 0) AS BIGINT) AS active,
             CAST(coalesce(sum(num_bytes) FILTER (NOT is_active), 0) AS BIGINT) AS inactive
           FROM registry.contents WHERE dataset_id IN (${list}) GROUP BY dataset_id`
        )
        const files = yield* database.rows(
          `SELECT dataset_id, CAST(sum(size) AS BIGINT) AS size FROM registry.raw_files
           WHERE dataset_id IN (${list}) GROUP BY dataset_id`
        )
        const tabular = new Map(rows.map((row) => [Decode.text(row, "dataset_id"), row]))
        const stored = new Map(files.map((row) => [Decode.text(row, "dataset_id"), Decode.number(row, "size")]))
        return new Map(ids.map((id) => {
          const row = tabular.get(id)
          return [id, {
            activeBytes: row === undefined ? 0 : Decode.number(row, "active"),
            inactiveBytes: row === undefined ? 0 : Decode.number(row, "inactive"),
            rawFileBytes: stored.get(id) ?? 0
          }]
        }))
      }),
    remove: (id) =>
      database.write(Effect.gen(function*() {
        yield* loadById(id)
        const versions = "SELECT id FROM registry.versions WHERE dataset_id = $1"
        for (const table of ["tables", "notes", "uploads", "raw_files"]) {
          yield* database.run(`DELETE FROM registry.${table} WHERE version_id IN (${versions})`, [id])
        }
        yield* database.run("DELETE FROM registry.streams WHERE dataset_id = $1", [id])
        yield* database.run(
          `DELETE FROM registry.export_parts WHERE export_id IN (SELECT id FROM registry.exports WHERE dataset_id = $1)`,
          [id]
        )
        yield* database.run("DELETE FROM registry.exports WHERE dataset_id = $1", [id])
        yield* database.run("DELETE FROM registry.versions WHERE dataset_id = $1", [id])
        yield* database.run("DELETE FROM registry.grants WHERE dataset_id = $1", [id])
        yield* database.run("DELETE FROM registry.datasets WHERE id = $1", [id])
        yield* relations.collectAll
      })),
    versions: (id) => Effect.map(loadById(id), ({ versions }) => versions),
    at: (datasetId, versionId) =>
      Effect.flatMap(loadById(datasetId), (loaded) => {
        const version = loaded.versions.find(({ id }) => id === versionId)
        return version === undefined
          ? Effect.fail(new StoreNotFound({ kind: "version", reference: versionId }))
          : Effect.succeed(show(loaded, version))
      }),
    touch: (datasetId, versionId) =>
      Effect.flatMap(CurrentTouched, (touched) => {
        if (touched === undefined) return count(datasetId, versionId === null ? [] : [versionId])
        const versions = touched.get(datasetId) ?? new Set()
        touched.set(datasetId, versionId === null ? versions : versions.add(versionId))
        return Effect.void
      }),
    together: (effect) =>
      database.write(Effect.suspend(() => {
        const touched = new Map<string, Set<string>>()
        return Effect.tap(
          Effect.provideService(effect, CurrentTouched, touched),
          () => Effect.forEach(touched, ([datasetId, versions]) => count(datasetId, versions), { discard: true })
        )
      }))
  }
}
