/** A user's program with 20 methods. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Query from "@effect-redivis/core/Query"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Table from "@effect-redivis/core/Table"
import * as Upload from "@effect-redivis/core/Upload"
import * as User from "@effect-redivis/core/User"
import * as Variable from "@effect-redivis/core/Variable"
import * as Version from "@effect-redivis/core/Version"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const table = "demo.penguins:next.birds"

export const program = Effect.gen(function*() {
  const { name } = yield* User.me()
  const owner = { user: name }
  if (!(yield* Dataset.exists("demo.penguins"))) yield* Dataset.create(owner, { name: "Penguins" })
  const dataset = yield* Dataset.get("demo.penguins")
  yield* Dataset.update(dataset, { description: "Birds" })
  const datasets = yield* Stream.runCollect(Dataset.list(owner))
  if ((yield* Version.listPage(dataset)).results.length === 0) yield* Version.create(dataset)
  const version = yield* Version.get(dataset, "next")
  if ((yield* Table.listPage(dataset)).results.length === 0) yield* Table.create(dataset, { name: "Birds" })
  const { numRows } = yield* Table.get(table)
  const variables = yield* Stream.runCollect(Variable.list({ table }))
  const upload = yield* Upload.create(table, { name: "birds.csv", data: new Uint8Array() })
  const again = yield* Upload.get(table, upload.name)
  yield* Version.release(dataset, { releaseNotes: "First" })
  const query = yield* Query.run("select * from `demo.penguins.birds`")
  const rows = yield* Stream.runCollect(Query.rows(query))
  const birds = yield* Stream.runCollect(Table.rows(table, { values: { integer: "bigint" } }))
  yield* Dataset.remove("demo.outdated")
  return { again, birds, datasets, numRows, rows, variables, version }
}).pipe(
  Effect.catchTag("NotFound", () => Effect.void),
  Effect.catchTag("JobFailed", (error) => Effect.log(error.message)),
  Effect.provide(Redivis.layerFetch({}))
)
