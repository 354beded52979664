import { rawFile as contract } from "@effect-redivis/core/Contract"
import * as Query from "@effect-redivis/core/Query"
import * as RawFile from "@effect-redivis/core/RawFile"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Table from "@effect-redivis/core/Table"
import * as Version from "@effect-redivis/core/Version"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, matches } from "../cases/assert.ts"
import { isBrowser, Place } from "../cases/Case.ts"
import { withToken } from "../cases/clients.ts"
import { exposeHeaders, setUsage } from "../cases/control.ts"
import { shared, stranger } from "../cases/seeds.ts"
import { type Proof, prove } from "./Proof.ts"
import { absentRows, asStranger, draft, keptRows, shownRows, unqualified } from "./state.ts"

const bytesOf = (text: string) => new TextEncoder().encode(text)

const note = { name: "notes/one.txt", data: bytesOf("one bird") }

/** What somebody may have sent to storage. */
const sent = [{ name: "notes/one.txt", tempUploadId: "sent" }]

/** An empty file index of its own in a draft. */
const index = (name: string) =>
  Effect.gen(function*() {
    const dataset = yield* draft(name)
    yield* Table.create(dataset, { name: "files", isFileIndex: true })
    return { dataset, table: `${dataset}.files` }
  })

/** A released file index with one file. */
const kept = shared(Effect.gen(function*() {
  const { dataset, table } = yield* index("keptFiles")
  const { id } = yield* RawFile.create(table, note)
  yield* Version.release(dataset)
  return { table, id }
}))

/** A file of somebody else, of whose dataset everyone sees that it is there and nothing more. */
const shown = shared(Effect.gen(function*() {
  const { name, token } = yield* stranger("filesKeeper", [{
    name: "Shown",
    publicAccessLevel: "overview",
    versions: [{ released: false, tables: [{ name: "files", isFileIndex: true }] }]
  }])
  return yield* withToken(token)(Effect.gen(function*() {
    const { id } = yield* RawFile.create(`${name}.shown.files`, note)
    yield* Version.release(`${name}.shown`)
    return id
  }))
}))

/** An account with a file index, and a query of it, that may read no more. */
const spent = shared(Effect.gen(function*() {
  const { name, token } = yield* stranger("filesSpender", [{
    name: "Own",
    versions: [{ released: false, tables: [{ name: "files", isFileIndex: true }] }]
  }])
  const asSpender = withToken(token)
  const made = yield* asSpender(Effect.gen(function*() {
    const { id } = yield* RawFile.create(`${name}.own.files`, note)
    yield* Version.release(`${name}.own`)
    const table = `${name}.own.files`
    return { id, table, query: yield* Query.run(`select file_id from \`${table}\``) }
  }))
  yield* setUsage({ user: name, readBytes: 1e15 })
  return { asSpender, ...made }
}))

const query = Effect.flatMap(
  kept,
  ({ table }) => Query.run(`select file_id as f, concat('a/', file_name) as n, 7 as seven from \`${table}\``)
)

const drain = (id: string, options?: RawFile.BytesOptions) => Stream.runDrain(RawFile.bytes(id, options))

const list = (source: RawFile.Source, options?: RawFile.ListOptions) => Stream.runDrain(RawFile.list(source, options))

export const rawFiles: ReadonlyArray<Proof> = [
  prove(contract.listByTable, {
    success: Effect.gen(function*() {
      const { id, table } = yield* kept
      const [file, ...others] = yield* Stream.runCollect(RawFile.list({ table }))
      matches(file ?? {}, { id, name: "notes/one.txt", size: 8, properties: {} })
      equal(others, [])
      const { runtime } = yield* Place
      const unchanged = yield* RawFile.listIfModified({ table }, { ifModifiedSince: (file?.addedAt ?? 0) + 60_000 })
      // a page may not ask so, and gets all
      equal(unchanged?.length, isBrowser(runtime) ? 1 : undefined)
      equal((yield* RawFile.listIfModified({ table }, { ifModifiedSince: 0 }))?.length, 1)
    }),
    call: Effect.map(kept, ({ table }) => list({ table })),
    refused: list({ table: "a.b.c" }, { fileIdVariable: "" }),
    failures: {
      BadRequest: Effect.map(keptRows, (table) => list({ table })),
      QuotaExceeded: Effect.map(spent, ({ asSpender, table }) => asSpender(list({ table }))),
      Forbidden: Effect.map(shownRows, (table) => list({ table })),
      NotFound: Effect.map(absentRows, (table) => list({ table }))
    }
  }),
  prove(contract.listByQuery, {
    success: Effect.gen(function*() {
      const { id } = yield* kept
      const files = yield* Stream.runCollect(
        RawFile.list({ query: yield* query }, { fileIdVariable: "f", fileNameVariable: "n" })
      )
      equal(files.map(({ id, name, properties }) => ({ id, name, properties })), [
        { id, name: "a/notes/one.txt", properties: { seven: 7 } }
      ])
    }),
    call: Effect.map(query, (query) => list({ query }, { fileIdVariable: "f" })),
    refused: list({ query: "" }),
    failures: {
      BadRequest: Effect.map(query, (query) => list({ query })),
      QuotaExceeded: Effect.map(spent, ({ asSpender, query }) => asSpender(list({ query }))),
      NotFound: Effect.flatMap(query, (query) => asStranger(list({ query }, { fileIdVariable: "f" })))
    }
  }),
  prove(contract.post, {
    success: Effect.gen(function*() {
      const { dataset, table } = yield* index("filled_with_files")
      const [first] = yield* RawFile.createAll(table, [note, { name: "empty", data: bytesOf("") }])
      yield* Version.release(dataset)
      yield* Version.create(dataset)
      const next = `${dataset}:next.files`
      const { id } = yield* RawFile.create(next, { name: note.name, data: bytesOf("two birds") })
      equal(
        (yield* Stream.runCollect(Table.rows(next, { variables: ["file_id", "file_name", "size"] }))).slice(1),
        [{ file_id: id, file_name: note.name, size: 9 }]
      )
      // what is released stays as it was
      equal((yield* Stream.runCollect(RawFile.list({ table })))[0]?.id, first?.id)
      equal((yield* Table.get(next)).numRows, 2)
    }),
    call: Effect.gen(function*() {
      const { table } = yield* index("fillable_with_files")
      const { results } = yield* Redivis.request(`/tables/${encodeURIComponent(table)}/tempUploads`, {
        method: "POST",
        body: { tempUploads: [{ name: "empty", size: 0 }] }
      }) as Effect.Effect<{ readonly results: ReadonlyArray<{ readonly id: string }> }, unknown, Redivis.Redivis> // as its contract says
      return RawFile.register(table, results.map(({ id }) => ({ name: "empty", tempUploadId: id })))
    }),
    refused: RawFile.create("a.b.c", { name: "", data: bytesOf("") }),
    failures: {
      BadRequest: Effect.map(draft("noIndex"), (dataset) => RawFile.create(`${dataset}.rows`, note)),
      Forbidden: Effect.map(shownRows, (table) => RawFile.register(table, sent)),
      NotFound: Effect.map(absentRows, (table) => RawFile.register(table, sent))
    }
  }),
  prove(contract.get, {
    success: Effect.gen(function*() {
      const { id, table } = yield* kept
      const read = (options?: RawFile.BytesOptions) => Stream.mkString(Stream.decodeText(RawFile.bytes(id, options)))
      equal(yield* read(), "one bird")
      equal(yield* read({ offset: 4, length: 3 }), "bir")
      equal(yield* read({ offset: 4, table, version: "v1.0" }), "bird")
    }),
    call: Effect.map(kept, ({ id }) => drain(id)),
    refused: drain("a", { offset: -1 }),
    failures: {
      BadRequest: Effect.map(kept, ({ id }) => drain(id, { offset: 8 })),
      QuotaExceeded: Effect.map(spent, ({ asSpender, id }) => asSpender(drain(id))),
      Forbidden: Effect.map(shown, (id) => drain(id)),
      NotFound: Effect.flatMap(kept, ({ id }) => asStranger(drain(id)))
    }
  }),
  prove(contract.head, {
    success: Effect.gen(function*() {
      const { id } = yield* kept
      equal(yield* RawFile.exists(id), true)
      equal((yield* RawFile.get(id)).size, 8)
      yield* exposeHeaders
      matches(yield* RawFile.get(id), { id, name: "notes/one.txt", size: 8 })
    }).pipe(Effect.scoped),
    call: Effect.map(kept, ({ id }) => RawFile.exists(id)),
    refused: RawFile.exists(""),
    failures: {
      BadRequest: Effect.map(kept, ({ id }) => RawFile.exists(id, { table: unqualified.table })),
      Forbidden: Effect.map(shown, (id) => RawFile.exists(id)),
      NotFound: Effect.flatMap(kept, ({ id }) => asStranger(RawFile.exists(id)))
    }
  })
]
