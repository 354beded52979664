/** What two versions of a dataset differ in, from their listings. */
import * as Effect from "effect/Effect"
import * as pages from "../client/pages.ts"
import type { Redivis } from "../client/service.ts"
import { strictly } from "../client/region.ts"
import * as Reference from "../contract/Reference.ts"
import * as pinning from "./pin.ts"
import * as Table from "./Table.ts"
import type * as Variable from "./Variable.ts"
import { listed, whole } from "./wholeVariables.ts"

/**
 * What two values were.
 *
 * @category models
 * @since 0.1.0
 */
export interface Change<A> {
  readonly from: A
  readonly to: A
}

/**
 * A variable that differs. What is the same is left out.
 *
 * @category models
 * @since 0.1.0
 */
export interface VariableChange {
  /** As it is written in the later version. */
  readonly name: string
  readonly type?: Change<string>
  readonly label?: Change<string | null>
  /** Told where descriptions were asked for. */
  readonly description?: Change<string | null>
  /** Told where descriptions were asked for. */
  readonly valueLabels?: Change<ReadonlyArray<ValueLabel>>
}

/**
 * What a value means.
 *
 * @category models
 * @since 0.1.0
 */
export interface ValueLabel {
  readonly value: string
  readonly label: string
}

/**
 * The variables of a table that differ.
 *
 * @category models
 * @since 0.1.0
 */
export interface VariablesDiff {
  readonly added: ReadonlyArray<Variable.Variable>
  readonly removed: ReadonlyArray<Variable.Variable>
  readonly changed: ReadonlyArray<VariableChange>
}

/**
 * A table that differs. What is the same is left out.
 *
 * @category models
 * @since 0.1.0
 */
export interface TableChange {
  /** As it is in the later version. */
  readonly name: string
  readonly from: Table.TableListItem
  readonly to: Table.TableListItem
  /** The table has a new name. */
  readonly renamed?: Change<string>
  readonly description?: Change<string | null>
  readonly numRows?: Change<number | null>
  /** Changes exactly when the rows or their schema do. */
  readonly hash?: Change<string | null>
  /** Absent where the variables are the same, or were not asked for. */
  readonly variables?: VariablesDiff
}

/**
 * What a version differs from another in.
 *
 * @category models
 * @since 0.1.0
 */
export interface VersionDiff {
  /** The tag of the earlier version; `next` for a draft. */
  readonly from: string
  readonly to: string
  readonly added: ReadonlyArray<Table.TableListItem>
  readonly removed: ReadonlyArray<Table.TableListItem>
  readonly changed: ReadonlyArray<TableChange>
  /** How many tables are the same. */
  readonly unchanged: number
}

/**
 * How versions are compared.
 *
 * @category models
 * @since 0.1.0
 */
export interface DiffOptions {
  /**
   * Whose variables are compared: of `all` tables that both versions have, of
   * those whose `hash` moved (which overlooks new labels and descriptions), or
   * of `none`.
   *
   * @default "all"
   */
  readonly variables?: "all" | "hash" | "none" | undefined
  /**
   * Whether descriptions and labels of values are compared too, which listings
   * leave out: a request for each variable that is compared, at both versions.
   *
   * @default false
   */
  readonly descriptions?: boolean | undefined
  /**
   * How many tables are asked for their variables at once.
   *
   * @default 8
   */
  readonly concurrency?: number | undefined
}

/**
 * @category errors
 * @since 0.1.0
 */
export type DiffError = pinning.PinError | Table.ListError | Variable.ListError | Variable.GetError

const change = <A>(from: A, to: A): Change<A> | undefined => from === to ? undefined : { from, to }

/** Only the fields that differ, or nothing. */
const differing = <A extends object>(fields: A): { readonly [K in keyof A]?: Exclude<A[K], undefined> } | undefined => {
  const left = Object.entries(fields).filter(([, value]) => value !== undefined)
  // what is left has a value
  return left.length === 0
    ? undefined
    : Object.fromEntries(left) as { readonly [K in keyof A]?: Exclude<A[K], undefined> }
}

const labelsOf = ({ valueLabels }: Variable.Variable): ReadonlyArray<ValueLabel> =>
  (valueLabels ?? []).map(({ label, value }) => ({ value: value ?? "", label: label ?? "" }))

/** The labels of values, where they are others or in another order. */
const relabelled = (
  from: Variable.Variable,
  to: Variable.Variable
): Change<ReadonlyArray<ValueLabel>> | undefined => {
  const [one, other] = [labelsOf(from), labelsOf(to)]
  return JSON.stringify(one) === JSON.stringify(other) ? undefined : { from: one, to: other }
}

/** What two lists of variables differ in; `undefined` where they are the same. */
export const compareVariables = (
  from: ReadonlyArray<Variable.Variable>,
  to: ReadonlyArray<Variable.Variable>
): VariablesDiff | undefined => {
  const before = new Map(from.map((variable) => [variable.name.toLowerCase(), variable]))
  const after = new Set(to.map(({ name }) => name.toLowerCase()))
  const added = to.filter(({ name }) => !before.has(name.toLowerCase()))
  const removed = from.filter(({ name }) => !after.has(name.toLowerCase()))
  const changed = to.flatMap((variable): ReadonlyArray<VariableChange> => {
    const known = before.get(variable.name.toLowerCase())
    if (known === undefined) return []
    const found = differing({
      type: change<string>(known.type, variable.type),
      label: change(known.label ?? null, variable.label ?? null),
      description: change(known.description ?? null, variable.description ?? null),
      valueLabels: relabelled(known, variable)
    })
    return found === undefined ? [] : [{ name: variable.name, ...found }]
  })
  return added.length + removed.length + changed.length === 0 ? undefined : { added, removed, changed }
}

/** What a table is known by: its id, which outlives its name. */
const isSame = (one: Table.TableListItem, other: Table.TableListItem): boolean =>
  one.referenceId !== undefined && one.referenceId !== null && other.referenceId !== undefined &&
    other.referenceId !== null
    ? String(one.referenceId) === String(other.referenceId)
    : Reference.nameKey(one.name) === Reference.nameKey(other.name)

/** A table of both versions. */
export interface Pair {
  readonly from: Table.TableListItem
  readonly to: Table.TableListItem
}

/** Which tables of two lists are the same one. */
export const matchTables = (
  from: ReadonlyArray<Table.TableListItem>,
  to: ReadonlyArray<Table.TableListItem>
): {
  readonly pairs: ReadonlyArray<Pair>
  readonly added: ReadonlyArray<Table.TableListItem>
  readonly removed: ReadonlyArray<Table.TableListItem>
} => {
  const keyOf = (table: Table.TableListItem): ReadonlyArray<string> => [
    ...(table.referenceId === undefined || table.referenceId === null ? [] : [`id ${table.referenceId}`]),
    `name ${Reference.nameKey(table.name)}`
  ]
  const before = new Map<string, Table.TableListItem>()
  for (const table of from) for (const key of keyOf(table)) before.set(key, table)
  const pairs: Array<Pair> = []
  const added: Array<Table.TableListItem> = []
  const met = new Set<Table.TableListItem>()
  for (const table of to) {
    const known = keyOf(table).map((key) => before.get(key)).find((other) =>
      other !== undefined && isSame(other, table)
    )
    if (known === undefined) added.push(table)
    else {
      met.add(known)
      pairs.push({ from: known, to: table })
    }
  }
  return { pairs, added, removed: from.filter((table) => !met.has(table)) }
}

/** What a table differs in; `undefined` where it is the same. */
export const compareTables = ({ from, to }: Pair, variables: VariablesDiff | undefined): TableChange | undefined => {
  const found = differing({
    renamed: change(from.name, to.name),
    description: change(from.description ?? null, to.description ?? null),
    numRows: change(from.numRows ?? null, to.numRows ?? null),
    hash: change(from.hash ?? null, to.hash ?? null),
    variables
  })
  return found === undefined ? undefined : { name: to.name, from, to, ...found }
}

interface Place {
  readonly reference: Reference.DatasetReference
  readonly tag: string
}

/**
 * What two versions of a dataset differ in: tables, their rows and content
 * hashes, and their variables.
 *
 * **Details**
 *
 * `GET /datasets/:dataset/tables` for each version, a request for a thousand
 * tables, and `GET /tables/:table/variables` for each table that both have, at
 * both versions; `{ variables: "hash" }` asks for those alone whose content
 * moved. Tables are told by their ids, so that a new name is a change and not
 * another table. `current` is resolved once. Listings of variables leave out
 * descriptions and labels of values, which `{ descriptions: true }` asks for. What
 * `createdAt` and `updatedAt` of tables say is not compared: a draft makes all of
 * them new.
 *
 * **Failures**
 *
 * - `InvalidInput`: a tag is none, or the reference names a version itself
 * - `NotFound`: there is no such dataset or version, or the token may not see it
 * - `Forbidden`: the account may see the tables but not their variables
 *
 * **Example** (What a release will change)
 *
 * ```ts
 * import * as Version from "@effect-redivis/core/Version"
 * import * as Effect from "effect/Effect"
 *
 * const changed = Version.diff("demo.penguins", "current", "next").pipe(
 *   Effect.map((diff) => diff.changed.map(({ hash, name, numRows }) => ({ name, numRows, moved: hash !== undefined })))
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const diff = (
  dataset: Reference.DatasetInput,
  from: string,
  to: string,
  options?: DiffOptions
): Effect.Effect<VersionDiff, DiffError, Redivis> =>
  Effect.gen(function*() {
    const wanted = options?.variables ?? "all"
    const at = (tag: string, field: string) =>
      Effect.flatMap(
        pinning.atVersion(dataset, tag, field),
        (reference): Effect.Effect<Place, pinning.PinError, Redivis> =>
          tag.toLowerCase() === "current" ? pinning.pin(reference) : Effect.succeed({ reference, tag })
      )
    const [earlier, later] = yield* Effect.all([at(from, "from"), at(to, "to")], { concurrency: 2 })
    const tables = (reference: Reference.DatasetReference) =>
      pages.collect("tables.list", (page) => Table.listPage(reference, page))
    const [before, after] = yield* Effect.all([tables(earlier.reference), tables(later.reference)], { concurrency: 2 })
    const { added, pairs, removed } = matchTables(before, after)
    const variables = (table: Table.TableListItem) => (options?.descriptions === true ? whole : listed)({ table })
    const compared = yield* Effect.forEach(
      pairs,
      (pair) => {
        const isAsked = wanted === "all" || (wanted === "hash" && pair.from.hash !== pair.to.hash)
        return isAsked
          ? Effect.map(
            Effect.all([variables(pair.from), variables(pair.to)], { concurrency: 2 }),
            ([from, to]) => compareTables(pair, compareVariables(from, to))
          )
          : Effect.succeed(compareTables(pair, undefined))
      },
      { concurrency: options?.concurrency ?? 8 }
    )
    const changed = compared.filter((found) => found !== undefined)
    return {
      from: earlier.tag,
      to: later.tag,
      added,
      removed,
      changed,
      unchanged: pairs.length - changed.length
    }
  }).pipe(strictly)
