/** Reading the rows of an entry: a client that answers out of it. */
import * as Effect from "effect/Effect"
import { Redivis } from "../../client/Redivis.ts"
import type * as Operation from "../../contract/Operation.ts"
import * as readSession from "../../contract/readSession.ts"
import { IntegrityError } from "../../contract/RedivisError.ts"
import * as variable from "../../contract/variable.ts"
import type { Digest } from "./digest.ts"
import { type Manifest, readBlock } from "./format.ts"
import type { Entry } from "./store.ts"

const damaged = (detail: string): IntegrityError =>
  new IntegrityError({ operation: readSession.getStream.name, reason: "Hash", detail })

/** A client of which a reading of the table finds all that it asks for, in one entry. */
export const replaying = (
  redivis: Redivis["Service"],
  entry: Entry,
  manifest: Manifest,
  digest: Digest
): Redivis["Service"] => {
  const answers: Readonly<Record<string, unknown>> = {
    [variable.listByTable.name]: { results: manifest.variables },
    [readSession.postByTable.name]: {
      numRows: manifest.numRows,
      streams: manifest.streams.map((_, index) => ({ id: String(index) }))
    }
  }

  const open = (operation: Operation.Any, input: unknown): Effect.Effect<unknown, IntegrityError> =>
    Effect.suspend(() => {
      const { params } = input as Operation.Input<typeof readSession.getStream> // nothing else is opened
      const blocks = manifest.streams[Number(params.stream)] ?? []
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
      return Effect.succeed({ url: `${redivis.endpoint}/readStreams`, status: 200, headers: {}, pull })
    })

  return Redivis.of({
    ...redivis,
    // an entry has the answers of exactly those operations that a reading of a table sends
    execute: (operation) => Effect.succeed(answers[operation.name] as Operation.Success<typeof operation>),
    open: open as Redivis["Service"]["open"]
  })
}
