/** What the tests of the store begin with: an owner, a dataset, a table, an upload. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Model from "../../src/store/model.ts"
import { Store } from "../../src/store/Store.ts"

let count = 0

/** A name that no other test has. */
export const unique = (prefix: string): string => `${prefix}_${++count}`

const encoder = new TextEncoder()

export const bytesOf = (text: string): Stream.Stream<Uint8Array> => Stream.make(encoder.encode(text))

export const makeDataset = Effect.gen(function*() {
  const store = yield* Store
  const user = yield* store.accounts.putUser({ name: unique("user") })
  return yield* store.datasets.create(user.name, { name: unique("Data set") })
})

export const makeTable = (name = "t") =>
  Effect.gen(function*() {
    const store = yield* Store
    return yield* store.tables.create(yield* makeDataset, { name })
  })

/** The table as its dataset's draft, or current version, has it now. */
export const reload = (table: Model.Table, version?: string) =>
  Effect.gen(function*() {
    const store = yield* Store
    if (table.container.kind !== "dataset") return table
    const { dataset } = table.container.at
    return yield* store.tables.get({
      container: { owner: dataset.owner.name, id: dataset.referenceId, version },
      id: table.referenceId
    })
  })

/** Uploads a text and imports it. */
export const upload = (
  table: Model.Table,
  content: string | Uint8Array,
  options: { readonly name?: string; readonly type?: string } & Model.UploadOptions = {}
) =>
  Effect.gen(function*() {
    const store = yield* Store
    const { name, type, ...rest } = options
    const made = yield* store.uploads.create(table, {
      name: name ?? unique("file") + ".csv",
      type,
      options: rest,
      content: { kind: "bytes", bytes: typeof content === "string" ? bytesOf(content) : Stream.make(content) }
    })
    return yield* store.uploads.run(made.id)
  })

export const textOf = (stream: Stream.Stream<Uint8Array>) =>
  Effect.map(Stream.runCollect(stream), (chunks) => Buffer.concat(chunks).toString())

export const read = (
  source: Model.RowSource,
  format: Model.RowFormat,
  selection?: Model.RowSelection,
  options?: Model.ReadOptions
) =>
  Effect.gen(function*() {
    const store = yield* Store
    return yield* textOf(yield* store.rows.read(source, format, selection, options))
  })

export const csvOf = (table: Model.Table, version?: string) =>
  Effect.flatMap(reload(table, version), (table) => read({ kind: "table", table }, "csv"))

export const typesOf = (source: Model.RowSource) =>
  Effect.gen(function*() {
    const store = yield* Store
    return (yield* store.variables.list(source)).map(({ name, type }) => `${name}: ${type}`)
  })

/** Imports one file into a table of its own. */
export const imported = (
  content: string | Uint8Array,
  options: { readonly name?: string; readonly type?: string } & Model.UploadOptions = {}
) =>
  Effect.gen(function*() {
    const result = yield* upload(yield* makeTable(), content, options)
    const source: Model.RowSource = { kind: "upload", uploadId: result.id }
    return { upload: result, source }
  })
