/**
 * GoogleSQL for DuckDB: reads a query, says which tables it names, and
 * translates it by an allow-list. What the list does not hold fails the query
 * by its name and place; nothing is passed on as it stands.
 *
 * The reader is our own. `@polyglot-sql/sdk`, whose job this was to be, loses
 * what the translation needs: which escape a text was written with (`'\101'` and
 * `'\\101'` are one node), `BIGNUMERIC`, `RESPECT NULLS`, the places of calls and
 * literals; and it reads neither plain references with colons nor more than 32
 * levels. The tests hold the tables that both find side by side.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import { coerce } from "./coercion.ts"
import type { Env, Relation, VariableType } from "./Env.ts"
import { parseScript } from "./parseScript.ts"
import { findTables } from "./references.ts"
import { variables } from "./Scope.ts"
import { fromRefusal, isRefusal, position, refuse, SqlError } from "./SqlError.ts"
import type { Name, Query, Script, Statement, TablePath } from "./syntax.ts"
import { translate as translateExpression } from "./translateExpression.ts"
import { tailOf, translateQuery, translateUnordered, withClause } from "./translateQuery.ts"
import * as Types from "./types.ts"
import { castTo, nullOf, quoteName, quoteText, type Value, value } from "./Value.ts"

export type { Relation, VariableType } from "./Env.ts"
export { SqlError } from "./SqlError.ts"

/** A table that a query names, each time that it does. */
export interface TableReference {
  /** Without backticks: `owner.dataset:next.table`, or `birds`. */
  readonly text: string
  readonly offset: number
  readonly line: number
  readonly column: number
}

/** A query that was read. */
export interface Analysis {
  readonly text: string
  readonly references: ReadonlyArray<TableReference>
  /** The syntax tree, and what was found in it. */
  readonly tree: {
    readonly script: Script
    readonly tables: ReadonlyMap<TablePath, TableReference>
    readonly arrays: ReadonlySet<TablePath>
  }
}

/** A query for DuckDB. */
export interface Translation {
  /** One SELECT. */
  readonly sql: string
  /** Columns of the result. */
  readonly columns: ReadonlyArray<{ readonly name: string; readonly type: VariableType }>
  /** Whether the query ends in ORDER BY, so that the order of its rows means something. */
  readonly isOrdered: boolean
}

export interface Options {
  /** How DuckDB reads a table, and what its columns are. */
  readonly resolve: (reference: TableReference) => Relation
  /** Milliseconds since the epoch, for `CURRENT_DATE` and the like. */
  readonly now: number
  /** Lists that the query names by `@` and their name, which `analyze` was told. */
  readonly parameters?: ReadonlyArray<Parameter> | undefined
}

/** A named list of values of one type. */
export interface Parameter {
  readonly name: string
  readonly type: VariableType
  readonly values: ReadonlyArray<string | number | boolean>
}

/** Catches what the depth throws; a stack that is used up is the query's fault. */
const attempt = <A>(text: string, body: () => A): Result.Result<A, SqlError> => {
  try {
    return Result.succeed(body())
  } catch (thrown) {
    if (isRefusal(thrown)) return Result.fail(fromRefusal(text, thrown))
    if (Predicate.isError(thrown) && thrown.name === "RangeError") {
      return Result.fail(
        new SqlError({ message: "This query is too deeply nested; take parts of it out into WITH", line: 1, column: 1 })
      )
    }
    throw thrown
  }
}

/**
 * Reads a text: one query, or a script of DECLARE and SET that ends in one.
 *
 * @category analysis
 * @since 0.1.0
 */
export const analyze = (
  text: string,
  parameters?: ReadonlyArray<{ readonly name: string }>
): Effect.Effect<Analysis, SqlError> =>
  Effect.suspend(() => {
    const names = new Set(parameters?.map(({ name }) => name.toLowerCase()))
    return Effect.fromResult(attempt(text, () => read(text, names)))
  })

const read = (text: string, parameters: ReadonlySet<string>): Analysis => {
  const script = parseScript(text, parameters)
  const found = findTables(script)
  const tables = new Map(found.tables.map((path) => [
    path,
    { text: path.text, offset: path.at, ...position(text, path.at) }
  ]))
  return { text, references: [...tables.values()], tree: { script, tables, arrays: found.arrays } }
}

/**
 * Translates a query that was read into one SELECT of DuckDB, in which every
 * table is what `resolve` gave for it.
 *
 * @category translation
 * @since 0.1.0
 */
export const translate = (analysis: Analysis, options: Options): Result.Result<Translation, SqlError> =>
  attempt(analysis.text, () => write(analysis, options))

const write = ({ tree }: Analysis, options: Options): Translation => {
  let count = 0
  const known = new Map<string, Value>()
  const common: Array<string> = []
  const relations = new Map([...tree.tables].map(([path, reference]) => [path, options.resolve(reference)]))
  const env: Env = {
    shared: {
      table: (path) => relations.get(path) ?? refuse(`Unrecognized name: ${path.text}`, path.at),
      isArray: (path) => tree.arrays.has(path),
      name: (prefix) => `${prefix}${++count}`,
      now: BigInt(Math.trunc(options.now)) * 1000n,
      query: translateQuery
    },
    scope: variables(known),
    tables: new Map(),
    depth: 0,
    clause: "this place",
    aggregate: undefined,
    windows: undefined,
    wantsPositions: false,
    positions: [],
    key: undefined
  }
  for (const parameter of options.parameters ?? []) known.set(`@${parameter.name.toLowerCase()}`, listOf(parameter))
  for (const statement of tree.script.before) assign(statement, env, known, common)
  const query = translateUnordered(tree.script.query, env)
  if (query.isStruct) refuse("The result would be structs; leave out AS STRUCT to get columns", tree.script.query.at)
  let unnamed = 0
  const taken = new Map<string, string>()
  const columns = query.columns.map((column, index) => {
    const name = column.name ?? `f${unnamed++}_`
    const { at } = column.value
    if (taken.has(name.toLowerCase())) {
      refuse(`Two columns of the result are called ${name}; give one of them another name with AS`, at)
    }
    taken.set(name.toLowerCase(), name)
    // names of users meet those of ours in this SELECT alone
    const [sql, type] = outcome({ ...column.value, sql: `r.${column.value.sql}` }, index + 1)
    return { name, type, selected: `${sql} AS ${quoteName(name)}` }
  })
  return {
    sql: `${withClause([...common, ...query.with])}SELECT ${
      columns.map((column) => column.selected).join(", ")
    } FROM (${query.sql}) AS r${tailOf(query, true)}`,
    columns: columns.map(({ name, type }) => ({ name, type })),
    isOrdered: isOrdered(tree.script.query)
  }
}

/** In parentheses, what stands within them counts. */
const isOrdered = ({ body, orderBy }: Query): boolean =>
  orderBy.length > 0 || (body.kind === "query" && isOrdered(body.query))

const scalarTypes: Readonly<Record<VariableType, Types.Type>> = {
  integer: Types.int64,
  float: Types.float64,
  boolean: Types.bool,
  string: Types.string,
  date: Types.date,
  dateTime: Types.datetime,
  time: Types.time,
  geography: Types.geography
}

/** A parameter as an array. */
const listOf = ({ type, values }: Parameter): Value => {
  const element = scalarTypes[type]
  const array = Types.arrayOf(element)
  const items = values.map((item) => castTo(quoteText(String(item)), element))
  return value(castTo(`[${items.join(", ")}]`, array), array, 0, { isTotal: true })
}

const variableTypes: Partial<Readonly<Record<Types.ScalarName, VariableType>>> = {
  INT64: "integer",
  FLOAT64: "float",
  NUMERIC: "float",
  BOOL: "boolean",
  STRING: "string",
  DATE: "date",
  DATETIME: "dateTime",
  TIMESTAMP: "dateTime",
  TIME: "time",
  GEOGRAPHY: "geography"
}

/**
 * A column of the result, as one of the eight types of variables. A NUMERIC stays
 * what it is until all its values are known: a float holds some of them only.
 */
const outcome = (found: Value, place: number): readonly [string, VariableType] => {
  const { sql, type } = found
  if (type.kind === "unknown") return [castTo(sql, Types.int64), "integer"]
  const variable = type.kind === "scalar" ? variableTypes[type.name] : undefined
  if (variable === undefined) {
    const advice = type.kind === "array"
      ? "take its elements with UNNEST, or make a text of it with ARRAY_TO_STRING"
      : type.kind === "struct"
      ? "take its fields one by one"
      : Types.isScalar(type, "BYTES")
      ? "make a text of it with TO_HEX or TO_BASE64"
      : "CAST it to another type"
    return refuse(
      `Column ${place} of the result is ${Types.show(type)}, which a variable cannot be; ${advice}`,
      found.at
    )
  }
  return [sql, variable]
}

/** DECLARE and SET: a variable is what it was set to last. */
const assign = (statement: Statement, env: Env, known: Map<string, Value>, common: Array<string>): void => {
  const { at, names } = statement
  if (names.length > 1 && statement.kind === "set") {
    refuse("SET of several variables at once is not supported; set them one by one", at, "statement SET of several")
  }
  const type = statement.kind === "declare" && statement.type !== undefined
    ? Types.resolveType(statement.type)
    : undefined
  const found = statement.value === undefined
    ? undefined
    : translateExpression(statement.value, { ...env, clause: statement.kind.toUpperCase() })
  for (const name of names) {
    const key = name.name.toLowerCase()
    const before = known.get(key)
    if (statement.kind === "declare" && before !== undefined) {
      refuse(`The variable ${name.name} is declared twice`, name.at)
    }
    if (statement.kind === "set" && before === undefined) refuse(`The variable ${name.name} is not declared`, name.at)
    const wanted = type ?? before?.type ??
      (found === undefined || found.type.kind === "unknown" ? Types.int64 : found.type)
    known.set(key, variable(name, wanted, found, env, common))
  }
}

const variable = (name: Name, type: Types.Type, found: Value | undefined, env: Env, common: Array<string>): Value => {
  if (found === undefined) return value(nullOf(type), type, name.at, { isTotal: true })
  const isLiteral = found.literal !== undefined && found.type.kind === "scalar"
  if (!isLiteral && !Types.isImplicit(found.type, type)) {
    refuse(`The variable ${name.name} is ${Types.show(type)} and takes no ${Types.show(found.type)}`, found.at)
  }
  const set = coerceOrRefuse(found, type, name)
  if (set.isTotal === true && set.sql.startsWith("CAST(")) return { ...set, literal: undefined, at: name.at }
  const table = env.shared.name("v")
  common.push(`${table} AS MATERIALIZED (SELECT ${set.sql} AS v)`)
  return value(`(SELECT ${table}.v FROM ${table})`, type, name.at, { isNumber: set.isNumber })
}

const coerceOrRefuse = (found: Value, type: Types.Type, name: Name): Value => {
  const isDate = found.literal?.type === "STRING" && Types.isScalar(type, "DATE", "DATETIME", "TIME", "TIMESTAMP")
  return Types.isImplicit(found.type, type) || isDate ||
      (found.literal?.type === "FLOAT64" && Types.isScalar(type, "NUMERIC"))
    ? coerce(found, type)
    : refuse(`The variable ${name.name} is ${Types.show(type)} and takes no ${Types.show(found.type)}`, found.at)
}
