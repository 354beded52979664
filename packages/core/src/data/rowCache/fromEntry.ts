/** A source of rows that are kept: an entry has all that a reading of its table asks for. */
import * as Effect from "effect/Effect"
import * as readSession from "../../contract/readSession.ts"
import { IntegrityError } from "../../contract/RedivisError.ts"
import type { RowSource } from "../rows/source.ts"
import type { Digest } from "./digest.ts"
import { type Manifest, readBlock } from "./format.ts"
import type { Entry } from "./store.ts"

const damaged = (detail: string): IntegrityError =>
  new IntegrityError({ operation: readSession.getStream.name, reason: "Hash", detail })

/** The rows of an entry, of the table that `url` names. */
export const fromEntry = (
  table: string,
  url: string,
  entry: Entry,
  manifest: Manifest,
  digest: Digest
): RowSource => ({
  atOnce: 1,
  variables: Effect.succeed(manifest.variables),
  session: () =>
    Effect.succeed({
      session: {
        numRows: manifest.numRows,
        streams: manifest.streams.map((_, index) => ({ id: String(index) }))
      },
      at: { table }
    }),
  stream: (id) =>
    Effect.sync(() => {
      const blocks = manifest.streams[Number(id)] ?? []
      let next = 0
      const pull = Effect.suspend(() => {
        const block = blocks[next++]
        return block === undefined ? Effect.succeed(undefined) : readBlock(entry, block, digest).pipe(
          Effect.catch((error) => Effect.fail(damaged(error.message))),
          Effect.flatMap((bytes) =>
            bytes === undefined
              ? Effect.fail(damaged("what was kept of the table is damaged"))
              : Effect.succeed(bytes)
          )
        )
      })
      return { url, status: 200, headers: {}, pull }
    })
})
