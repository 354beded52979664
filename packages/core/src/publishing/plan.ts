/** What a publication will do, worked out before anything is done. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as pages from "../client/pages.ts"
import { executor, Redivis } from "../client/service.ts"
import { strictly } from "../client/region.ts"
import { type Common, InvalidInput } from "../contract/RedivisError.ts"
import * as Reference from "../contract/Reference.ts"
import * as Transfer from "../data/Transfer.ts"
import { datasetOf } from "../resources/pin.ts"
import * as Table from "../resources/Table.ts"
import * as Version from "../resources/Version.ts"
import { listOf, problemWith, type Source, type Sources } from "./fill.ts"

/**
 * What is to be done to a table, by its name.
 *
 * @category models
 * @since 0.1.0
 */
export type Change<E = never, R = never> =
  /** A table that is not there yet. */
  | { readonly create: string; readonly source: Sources<E, R>; readonly description?: string | undefined }
  /** The table holds these rows and no others afterwards. */
  | { readonly replace: string; readonly source: Sources<E, R> }
  /** The rows come to those that are there. */
  | { readonly append: string; readonly source: Sources<E, R> }
  | { readonly remove: string }

export const actions = ["created", "replaced", "appended", "removed", "untouched"] as const

const PlannedFile = Schema.Struct({
  name: Schema.String,
  /** In bytes. */
  size: Schema.Number,
  /** As far as its source says. */
  numRows: Schema.NullOr(Schema.Number)
})

/**
 * A table of a plan.
 *
 * @category models
 * @since 0.1.0
 */
export const PlannedTable = Schema.Struct({
  name: Schema.String,
  action: Schema.Literals(actions),
  /** When the plan was made, of a draft as the service tells it, which may lag behind; null of a table that is created. */
  rowsBefore: Schema.NullOr(Schema.Number),
  /** Null where no source says how many rows it has. */
  rowsAfter: Schema.NullOr(Schema.Number),
  /** Of the content, when the plan was made. */
  hash: Schema.NullOr(Schema.String),
  files: Schema.Array(PlannedFile)
})
/**
 * @category models
 * @since 0.1.0
 */
export interface PlannedTable extends Schema.Schema.Type<typeof PlannedTable> {}

/**
 * What a publication will do to every table of a dataset. A plan is data: it
 * can be printed, kept, and applied in another process.
 *
 * @category models
 * @since 0.1.0
 */
export const Plan = Schema.Struct({
  /** Without a version. */
  dataset: Schema.String,
  /** The tag of the current version; null where nothing was released. */
  base: Schema.NullOr(Schema.String),
  /** Whether a draft was there already. */
  hasDraft: Schema.Boolean,
  /** In the order of the changes, then those that are not touched. */
  tables: Schema.Array(PlannedTable)
})
/**
 * @category models
 * @since 0.1.0
 */
export interface Plan extends Schema.Schema.Type<typeof Plan> {}

export type PlanError = Common | Version.GetError | Table.ListError

/** The name, the action and the files of a change. */
export interface Wanted<E, R> {
  readonly name: string
  readonly action: Exclude<PlannedTable["action"], "untouched">
  readonly sources: ReadonlyArray<Source<E, R>>
  readonly description: string | undefined
}

export const wantedOf = <E, R>(change: Change<E, R>): Wanted<E, R> => {
  if ("remove" in change) return { name: change.remove, action: "removed", sources: [], description: undefined }
  const sources = listOf(change.source)
  if ("create" in change) return { name: change.create, action: "created", sources, description: change.description }
  return "replace" in change
    ? { name: change.replace, action: "replaced", sources, description: undefined }
    : { name: change.append, action: "appended", sources, description: undefined }
}

export const filesOf = <E, R>(sources: ReadonlyArray<Source<E, R>>): PlannedTable["files"] =>
  sources.map(({ data, name, numRows }) => ({ name, size: Transfer.sizeOf(data), numRows: numRows ?? null }))

export const keyOf = (name: string): string => Reference.nameKey(name)

/** The table that a change means by its name, or by what references write for it: the very name before any other. */
export const findTable = <A extends { readonly name: string }>(name: string, tables: ReadonlyArray<A>): A | undefined =>
  tables.find((table) => Reference.isSameName(name, table.name)) ??
    tables.find((table) => Reference.isNamed(name, table.name))

const refused = (index: number, reason: string): InvalidInput =>
  new InvalidInput({ field: `changes[${index}]`, reason })

/** The first file of the changes whose bytes are none. */
export const refusedData = <E, R>(changes: ReadonlyArray<Change<E, R>>): InvalidInput | undefined =>
  changes.flatMap((change, index) =>
    wantedOf(change).sources.map(({ data }) => Transfer.refusedSource(data, `changes[${index}].source.data`) ?? [])
  ).flat()[0]

const rowsOf = (files: PlannedTable["files"]): number | null =>
  files.reduce<number | null>(
    (sum, { numRows }) => sum === null || numRows === null ? null : sum + numRows,
    0
  )

/** The plan for tables that are there, or why there is none. */
export const planTables = <E, R>(
  found: ReadonlyArray<Table.TableListItem>,
  changes: ReadonlyArray<Change<E, R>>
): Result.Result<ReadonlyArray<PlannedTable>, InvalidInput> => {
  if (changes.length === 0) {
    return Result.fail(new InvalidInput({ field: "changes", reason: "are none, and there is nothing to publish" }))
  }
  const met = new Set<string>()
  const planned: Array<PlannedTable> = []
  for (const [index, change] of changes.entries()) {
    const { action, name, sources } = wantedOf(change)
    const table = findTable(name, found)
    const key = keyOf(table?.name ?? name)
    if (met.has(key)) return Result.fail(refused(index, `is a second change of the table ${name}`))
    met.add(key)
    if (action === "created" && table !== undefined) {
      return Result.fail(refused(index, `creates the table ${name}, which is there already: replace it`))
    }
    if (action !== "created" && table === undefined) {
      return Result.fail(refused(index, `is of the table ${name}, which is not there: create it`))
    }
    const problem = action === "removed" ? undefined : problemWith(sources, `changes[${index}].source`)
    if (problem !== undefined) return Result.fail(problem)
    const files = filesOf(sources)
    const brought = rowsOf(files)
    const rowsBefore = table?.numRows ?? null
    planned.push({
      name: table?.name ?? name,
      action,
      rowsBefore,
      rowsAfter: action === "removed"
        ? 0
        : action === "appended"
        ? brought === null || rowsBefore === null ? null : rowsBefore + brought
        : brought,
      hash: table?.hash ?? null,
      files
    })
  }
  const untouched = found.filter(({ name }) => !met.has(keyOf(name))).map((table): PlannedTable => ({
    name: table.name,
    action: "untouched",
    rowsBefore: table.numRows ?? null,
    rowsAfter: table.numRows ?? null,
    hash: table.hash ?? null,
    files: []
  }))
  return Result.succeed([...planned, ...untouched])
}

/** What stands where the next release begins. */
export interface Standing {
  readonly draft: Version.Version | undefined
  readonly base: string | null
  readonly tables: ReadonlyArray<Table.TableListItem>
}

/** The dataset without a version, as text. */
export const unversioned = (input: Reference.DatasetInput): Effect.Effect<string, InvalidInput, Redivis> =>
  Redivis.use(({ defaults }) =>
    Effect.fromResult(Result.gen(function*() {
      const { id, name, owner, sample, version } = yield* Reference.parseDataset(
        yield* Reference.resolveDataset(input, defaults)
      )
      if (sample === true) {
        return yield* Result.fail(new InvalidInput({ field: "dataset.sample", reason: "must be left out" }))
      }
      if (version !== undefined && /^v/i.test(version)) {
        return yield* Result.fail(
          new InvalidInput({
            field: "dataset.version",
            reason: `must be left out, unlike ${version}: what is published is the next version`
          })
        )
      }
      return Reference.format(yield* Reference.dataset({ owner, name, id }))
    }))
  )

/** The tag of the current version; null where nothing was released. */
export const tagOf = (dataset: string): Effect.Effect<string | null, PlanError, Redivis> =>
  Version.get(dataset, "current").pipe(
    Effect.map(({ isReleased, tag }) => isReleased === false ? null : tag),
    Effect.catchTag("NotFound", () => Effect.succeed(null))
  )

export const draftOf = (dataset: string) =>
  Effect.catchTag(Version.get(dataset, "next"), "NotFound", () => Effect.succeed(undefined))

/**
 * Fails where the dataset has not the id that it was named by: the service
 * ignores a part that it does not know, as a version that is mistyped.
 */
const insist = (dataset: string): Effect.Effect<void, PlanError, Redivis> =>
  Effect.gen(function*() {
    const reference = yield* Effect.fromResult(Reference.parseDataset(dataset))
    if (reference.id !== undefined) yield* datasetOf(yield* executor, reference)
  })

export const look = (dataset: string): Effect.Effect<Standing, PlanError, Redivis> =>
  Effect.gen(function*() {
    yield* insist(dataset)
    const draft = yield* draftOf(dataset)
    const base = yield* tagOf(dataset)
    const at = draft === undefined ? "current" : "next"
    const tables = yield* pages.collect("tables.list", (page) => Table.listPage(`${dataset}:${at}`, page))
    return { draft, base, tables }
  })

/**
 * Works out what changes would do to a dataset: which tables are created,
 * replaced, appended to, removed and untouched, with rows before and after.
 * Nothing is changed.
 *
 * **Details**
 *
 * `GET /datasets/:dataset/versions/:tag` for the draft and the current version,
 * and `GET /datasets/:dataset/tables` of the draft where there is one, else of
 * the current version; before them `GET /datasets/:dataset` where the reference
 * has an id, which must be the dataset's. The plan holds each table's rows and
 * content hash.
 *
 * **Failures**
 *
 * - `InvalidInput`: there are no changes or two of one table, a file's data is
 *   none, a change creates what is there or touches what is not, files have one name, or one is empty and
 *   does not say `numRows: 0`
 * - `NotFound`: there is no such dataset, the token may not see it, or it has
 *   another id
 *
 * **Example** (Look before publishing)
 *
 * ```ts
 * import * as Publish from "@effect-redivis/core/Publish"
 * import * as Effect from "effect/Effect"
 *
 * const data = new TextEncoder().encode("species,body_mass_g\nAdelie,3750\n")
 * const printed = Publish.plan("demo.penguins", [
 *   { replace: "birds", source: { name: "birds.csv", data, numRows: 1 } },
 *   { remove: "drafts" }
 * ]).pipe(
 *   Effect.map(({ tables }) =>
 *     tables.map(({ action, name, rowsAfter, rowsBefore }) => `${name} ${action}: ${rowsBefore} to ${rowsAfter}`)
 *   )
 * )
 * ```
 *
 * @see {@link apply} to do it
 * @category operations
 * @since 0.1.0
 */
export const plan = <E = never, R = never>(
  dataset: Reference.DatasetInput,
  changes: ReadonlyArray<Change<E, R>>
): Effect.Effect<Plan, PlanError, Redivis> =>
  Effect.gen(function*() {
    const wrong = refusedData(changes)
    if (wrong !== undefined) return yield* wrong
    const text = yield* unversioned(dataset)
    const { base, draft, tables } = yield* look(text)
    return {
      dataset: text,
      base,
      hasDraft: draft !== undefined,
      tables: yield* Effect.fromResult(planTables(tables, changes))
    }
  }).pipe(strictly)
