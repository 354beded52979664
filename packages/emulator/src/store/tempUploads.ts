/** Bytes on their way to become an upload. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type { Database, Row } from "./Database.ts"
import * as Decode from "./decode.ts"
import type { Files } from "./files.ts"
import { makeId } from "./identifiers.ts"
import type * as Model from "./model.ts"
import type { TempUploads } from "./Store.ts"
import { StoreConflict, StoreNotFound } from "./StoreError.ts"

const lifetime = 24 * 60 * 60 * 1000

const toTempUpload = (row: Row): Model.TempUpload => ({
  id: Decode.text(row, "id"),
  tableId: Decode.text(row, "table_id"),
  user: Decode.textOrNull(row, "user_name"),
  name: Decode.textOrNull(row, "name"),
  size: Decode.number(row, "size"),
  resumable: Decode.boolean(row, "resumable"),
  received: Decode.number(row, "received"),
  isComplete: Decode.number(row, "received") === Decode.number(row, "size"),
  isUsed: Decode.boolean(row, "is_used"),
  createdAt: Decode.number(row, "created_at"),
  expiresAt: Decode.number(row, "expires_at")
})

/** Name of the file, which no upload's can be. */
export const fileOf = (tempUploadId: string): string => `temp-${tempUploadId}`

export const makeTempUploads = (database: Database, files: Files): TempUploads => {
  // One writer for each file: two requests for the same bytes must not interleave.
  const writers = new Map<string, Semaphore.Semaphore>()
  const alone = <A, E, R>(id: string, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      const writer = writers.get(id) ?? Semaphore.makeUnsafe(1)
      writers.set(id, writer)
      return writer.withPermit(effect)
    })

  const get: TempUploads["get"] = (id) =>
    Effect.flatMap(
      database.rows("SELECT * FROM registry.temp_uploads WHERE id = $1", [id]),
      ([row]) =>
        row === undefined
          ? Effect.fail(new StoreNotFound({ kind: "tempUpload", reference: id }))
          : Effect.succeed(toTempUpload(row))
    )

  return {
    create: (target, request) =>
      Effect.gen(function*() {
        const id = makeId()
        const now = yield* Clock.currentTimeMillis
        const upload: Model.TempUpload = {
          id,
          tableId: target.id,
          user: request.user ?? null,
          name: request.name ?? null,
          size: request.size,
          resumable: request.resumable ?? false,
          received: 0,
          isComplete: request.size === 0,
          isUsed: false,
          createdAt: now,
          expiresAt: now + lifetime
        }
        yield* database.write(database.run(
          `INSERT INTO registry.temp_uploads (id, table_id, user_name, name, size, resumable, received, is_used,
             created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, 0, false, $7, $8)`,
          [id, upload.tableId, upload.user, upload.name, upload.size, upload.resumable, now, upload.expiresAt]
        ))
        return upload
      }),
    get,
    write: (id, at, bytes) =>
      alone(
        id,
        Effect.gen(function*() {
          const upload = yield* get(id)
          if (upload.isUsed) {
            return yield* new StoreConflict({ reason: "tempUpload", message: "These bytes are an upload already" })
          }
          if (at > upload.received) {
            return yield* new StoreConflict({
              reason: "offset",
              message: `Bytes from ${at} on were sent, and ${upload.received} were received before`
            })
          }
          let received = at
          const save = Effect.suspend(() =>
            database.write(database.run("UPDATE registry.temp_uploads SET received = $2 WHERE id = $1", [id, received]))
          )
          if (at === 0) yield* files.create(fileOf(id), Stream.empty)
          yield* files.writeAt(fileOf(id), at, bytes, (chunk) => {
            if (received + chunk.length > upload.size) {
              return Effect.fail(
                new StoreConflict({
                  reason: "tempUpload",
                  message: `More bytes were sent than the ${upload.size} that were announced`
                })
              )
            }
            received += chunk.length
            return Effect.void
          }).pipe(Effect.ensuring(save))
          return yield* get(id)
        })
      ),
    remove: (id) =>
      Effect.gen(function*() {
        yield* database.write(database.run("DELETE FROM registry.temp_uploads WHERE id = $1", [id]))
        yield* files.remove(fileOf(id))
      })
  }
}
