/** A process that dies while it imports a file: one of its own, or what it finds. */
import * as Effect from "effect/Effect"
import { Store } from "../../src/store/Store.ts"
import * as StoreDuckDB from "../../src/store/StoreDuckDB.ts"
import { bytesOf, makeTable } from "./fixtures.ts"

const [directory, mode] = process.argv.slice(2)

const rows = Array.from({ length: 200_000 }, (_, index) => `${index},${index / 7},text ${index}\n`)

const program = Effect.gen(function*() {
  const store = yield* Store
  if (mode === "upload") {
    yield* store.uploads.create(yield* makeTable(), {
      name: "large.csv",
      content: { kind: "bytes", bytes: bytesOf(`a,b,c\n${rows.join("")}`) }
    })
  }
  const [id] = yield* store.uploads.pending
  yield* Effect.forkChild(store.uploads.run(id!))
  while ((yield* store.uploads.getById(id!)).status !== "running") yield* Effect.yieldNow
  process.kill(process.pid, "SIGKILL")
})

await Effect.runPromise(Effect.provide(program, StoreDuckDB.layer({ directory })))
