/** Doing what was planned, table by table, each proved before the version is released. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as jobs from "../client/jobs.ts"
import * as pages from "../client/pages.ts"
import type { Redivis } from "../client/service.ts"
import { strictly } from "../client/region.ts"
import { InvalidInput, PlanOutdated, type PublishProgress, VerificationFailed } from "../contract/RedivisError.ts"
import * as Reference from "../contract/Reference.ts"
import * as Table from "../resources/Table.ts"
import * as Version from "../resources/Version.ts"
import { fill, type FillError } from "./fill.ts"
import {
  actions,
  type Change,
  draftOf,
  filesOf,
  keyOf,
  look,
  type Plan,
  type PlanError,
  type PlannedTable,
  refusedData,
  tagOf,
  type Wanted,
  wantedOf
} from "./plan.ts"
import { settle } from "./settle.ts"

const ReportedTable = Schema.Struct({
  name: Schema.String,
  action: Schema.Literals(actions),
  rowsBefore: Schema.NullOr(Schema.Number),
  /** Counted in the draft where the table was touched. */
  rowsAfter: Schema.NullOr(Schema.Number),
  hashBefore: Schema.NullOr(Schema.String),
  hashAfter: Schema.NullOr(Schema.String)
})

/**
 * What was published.
 *
 * @category models
 * @since 0.1.0
 */
export const Report = Schema.Struct({
  dataset: Schema.String,
  /** Of the released version; null where the draft was only prepared. */
  tag: Schema.NullOr(Schema.String),
  tables: Schema.Array(ReportedTable)
})
/**
 * @category models
 * @since 0.1.0
 */
export interface Report extends Schema.Schema.Type<typeof Report> {}

type ReportedTable = Report["tables"][number]

/**
 * How a plan is applied.
 *
 * @category models
 * @since 0.1.0
 */
export interface ApplyOptions extends Pick<jobs.WaitOptions<Version.Version>, "deadline"> {
  readonly releaseNotes?: string | undefined
  /**
   * `false` leaves the draft as it is then, proved and not released.
   *
   * @default true
   */
  readonly release?: boolean | undefined
}

/** An error that says how far the publication came. */
type Progressing<E> = E extends object ? E & { readonly progress: PublishProgress } : E

type StepError =
  | PlanError
  | FillError
  | PlanOutdated
  | Version.CreateError
  | Version.ReleaseError
  | Table.CreateError
  | Table.RemoveError
  | Table.ExistsError

/**
 * @category errors
 * @since 0.1.0
 */
export type ApplyError = Progressing<StepError>

/** The change that belongs to a table of a plan, or why the two are not of one another. */
const matched = <E, R>(
  plan: Plan,
  changes: ReadonlyArray<Change<E, R>>
): Effect.Effect<ReadonlyArray<readonly [PlannedTable, Wanted<E, R>]>, InvalidInput> => {
  const wrong = refusedData(changes)
  if (wrong !== undefined) return Effect.fail(wrong)
  const touched = plan.tables.filter(({ action }) => action !== "untouched")
  const wanted = changes.map(wantedOf)
  const met = new Set<Wanted<E, R>>()
  const refuse = (reason: string) => Effect.fail(new InvalidInput({ field: "changes", reason }))
  if (touched.length !== changes.length) {
    return refuse("are not those that the plan was made from: their number is another")
  }
  const pairs: Array<readonly [PlannedTable, Wanted<E, R>]> = []
  for (const table of touched) {
    const change = wanted.find(({ name }) => Reference.isSameName(name, table.name)) ??
      wanted.find(({ name }) => Reference.isNamed(name, table.name))
    if (change?.action !== table.action || met.has(change)) {
      return refuse(`are not those that the plan was made from: it has ${table.name} ${table.action}`)
    }
    if (JSON.stringify(filesOf(change.sources)) !== JSON.stringify(table.files)) {
      return refuse(`are not those that the plan was made from: the files for ${table.name} are others`)
    }
    met.add(change)
    pairs.push([table, change])
  }
  return Effect.succeed(pairs)
}

/** What a table must be like at some moment. */
interface Expected {
  readonly name: string
  readonly numRows: number | null
  readonly hash: string | null
}

/** The tables that are not as expected, those that are missing and those that are too many among them. */
export const movedFrom = (
  expected: ReadonlyArray<Expected>,
  found: ReadonlyArray<Table.TableListItem>
): ReadonlyArray<string> => {
  const there = new Map(found.map((table) => [keyOf(table.name), table]))
  const known = new Set(expected.map(({ name }) => keyOf(name)))
  return [
    ...expected.filter(({ hash, name, numRows }) => {
      const table = there.get(keyOf(name))
      if (table === undefined) return true
      return hash !== null && table.hash !== undefined && table.hash !== null
        ? hash !== table.hash
        : numRows !== null && table.numRows !== undefined && table.numRows !== null && numRows !== table.numRows
    }).map(({ name }) => name),
    ...found.filter(({ name }) => !known.has(keyOf(name))).map(({ name }) => name)
  ]
}

const plannedBefore = (plan: Plan): ReadonlyArray<Expected> =>
  plan.tables.filter(({ action }) => action !== "created")
    .map(({ hash, name, rowsBefore }) => ({ name, hash, numRows: rowsBefore }))

const reportedAfter = (tables: ReadonlyArray<ReportedTable>): ReadonlyArray<Expected> =>
  tables.filter(({ action }) => action !== "removed")
    .map(({ hashAfter, name, rowsAfter }) => ({ name, hash: hashAfter, numRows: rowsAfter }))

/** Makes the draft where there is none; a lost answer is settled by looking for it. */
const openDraft = (dataset: string) => settle(Version.create(dataset, { ifNotExists: true }), draftOf(dataset))

/** A table of the draft by its id, as far as that is known: a name may find another one. */
const inDraft = (
  container: string,
  { name, referenceId }: { readonly name: string; readonly referenceId?: string | number | null | undefined }
) =>
  Effect.fromResult(
    Result.orElse(
      Reference.table({ container, name, id: referenceId === null ? undefined : referenceId?.toString() }),
      () => Reference.table({ container, name })
    )
  )

/** Does what is planned for one table, and says what came of it. */
const touch = <E, R>(
  { dataset, hasDraft }: Plan,
  planned: PlannedTable,
  change: Wanted<E, R>,
  listed: ReadonlyArray<Table.TableListItem>
) =>
  Effect.gen(function*() {
    const container = `${dataset}:next`
    const known = listed.find(({ name }) => keyOf(name) === keyOf(planned.name))
    const named = yield* inDraft(container, { name: planned.name, referenceId: known?.referenceId })
    const reported = { action: planned.action, rowsBefore: planned.rowsBefore }
    if (planned.action === "removed") {
      yield* Table.remove(named)
      if (yield* Table.exists(named)) {
        return yield* new VerificationFailed({
          table: Reference.format(named),
          reason: "Identity",
          detail: "it is there although it was removed"
        })
      }
      return { ...reported, name: planned.name, rowsAfter: 0, hashBefore: planned.hash, hashAfter: null }
    }
    const created = planned.action !== "created" ? undefined : yield* settle(
      Table.create(container, { name: change.name, description: change.description }),
      Table.get(named).pipe(
        Effect.map((found) => Reference.isSameName(found.name, change.name) ? found : undefined),
        Effect.catchTag("NotFound", () => Effect.succeed(undefined))
      )
    )
    const filled = yield* fill(
      // the service may have given it another name
      created === undefined ? named : yield* inDraft(container, created),
      change.sources,
      planned.action === "appended" ? "append" : "replace",
      // what a draft told of its rows may have lagged behind them, and its hashes were compared
      hasDraft ? null : planned.rowsBefore
    )
    return {
      ...reported,
      name: filled.table.name,
      rowsAfter: filled.numRows,
      hashBefore: planned.hash,
      hashAfter: filled.hash
    }
  })

/** Releases the draft; where the answer is lost, the versions tell whether it was. */
const release = (dataset: string, base: string | null, options: ApplyOptions) =>
  settle(
    Version.release(dataset, { releaseNotes: options.releaseNotes, deadline: options.deadline }),
    Effect.gen(function*() {
      const draft = yield* draftOf(dataset)
      if (draft !== undefined) {
        return draft.status === "queued" || draft.status === "running"
          ? yield* Version.wait(dataset, { deadline: options.deadline })
          : undefined
      }
      const tag = yield* tagOf(dataset)
      return tag === null || tag === base ? undefined : yield* Version.get(dataset, tag)
    })
  )

/**
 * Does what was planned: opens a draft where there is none, brings each table
 * to what the plan says, proves it, and releases the version.
 *
 * **Details**
 *
 * `changes` are those that the plan was made from, since a plan has the names
 * and sizes of files but not their bytes. Tables are done one after the other,
 * as `replaceTable` does; before the release every table is looked at once
 * more, and after it again. Whatever fails, the draft stays as it is, and the
 * error's `progress` says which tables are done and which are not. Where an
 * answer is lost, what is there is looked at, and nothing is sent twice.
 *
 * **Failures**
 *
 * - `PlanOutdated`: tables moved since the plan was made, or while it was applied
 * - `VerificationFailed`: a table does not hold what was published into it, or no row of a file was imported
 * - `InvalidInput`: the changes are not those of the plan
 * - `JobFailed`: a file cannot be imported, or the release failed
 * - `BadRequest`: the new version would be the same as the current one
 *
 * **Example** (Plan, ask, apply)
 *
 * ```ts
 * import * as Publish from "@effect-redivis/core/Publish"
 * import * as Effect from "effect/Effect"
 *
 * const publish = (data: Uint8Array, agreed: (plan: Publish.Plan) => Effect.Effect<boolean>) =>
 *   Effect.gen(function*() {
 *     const changes = [{ replace: "birds", source: { name: "birds.csv", data } }]
 *     const plan = yield* Publish.plan("demo.penguins", changes)
 *     if (!(yield* agreed(plan))) return undefined
 *     return yield* Publish.apply(plan, changes, { releaseNotes: "The birds of 2009." })
 *   })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const apply = <E = never, R = never>(
  plan: Plan,
  changes: ReadonlyArray<Change<E, R>>,
  options: ApplyOptions = {}
): Effect.Effect<Report, ApplyError | Progressing<E>, Redivis | R> =>
  Effect.suspend(() => {
    const done = new Map<string, ReportedTable>()
    let isReleased = false
    const touched = plan.tables.filter(({ action }) => action !== "untouched").map(({ name }) => name)
    const progress = (): PublishProgress => ({
      done: touched.filter((name) => done.has(name)),
      notDone: touched.filter((name) => !done.has(name)),
      isReleased
    })
    const { dataset } = plan
    const holdTo = (expected: ReadonlyArray<Expected>, found: ReadonlyArray<Table.TableListItem>) => {
      const tables = movedFrom(expected, found)
      return tables.length === 0 ? Effect.void : Effect.fail(new PlanOutdated({ dataset, tables }))
    }
    const tablesAt = (tag: string) =>
      pages.collect("tables.list", (page) => Table.listPage(`${dataset}:${tag.replace(".", "_")}`, page))

    const steps = Effect.gen(function*() {
      yield* jobs.checkTime("deadline", options.deadline)
      const pairs = yield* matched(plan, changes)
      const standing = yield* look(dataset)
      yield* holdTo(plannedBefore(plan), standing.tables)
      let listed = standing.tables
      if (standing.draft === undefined) {
        yield* openDraft(dataset)
        listed = yield* tablesAt("next")
        yield* holdTo(plannedBefore(plan), listed)
      }
      for (const [table, change] of pairs) done.set(table.name, yield* touch(plan, table, change, listed))
      const tables = plan.tables.map(({ action, hash, name, rowsAfter, rowsBefore }): ReportedTable =>
        done.get(name) ?? { name, action, rowsBefore, rowsAfter, hashBefore: hash, hashAfter: hash }
      )
      yield* holdTo(reportedAfter(tables), yield* tablesAt("next"))
      if (options.release === false) return { dataset, tag: null, tables }
      const { tag } = yield* release(dataset, standing.base, options)
      isReleased = true
      const [moved] = movedFrom(reportedAfter(tables), yield* tablesAt(tag))
      if (moved !== undefined) {
        return yield* new VerificationFailed({
          table: `${dataset}:${tag}.${moved}`,
          reason: "Content",
          detail: "it moved between the last look and the release"
        })
      }
      return { dataset, tag, tables }
    })
    return Effect.mapError(strictly(steps), (error) =>
      // what fails is an object that can carry more, save where a source of the caller's fails with something else
      (typeof error === "object" && error !== null && Object.isExtensible(error)
        ? Object.assign(error, { progress: progress() })
        : error) as ApplyError | Progressing<E>)
  })
