/**
 * The queue that coordinator and workers share: descriptors of streams, in
 * PostgreSQL.
 *
 * A descriptor holds no credentials, so nothing in the database is secret.
 */
import * as ReadSession from "@effect-redivis/core/ReadSession"
import { PgClient } from "@effect/sql-pg"
import { Config, Duration, Effect, Layer } from "effect"
import { PersistedQueue } from "effect/persistence"

export const streams = PersistedQueue.make({
  name: "streams",
  schema: ReadSession.StreamDescriptor,
  maxAttempts: 5
})

const store = Layer.unwrap(Effect.gen(function*() {
  // a worker that has not said for so long that it lives has lost its stream to another
  const lockExpiration = yield* Config.Duration("QUEUE_LOCK_EXPIRATION").pipe(
    Config.withDefault(Duration.seconds(30))
  )
  return PersistedQueue.layerStoreSql({
    lockExpiration,
    lockRefreshInterval: Duration.divideUnsafe(lockExpiration, 4),
    pollInterval: "250 millis"
  })
}))

export const layer = PersistedQueue.layer.pipe(
  Layer.provide(store),
  Layer.provide(PgClient.layerConfig({ url: Config.Redacted("DATABASE_URL") }))
)
