/** Bringing rows into one table of a draft, and the proof that they are there and nothing else is. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as pages from "../client/pages.ts"
import { unlessOther } from "../client/given.ts"
import { executor, type Redivis, withExecutor } from "../client/service.ts"
import { type Common, InvalidInput, VerificationFailed } from "../contract/RedivisError.ts"
import * as Reference from "../contract/Reference.ts"
import { isWritten } from "../contract/reference/name.ts"
import * as contract from "../contract/table.ts"
import * as Transfer from "../data/Transfer.ts"
import { insistOnId } from "../resources/pin.ts"
import * as Query from "../resources/Query.ts"
import * as Table from "../resources/Table.ts"
import * as Upload from "../resources/Upload.ts"
import * as Variable from "../resources/Variable.ts"
import { settle } from "./settle.ts"

/**
 * A file whose rows are published.
 *
 * @category models
 * @since 0.1.0
 */
export interface Source<E = never, R = never> extends Omit<Upload.CreateOptions<E, R>, "wait" | "data" | "schema"> {
  /** The bytes of the file, or a stream of them with their number. */
  readonly data: Upload.Source<E, R>
  /**
   * How many rows it has, where that is known: the import is held to it. A file
   * of which no row is imported is refused, unless it says 0 here.
   */
  readonly numRows?: number | undefined
}

/** One file, or several that make up a table together. */
export type Sources<E = never, R = never> = Source<E, R> | ReadonlyArray<Source<E, R>>

/**
 * A table that was filled, as it was proved.
 *
 * @category models
 * @since 0.1.0
 */
export interface Filled {
  /** As it is in the draft. */
  readonly table: Table.Table
  /** Those of this call. */
  readonly uploads: ReadonlyArray<Upload.Upload>
  /** By `COUNT(*)`. */
  readonly numRows: number
  /** Of the content; reported, and no proof. */
  readonly hash: string | null
  readonly variables: ReadonlyArray<Variable.Variable>
}

/**
 * What {@link fill} fails with.
 *
 * @category errors
 * @since 0.1.0
 */
export type FillError =
  | Common
  | VerificationFailed
  | Table.GetError
  | Table.UpdateError
  | Upload.ListError
  | Upload.RemoveError
  | Upload.CreateError
  | Query.RunError
  | Query.RowsError
  | Variable.ListError

const isList = <E, R>(sources: Sources<E, R>): sources is ReadonlyArray<Source<E, R>> => Array.isArray(sources)

export const listOf = <E, R>(sources: Sources<E, R>): ReadonlyArray<Source<E, R>> =>
  isList(sources) ? sources : [sources]

/** Why these files cannot be published together, before anything is sent. */
export const problemWith = <E, R>(sources: ReadonlyArray<Source<E, R>>, field: string): InvalidInput | undefined => {
  for (const { data } of sources) {
    const refused = Transfer.refusedSource(data, `${field}.data`)
    if (refused !== undefined) return refused
  }
  const names = sources.map(({ name }) => Reference.nameKey(name))
  const empty = sources.find(({ data, numRows }) => numRows !== 0 && Transfer.sizeOf(data) === 0)
  return sources.length === 0
    ? new InvalidInput({ field, reason: "has no file: to empty a table, publish one without rows, with numRows: 0" })
    : new Set(names).size < names.length
    ? new InvalidInput({ field, reason: "has two files of one name" })
    : empty !== undefined
    ? new InvalidInput({ field, reason: `has the file ${empty.name} of 0 bytes: say numRows: 0 if it has no rows` })
    : undefined
}

/** The table in the draft, whatever version was named; a released one cannot be published into. */
export const inDraft = (input: Reference.TableInput): Effect.Effect<Reference.TableReference, InvalidInput, Redivis> =>
  Effect.gen(function*() {
    const { defaults } = yield* executor
    const text = yield* Effect.fromResult(Reference.resolveTable(input, defaults))
    const { container, id, name, sample } = yield* Effect.fromResult(Reference.parseTable(text))
    if (container === undefined) {
      return yield* new InvalidInput({ field: "table.container", reason: "is missing: name the dataset" })
    }
    if (sample === true || container.sample === true) {
      return yield* new InvalidInput({
        field: "table.sample",
        reason: "must be left out: samples are made by the service"
      })
    }
    if (container.version !== undefined && container.version.toLowerCase() !== "next") {
      return yield* new InvalidInput({
        field: "table.container.version",
        reason: `must be next or left out, unlike ${container.version}: released versions do not change`
      })
    }
    return yield* Effect.fromResult(Reference.table({ container: { ...container, version: "next" }, name, id }))
  })

export const uploadsOf = (table: Reference.TableInput) =>
  pages.collect("uploads.list", (page) => Upload.listPage(table, page))

const count = (table: Table.Table) =>
  Effect.gen(function*() {
    const query = yield* Query.run(`select count(*) as n from \`${table.qualifiedReference}\``)
    const rows = yield* Stream.runCollect(Query.rows(query))
    return Number(rows[0]?.["n"])
  })

/**
 * What the draft holds, by counting: the number that a table tells may lag
 * behind. A count whose answer is lost is taken again, since it changes nothing.
 */
export const countRows = (table: Table.Table) => settle(count(table), count(table))

/** Uploads one file; an answer that is lost is settled by what the table lists beyond what it listed before. */
const upload = <E, R>(table: Reference.TableReference, source: Source<E, R>, known: ReadonlyArray<Upload.Upload>) => {
  const { numRows: _, ...options } = source
  const before = new Set(known.map(({ uri }) => uri))
  return settle(
    Upload.create(table, options),
    Effect.gen(function*() {
      const fresh = (yield* uploadsOf(table)).filter(({ uri }) => !before.has(uri))
      const [only] = fresh
      return only === undefined || fresh.length > 1 ? undefined : yield* Upload.wait(only, options)
    })
  )
}

const failed = (table: Table.Table, reason: VerificationFailed["reason"], detail: string): VerificationFailed =>
  new VerificationFailed({ table: table.qualifiedReference, reason, detail })

const signatureOf = (variables: ReadonlyArray<Variable.Variable>): string =>
  variables.map(({ name, type }) => `${name.toLowerCase()} ${type}`)
    .sort((one, other) => one < other ? -1 : 1).join(", ")

/** The columns of several files together, the first one's first. */
const union = (lists: ReadonlyArray<ReadonlyArray<Variable.Variable>>): ReadonlyArray<Variable.Variable> => {
  const columns = new Map<string, Variable.Variable>()
  for (const variable of lists.flat()) {
    const key = variable.name.toLowerCase()
    if (!columns.has(key)) columns.set(key, variable)
  }
  return [...columns.values()]
}

/** What the service says of an import, in numbers. */
const numbersOf = ({ badRecordsCount, numRows, size }: Upload.Upload): string =>
  [
    `${numRows} rows`,
    typeof badRecordsCount === "number" ? `${badRecordsCount} bad records` : undefined,
    size === undefined || size === null ? undefined : `${size} bytes`
  ].filter((part) => part !== undefined).join(", ")

/** The rows that an upload must have brought, or why that is not known or cannot be meant. */
const importedBy = <E, R>(
  table: Table.Table,
  source: Source<E, R>,
  made: Upload.Upload
): Effect.Effect<number, VerificationFailed> => {
  const { name, numRows } = made
  const wanted = source.numRows
  if (numRows === undefined || numRows === null) {
    return Effect.fail(failed(table, "RowCount", `the service does not say how many rows ${name} has`))
  }
  if (wanted !== undefined && wanted !== numRows) {
    return Effect.fail(
      failed(table, "SourceRowCount", `${name} has ${wanted} rows, and ${numRows} were imported (${numbersOf(made)})`)
    )
  }
  return numRows === 0 && wanted === undefined
    ? Effect.fail(failed(
      table,
      "SourceRowCount",
      `no row of ${name} was imported (${numbersOf(made)}): say numRows: 0 if it has none, else look at its ` +
        "first line and at the options"
    ))
    : Effect.succeed(numRows)
}

/**
 * The table as it is before it is touched. An id and a name that were given
 * must be its own: the service ignores a part of a reference that it does not
 * know, and finds names in another spelling.
 */
const findExactly = (table: Reference.TableReference): Effect.Effect<Table.Table, Table.GetError, Redivis> =>
  withExecutor((redivis): Effect.Effect<Table.Table, Table.GetError> => {
    const params = { table: Reference.format(table) }
    const written = ({ qualifiedReference }: Table.Table) =>
      Result.getOrUndefined(Reference.parseTable(qualifiedReference))
    const identified = insistOnId(
      insistOnId(
        redivis.execute(contract.get, { params }),
        redivis,
        contract.get,
        params,
        table.container?.id,
        (found) => found.container?.referenceId ?? written(found)?.container?.id
      ),
      redivis,
      contract.get,
      params,
      table.id,
      (found) => found.referenceId ?? written(found)?.id
    )
    return unlessOther(
      identified,
      redivis,
      contract.get,
      params,
      (found) =>
        table.id !== undefined || isWritten(table.name, found.name)
          ? undefined
          : `the name ${JSON.stringify(found.name)}`
    )
  })

/**
 * Uploads files into a table of a draft and proves what the table then holds.
 * `replace` leaves nothing else in it; `append` leaves what was there.
 */
export const fill = <E, R>(
  table: Reference.TableReference,
  sources: ReadonlyArray<Source<E, R>>,
  mode: "replace" | "append",
  /** What the table must hold before rows are appended; null where that is not known for certain. */
  rowsBefore: number | null
): Effect.Effect<Filled, FillError | E, Redivis | R> =>
  Effect.gen(function*() {
    const before = yield* findExactly(table)
    const isTurned = mode === "append" && before.uploadMergeStrategy !== mode
    // to append again brings back what was replaced in this draft
    const held = isTurned ? yield* countRows(before) : undefined
    if (before.uploadMergeStrategy !== mode || mode === "replace") {
      yield* Table.update(table, { uploadMergeStrategy: mode })
    }
    const found = yield* uploadsOf(table)
    if (mode === "replace") {
      yield* Effect.forEach(found, ({ uri }) => Upload.remove(table, { uri }))
    }
    const kept = mode === "replace" ? [] : found
    const there = mode === "replace" ? 0 : yield* countRows(before)
    if (held !== undefined && held !== there) {
      return yield* failed(
        before,
        "RowCount",
        `it held ${held} rows while it replaced, and holds ${there} that come back`
      )
    }
    if (mode === "append" && rowsBefore !== null && rowsBefore !== there) {
      return yield* failed(before, "RowCount", `it held ${rowsBefore} rows when it was planned, and holds ${there}`)
    }
    const uploads: Array<Upload.Upload> = []
    let imported = 0
    for (const source of sources) {
      const made = yield* upload(table, source, [...kept, ...uploads])
      imported += yield* importedBy(before, source, made)
      uploads.push(made)
    }
    const ours = new Set([...kept, ...uploads].map(({ uri }) => uri))
    const listed = yield* uploadsOf(table)
    const others = listed.filter(({ uri }) => !ours.has(uri))
    if (others.length > 0 || listed.length < ours.size) {
      return yield* failed(
        before,
        "OtherUploads",
        others.length > 0
          ? `it lists uploads that are not of this call: ${others.map(({ name }) => name).join(", ")}`
          : `it lists ${listed.length} uploads, and ${ours.size} were made`
      )
    }
    const after = yield* Table.get(table)
    const counted = yield* countRows(after)
    if (counted !== there + imported) {
      return yield* failed(
        after,
        "RowCount",
        `${there === 0 ? "" : `${there} rows were there, `}${imported} were imported, and it holds ${counted}`
      )
    }
    const variables = yield* pages.collect("variables.list", (page) => Variable.listPage({ table }, page))
    const brought = yield* Effect.forEach(
      uploads,
      ({ uri }) => pages.collect("variables.list", (page) => Variable.listPage({ table, upload: { uri } }, page))
    )
    const columns = union(brought)
    if (mode === "replace" && signatureOf(variables) !== signatureOf(columns)) {
      return yield* failed(
        after,
        "Variables",
        `its variables are ${signatureOf(variables)}, and those of its uploads ${signatureOf(columns)}`
      )
    }
    if (
      String(after.referenceId) !== String(before.referenceId) || after.name !== before.name ||
      (after.description ?? null) !== (before.description ?? null)
    ) {
      return yield* failed(after, "Identity", "its id, name or description is another than before")
    }
    return { table: after, uploads, numRows: counted, hash: after.hash ?? null, variables }
  })
