/** Takes away what its parameters name, and then calls: `node main.mjs DATASET NAME…`. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as RowCache from "@effect-redivis/core/RowCache"
import * as Table from "@effect-redivis/core/Table"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"

const [dataset = "", ...names] = process.argv.slice(2)

for (const name of names) {
  const path = name.split(".")
  const last = path.pop() ?? ""
  const holder = path.reduce<unknown>(
    (value, key) => value === undefined ? value : Reflect.get(Object(value), key),
    globalThis
  )
  if (holder !== undefined) Reflect.defineProperty(Object(holder), last, { value: undefined, configurable: true })
}

const token = Redacted.make(process.env["REDIVIS_API_TOKEN"] ?? "")
const endpoint = process.env["REDIVIS_API_ENDPOINT"] ?? ""

const program = Effect.gen(function*() {
  const { name } = yield* Dataset.get(dataset)
  yield* Console.log("name", name)
  const rows = yield* Stream.runCollect(Table.rows(`${dataset}.t`))
  yield* Console.log("rows", rows.length)
  const kept = yield* Effect.all([1, 2].map(() => Stream.runCollect(RowCache.rows(`${dataset}.t`))), { concurrency: 2 })
  yield* Console.log("kept", ...kept.map(({ length }) => length))
  const batches = yield* Stream.runCollect(Table.batches(`${dataset}.t`))
  yield* Console.log("batches", batches.reduce((sum, { numRows }) => sum + numRows, 0))
  const missing = [
    yield* Effect.flip(Dataset.get("demo.none")),
    yield* Effect.flip(Stream.runDrain(Table.rows("demo.birds.none")))
  ]
  yield* Console.log("missing", ...missing.map(({ _tag }) => _tag))
  const unknown = yield* Effect.flip(Stream.runDrain(Table.rows(`${dataset}.t`, { variables: ["m"] })))
  yield* Console.log("variable", unknown._tag)
})

const refused = Dataset.get(dataset).pipe(
  Effect.provide(Redivis.layerFetch({ endpoint: "no URL", token })),
  Effect.flip
)

await Effect.runPromise(Effect.provide(program, [Redivis.layerFetch({ endpoint, token }), RowCache.layerMemory()]))
const error = await Effect.runPromise(refused)
console.log("no URL", error._tag, error._tag === "InvalidInput" ? error.field : "")
