/** Writes the workflows of a seed. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Path from "node:path"
import * as ExactJson from "./http/exactJson.ts"
import { datasetLookup, workflowLookup } from "./handlers/reference.ts"
import { lookupOf, sourceFor } from "./handlers/workflowTables.ts"
import type * as Seed from "./Seed.ts"
import { at, bytesOf, type Place, refuse } from "./seedContents.ts"
import type * as Model from "./store/model.ts"
import { Store } from "./store/Store.ts"

const writeTable = Effect.fnUntraced(function*(
  workflow: Model.Workflow,
  table: NonNullable<Seed.Workflow["tables"]>[number],
  here: string,
  place: Place
): Effect.fn.Return<void, Seed.SeedRefused, Store> {
  const store = yield* Store
  const rows = table.rows ?? []
  const bytes = bytesOf(table, place) ??
    Stream.make(new TextEncoder().encode(rows.map((row) => `${ExactJson.stringify(row)}\n`).join("")))
  const isFile = table.file !== undefined
  yield* store.workflows.putTable(workflow.id, {
    name: table.name,
    description: table.description,
    referenceId: table.referenceId,
    fileName: isFile ? Path.basename(table.file) : `${table.name}.${table.text === undefined ? "ndjson" : "csv"}`,
    type: table.type ?? (isFile || table.text !== undefined ? null : "ndjson"),
    options: table.options,
    bytes
  }).pipe(at(here))
})

const writeDataSource = Effect.fnUntraced(function*(
  workflow: Model.Workflow,
  seed: Seed.DataSource,
  path: string
): Effect.fn.Return<void, Seed.SeedRefused, Store> {
  const store = yield* Store
  const named = <A>(result: Effect.Effect<A, { readonly description: string }>) =>
    Effect.mapError(result, ({ description }) => refuse(path, description))
  if (seed.sourceDataset !== undefined) {
    const found = yield* store.datasets.get(yield* named(Effect.fromResult(datasetLookup(seed.sourceDataset)))).pipe(
      at(path)
    )
    yield* store.dataSources.create(workflow.id, {
      kind: "dataset",
      datasetId: found.dataset.id,
      versionId: found.version.id,
      sample: found.sample
    }).pipe(at(path))
  } else {
    // the schema asks for one of the two
    const lookup = yield* named(Effect.fromResult(workflowLookup(seed.sourceWorkflow ?? "")))
    const found = yield* store.workflows.get(lookup).pipe(at(path))
    yield* store.dataSources.create(workflow.id, { kind: "workflow", workflowId: found.id }).pipe(at(path))
  }
})

const writeNode = Effect.fnUntraced(function*(
  workflow: Model.Workflow,
  kind: Model.NodeKind,
  seed: Seed.Transform,
  path: string
): Effect.fn.Return<void, Seed.SeedRefused, Store> {
  const store = yield* Store
  let source: Model.WorkflowNode["source"] = null
  if (seed.sourceTable !== undefined) {
    const lookup = lookupOf(seed.sourceTable, workflow)
    if (lookup === undefined) return yield* refuse(`${path}.sourceTable`, "it is no reference of a table")
    const table = yield* store.tables.get(lookup).pipe(at(`${path}.sourceTable`))
    source = yield* sourceFor(table, workflow)
    if (source === null) {
      return yield* refuse(`${path}.sourceTable`, "it is a table neither of the workflow nor of its data sources")
    }
  }
  yield* store.nodes.create(workflow.id, {
    kind,
    name: seed.name,
    referenceId: seed.referenceId,
    query: seed.query,
    source,
    outputName: seed.outputName
  }).pipe(at(path))
})

export const writeWorkflow = Effect.fnUntraced(function*(
  seed: Seed.Workflow,
  path: string,
  place: Place
): Effect.fn.Return<void, Seed.SeedRefused, Store> {
  const store = yield* Store
  const { description, name, publicAccessLevel, referenceId, study } = seed
  const workflow = yield* store.workflows.create(seed.owner, {
    name,
    description,
    publicAccessLevel,
    referenceId,
    study
  }).pipe(at(path))
  for (const [index, table] of (seed.tables ?? []).entries()) {
    yield* writeTable(workflow, table, `${path}.tables[${index}]`, place)
  }
  for (const [index, parameter] of (seed.parameters ?? []).entries()) {
    yield* store.parameters.create(workflow.id, parameter).pipe(at(`${path}.parameters[${index}]`))
  }
  for (const [index, source] of (seed.dataSources ?? []).entries()) {
    yield* writeDataSource(workflow, source, `${path}.dataSources[${index}]`)
  }
  for (const [index, transform] of (seed.transforms ?? []).entries()) {
    yield* writeNode(workflow, "transform", transform, `${path}.transforms[${index}]`)
  }
  for (const [index, notebook] of (seed.notebooks ?? []).entries()) {
    yield* writeNode(workflow, "notebook", notebook, `${path}.notebooks[${index}]`)
  }
})
