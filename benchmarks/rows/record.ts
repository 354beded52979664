/** Records streams of rows, as the emulator sends them: the bytes that all contenders read. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Store } from "../../packages/emulator/src/store/Store.ts"
import * as StoreDuckDB from "../../packages/emulator/src/store/StoreDuckDB.ts"
import { csv, type Text } from "./sample.ts"

/** What a client is told of the table. */
export interface Description {
  readonly numRows: number
  readonly variables: ReadonlyArray<{ readonly name: string; readonly type: string }>
}

export interface Recorded extends Description {
  readonly text: Text
  readonly batchRows: number
  readonly bytes: Uint8Array
}

const encoder = new TextEncoder()

const recordOne = Effect.fnUntraced(function*(text: Text, numRows: number, batchSizes: ReadonlyArray<number>) {
  const store = yield* Store
  const owner = yield* store.accounts.putUser({ name: "benchmark" })
  const dataset = yield* store.datasets.create(owner.name, { name: text })
  const made = yield* store.tables.create(dataset, { name: "survey" })
  const upload = yield* store.uploads.create(made, {
    name: "survey.csv",
    content: {
      kind: "bytes",
      bytes: Stream.map(Stream.fromIterable(csv(numRows, text)), (line) => encoder.encode(line))
    }
  })
  const { errorMessage } = yield* store.uploads.run(upload.id)
  if (errorMessage !== null) return yield* Effect.die(new Error(errorMessage))
  const source = { kind: "upload", uploadId: upload.id } as const
  const variables = yield* store.variables.list(source)
  return yield* Effect.forEach(batchSizes, (batchRows) =>
    Effect.gen(function*() {
      const stream = yield* store.rows.read(source, "arrow", undefined, { batchRows, eosSentinel: true })
      const recorded: Recorded = {
        text,
        batchRows,
        numRows,
        variables: variables.map(({ name, type }) => ({ name, type })),
        bytes: Buffer.concat(yield* Stream.runCollect(stream))
      }
      return recorded
    }))
})

export const record = (
  numRows: number,
  texts: ReadonlyArray<Text>,
  batchSizes: ReadonlyArray<number>
): Promise<ReadonlyArray<Recorded>> =>
  Effect.forEach(texts, (text) => recordOne(text, numRows, batchSizes)).pipe(
    Effect.map((recorded) => recorded.flat()),
    Effect.provide(StoreDuckDB.layer()),
    Effect.runPromise
  )
