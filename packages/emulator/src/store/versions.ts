/** Versions: one draft at most, which a release makes immutable. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Database } from "./Database.ts"
import { type DatasetLookups, pickVersion, wantedTag } from "./datasets.ts"
import * as Decode from "./decode.ts"
import { makeId, variableKey } from "./identifiers.ts"
import type * as Model from "./model.ts"
import type { Relations } from "./relations.ts"
import type { Versions } from "./Store.ts"
import { StoreConflict, StoreNotFound } from "./StoreError.ts"

const unreleaseWindow = 7 * 24 * 60 * 60 * 1000

/** Each once, so that they can be held against others. */
const setOf = (rows: ReadonlyArray<ReadonlyArray<unknown>>): ReadonlySet<string> =>
  new Set(rows.map((row) => JSON.stringify(row)))

const isWithin = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  [...one].every((element) => other.has(element))

export const makeVersions = (database: Database, datasets: DatasetLookups, relations: Relations): Versions => {
  const getById = (id: string): Effect.Effect<Model.Version, StoreNotFound> =>
    Effect.gen(function*() {
      const [row] = yield* database.rows("SELECT dataset_id FROM registry.versions WHERE id = $1", [id])
      const versions = row === undefined ? [] : yield* datasets.versions(Decode.text(row, "dataset_id"))
      const version = versions.find((version) => version.id === id)
      if (version === undefined) return yield* new StoreNotFound({ kind: "version", reference: id })
      return version
    })

  const get: Versions["get"] = (datasetId, tag) =>
    Effect.flatMap(datasets.versions(datasetId), (versions) => {
      const version = pickVersion(versions, tag)
      return version === undefined
        ? Effect.fail(new StoreNotFound({ kind: "version", reference: tag }))
        : Effect.succeed(version)
    })

  const requireDraft = (datasetId: string): Effect.Effect<Model.Version, StoreNotFound | StoreConflict> =>
    Effect.flatMap(datasets.versions(datasetId), (versions) => {
      const draft = versions.find(({ isReleased }) => !isReleased)
      return draft === undefined
        ? Effect.fail(new StoreConflict({ reason: "noNext", message: "There is no next version: create one first" }))
        : Effect.succeed(draft)
    })

  const previousOf = (draft: Model.Version): Effect.Effect<Model.Version | undefined, StoreNotFound> =>
    Effect.map(
      datasets.versions(draft.datasetId),
      (versions) => versions.findLast(({ isReleased, isDeleted }) => isReleased && !isDeleted)
    )

  /** What users of a version see of its tables and variables. */
  const contentOf = (versionId: string): Effect.Effect<ReadonlySet<string>> =>
    Effect.gen(function*() {
      const tables = yield* database.rows(
        "SELECT table_id, name, description, is_file_index, hash FROM registry.tables WHERE version_id = $1",
        [versionId]
      )
      const notes = yield* database.rows(
        "SELECT table_id, variable_key, description, label, value_labels FROM registry.notes WHERE version_id = $1",
        [versionId]
      )
      return setOf([...tables, ...notes].map((row) => Object.values(row)))
    })

  /** What programs that use a version rely on: its tables, and their variables with their types. */
  const interfaceOf = (versionId: string): Effect.Effect<ReadonlySet<string>> =>
    Effect.gen(function*() {
      const tables = yield* database.rows("SELECT table_id FROM registry.tables WHERE version_id = $1", [versionId])
      const columns = yield* database.rows(
        `SELECT t.table_id, c.name, c.type
         FROM registry.tables t JOIN registry.relation_columns c ON c.relation_id = t.relation_id
         WHERE t.version_id = $1`,
        [versionId]
      )
      return setOf([
        ...tables.map((row) => [Decode.text(row, "table_id")]),
        ...columns.map((row) => [
          Decode.text(row, "table_id"),
          variableKey(Decode.text(row, "name")),
          Decode.text(row, "type")
        ])
      ])
    })

  const hasRows = (sql: string, parameters: ReadonlyArray<string>): Effect.Effect<boolean> =>
    Effect.map(database.rows(`${sql} LIMIT 1`, parameters), (rows) => rows.length > 0)

  const isChanged = (draft: Model.Version): Effect.Effect<boolean, StoreNotFound> =>
    Effect.gen(function*() {
      const previous = yield* previousOf(draft)
      if (previous === undefined) return true
      const [one, other] = [yield* contentOf(draft.id), yield* contentOf(previous.id)]
      return !isWithin(one, other) || !isWithin(other, one)
    })

  const unfinished = (draft: Model.Version): Effect.Effect<boolean> =>
    hasRows("SELECT 1 FROM registry.uploads WHERE version_id = $1 AND status <> 'completed'", [draft.id])

  /** The draft vanishes with all that is its own. */
  const drop = (draft: Model.Version): Effect.Effect<void> =>
    Effect.gen(function*() {
      for (const table of ["tables", "notes", "uploads", "raw_files"]) {
        yield* database.run(`DELETE FROM registry.${table} WHERE version_id = $1`, [draft.id])
      }
      yield* database.run("DELETE FROM registry.versions WHERE id = $1", [draft.id])
      yield* relations.collectAll
    })

  return {
    list: (datasetId) => Effect.map(datasets.versions(datasetId), (versions) => versions.toReversed()),
    get,
    canRelease: (versionId) =>
      Effect.gen(function*() {
        const version = yield* getById(versionId)
        return !version.isReleased && !(yield* unfinished(version)) && (yield* isChanged(version))
      }),
    createNext: (datasetId) =>
      database.write(Effect.gen(function*() {
        const versions = yield* datasets.versions(datasetId)
        if (versions.some(({ isReleased }) => !isReleased)) {
          return yield* new StoreConflict({ reason: "nextExists", message: "There is a next version already" })
        }
        const id = makeId()
        const now = yield* Clock.currentTimeMillis
        yield* database.run(
          `INSERT INTO registry.versions (id, dataset_id, ordinal, is_released, is_deleted, created_at, updated_at)
           VALUES ($1, $2, $3, false, false, $4, $4)`,
          [id, datasetId, (versions.at(-1)?.index ?? -1) + 1, now]
        )
        const source = versions.findLast(({ isReleased, isDeleted }) => isReleased && !isDeleted)
        if (source !== undefined) {
          yield* database.run(
            `INSERT INTO registry.tables (version_id, container_id, table_id, reference_id, name, name_key, description,
               is_file_index, strategy, is_emptied, inherited_id, relation_id, num_rows, num_bytes, hash, variable_count,
               created_at, updated_at, position, first_rows)
             SELECT $1, container_id, table_id, reference_id, name, name_key, description, is_file_index, strategy, false,
               relation_id, relation_id, num_rows, num_bytes, hash, variable_count, $3, $3, position, num_rows
             FROM registry.tables WHERE version_id = $2`,
            [id, source.id, now]
          )
          yield* database.run(
            `INSERT INTO registry.notes (version_id, table_id, variable_key, label, description, value_labels)
             SELECT $1, table_id, variable_key, label, description, value_labels
             FROM registry.notes WHERE version_id = $2`,
            [id, source.id]
          )
        }
        yield* datasets.touch(datasetId, id)
        return yield* getById(id)
      })),
    update: (versionId, change) =>
      database.write(Effect.gen(function*() {
        const version = yield* getById(versionId)
        yield* database.run(
          "UPDATE registry.versions SET label = $2, release_notes = $3, updated_at = $4 WHERE id = $1",
          [
            versionId,
            change.label === undefined ? version.label : change.label,
            change.releaseNotes === undefined ? version.releaseNotes : change.releaseNotes,
            yield* Clock.currentTimeMillis
          ]
        )
        return yield* getById(versionId)
      })),
    release: (datasetId, options) =>
      database.write(Effect.gen(function*() {
        const draft = yield* requireDraft(datasetId)
        if (yield* unfinished(draft)) {
          return yield* new StoreConflict({
            reason: "uploadsUnfinished",
            message: "Uploads are running or have failed: wait for them, or delete them"
          })
        }
        if (!(yield* isChanged(draft))) {
          return yield* new StoreConflict({
            reason: "nothingToRelease",
            message: "Nothing has changed since the last release"
          })
        }
        const [last] = yield* database.rows(
          `SELECT major, minor FROM registry.versions WHERE dataset_id = $1 AND is_released
           ORDER BY major DESC, minor DESC LIMIT 1`,
          [datasetId]
        )
        const previous = yield* previousOf(draft)
        const breaks = previous !== undefined &&
          !isWithin(yield* interfaceOf(previous.id), yield* interfaceOf(draft.id))
        const now = yield* Clock.currentTimeMillis
        const major = last === undefined ? 1 : Decode.number(last, "major") + (breaks ? 1 : 0)
        const minor = last === undefined || breaks ? 0 : Decode.number(last, "minor") + 1
        yield* database.run(
          `UPDATE registry.versions SET is_released = true, status = 'completed', major = $2, minor = $3,
             release_notes = $4, label = $5, released_at = $6, updated_at = $6 WHERE id = $1`,
          [
            draft.id,
            major,
            minor,
            options?.releaseNotes === undefined ? draft.releaseNotes : options.releaseNotes,
            options?.label === undefined ? draft.label : options.label,
            now
          ]
        )
        yield* database.run("UPDATE registry.tables SET updated_at = $2 WHERE version_id = $1", [draft.id, now])
        yield* datasets.touch(datasetId, null)
        return yield* getById(draft.id)
      })),
    unrelease: (datasetId) =>
      database.write(Effect.gen(function*() {
        const versions = yield* datasets.versions(datasetId)
        const current = versions.findLast(({ isReleased, isDeleted }) => isReleased && !isDeleted)
        if (current === undefined) {
          return yield* new StoreConflict({ reason: "notReleased", message: "There is no released version" })
        }
        if (versions.some(({ isReleased }) => !isReleased)) {
          return yield* new StoreConflict({
            reason: "nextExists",
            message: "There is a next version, which would be a second draft: delete it first"
          })
        }
        const now = yield* Clock.currentTimeMillis
        if (now - (current.releasedAt ?? 0) > unreleaseWindow) {
          return yield* new StoreConflict({
            reason: "unreleaseWindow",
            message: "A version can be unreleased within 7 days of its release only"
          })
        }
        yield* database.run(
          `UPDATE registry.versions SET is_released = false, status = NULL, major = NULL, minor = NULL,
             released_at = NULL, updated_at = $2 WHERE id = $1`,
          [current.id, now]
        )
        yield* datasets.touch(datasetId, null)
        return yield* getById(current.id)
      })),
    remove: (datasetId, tag) =>
      database.write(Effect.gen(function*() {
        const versions = yield* datasets.versions(datasetId)
        const version = versions.find((version) => version.tag === wantedTag(tag))
        const current = pickVersion(versions, "current")
        if (wantedTag(tag) === "current" || (version !== undefined && version.id === current?.id)) {
          return yield* new StoreConflict({
            reason: "currentVersion",
            message: "The current version cannot be deleted"
          })
        }
        if (version === undefined) return yield* new StoreNotFound({ kind: "version", reference: tag })
        if (!version.isReleased) {
          yield* drop(version)
          yield* datasets.touch(datasetId, null)
          return undefined
        }
        yield* database.run("UPDATE registry.versions SET is_deleted = true, updated_at = $2 WHERE id = $1", [
          version.id,
          yield* Clock.currentTimeMillis
        ])
        yield* datasets.touch(datasetId, null)
        return yield* getById(version.id)
      })),
    undelete: (datasetId, tag) =>
      database.write(Effect.gen(function*() {
        const version = yield* get(datasetId, tag)
        if (!version.isReleased) {
          return yield* new StoreConflict({ reason: "notReleased", message: "A draft is never deleted and kept" })
        }
        yield* database.run("UPDATE registry.versions SET is_deleted = false, updated_at = $2 WHERE id = $1", [
          version.id,
          yield* Clock.currentTimeMillis
        ])
        return yield* getById(version.id)
      }))
  }
}
