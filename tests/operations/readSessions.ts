import * as Arrow from "@effect-redivis/core/Arrow"
import { readSession as contract } from "@effect-redivis/core/Contract"
import * as Query from "@effect-redivis/core/Query"
import * as ReadSession from "@effect-redivis/core/ReadSession"
import * as Table from "@effect-redivis/core/Table"
import * as Upload from "@effect-redivis/core/Upload"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, isTrue } from "../cases/assert.ts"
import { Place } from "../cases/Case.ts"
import { withToken } from "../cases/clients.ts"
import { moveClock, setUsage } from "../cases/control.ts"
import { stranger } from "../cases/seeds.ts"
import { type Proof, prove } from "./Proof.ts"
import { absentRows, afterSpending, asStranger, keptRows, shownRows } from "./state.ts"
import { failedUpload, uploaded } from "./uploads.ts"

const query = Effect.flatMap(keptRows, (table) => Query.run(`select x from \`${table}\``))

const stream = Effect.gen(function*() {
  const { streams } = yield* ReadSession.create({ table: yield* keptRows })
  isTrue(streams?.[0] !== undefined, "a session has a stream")
  return streams[0].id
})

const drain = (stream: string) => Stream.runDrain(ReadSession.bytes(stream))

const sevenHours = 7 * 60 * 60 * 1000

export const readSessions: ReadonlyArray<Proof> = [
  prove(contract.postByTable, {
    success: Effect.gen(function*() {
      equal((yield* ReadSession.create({ table: yield* keptRows }, { maxResults: 1 })).numRows, 1)
    }),
    call: Effect.map(keptRows, (table) => ReadSession.create({ table })),
    refused: ReadSession.create({ table: "a.b.c" }, { streams: 0 }),
    failures: {
      BadRequest: Effect.map(keptRows, (table) => ReadSession.create({ table }, { variables: ["nothing"] })),
      QuotaExceeded: afterSpending("spentOnSessions", Effect.succeed, (table) => ReadSession.create({ table })),
      Forbidden: Effect.map(shownRows, (table) => ReadSession.create({ table })),
      NotFound: Effect.map(absentRows, (table) => ReadSession.create({ table }))
    }
  }),
  prove(contract.postByUpload, {
    success: Effect.gen(function*() {
      const table = yield* uploaded
      equal((yield* ReadSession.create({ table, upload: "a.csv" }, { maxResults: 1 })).numRows, 1)
      equal(yield* Stream.runCollect(Upload.rows(table, "a.csv", { maxResults: 1 })), [{ x: 1 }])
    }),
    call: Effect.map(uploaded, (table) => ReadSession.create({ table, upload: "a.csv" })),
    refused: ReadSession.create({ table: "a.b.c", upload: "" }),
    failures: {
      BadRequest: Effect.map(failedUpload, (table) => ReadSession.create({ table, upload: "bad.parquet" })),
      QuotaExceeded: Effect.gen(function*() {
        const { run } = yield* Place
        const { name, token } = yield* stranger("spentOnUploads", [{ name: "Own", versions: [{ released: false }] }])
        const table = `${name}.own:next.rows`
        yield* withToken(token)(Effect.gen(function*() {
          yield* Table.create(`${name}.own:next`, { name: "rows" })
          yield* Upload.create(table, { name: `${run}.csv`, data: new TextEncoder().encode("x\n1\n") })
        }))
        yield* setUsage({ user: name, readBytes: 1e15 })
        return withToken(token)(ReadSession.create({ table, upload: `${run}.csv` }))
      }),
      Forbidden: Effect.map(shownRows, (table) => ReadSession.create({ table, upload: "a.csv" })),
      NotFound: Effect.map(uploaded, (table) => ReadSession.create({ table, upload: "b.csv" }))
    }
  }),
  prove(contract.postByQuery, {
    success: Effect.gen(function*() {
      equal((yield* ReadSession.create({ query: yield* query })).numRows, 2)
    }),
    call: Effect.map(query, (query) => ReadSession.create({ query })),
    refused: ReadSession.create({ query: "" }),
    failures: {
      BadRequest: Effect.map(Query.create("select nothing"), (failed) => ReadSession.create({ query: failed })),
      QuotaExceeded: afterSpending(
        "spentOnResults",
        (table) => Query.run(`select x from \`${table}\``),
        (query) => ReadSession.create({ query })
      ),
      NotFound: Effect.flatMap(query, (query) => asStranger(ReadSession.create({ query })))
    }
  }),
  prove(contract.getStream, {
    success: Effect.gen(function*() {
      const batches = yield* Stream.runCollect(Arrow.readStream(ReadSession.bytes(yield* stream), { sentinel: true }))
      equal(batches.map(({ numRows }) => numRows), [2])
    }),
    call: Effect.map(stream, drain),
    refused: Stream.runDrain(ReadSession.bytes("1", { offset: -1 })),
    failures: {
      BadRequest: Effect.map(stream, (stream) => Effect.scoped(Effect.andThen(moveClock(sevenHours), drain(stream)))),
      QuotaExceeded: afterSpending(
        "spentOnStreams",
        (table) => ReadSession.create({ table }),
        ({ streams }) => drain(streams?.[0]?.id ?? "")
      ),
      NotFound: Effect.flatMap(stream, (stream) => asStranger(drain(stream)))
    }
  })
]
