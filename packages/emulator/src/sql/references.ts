/**
 * Finds the tables that a query names: by its syntax tree, never by its text.
 *
 * @since 0.1.0
 */
import type { Body, Expression, From, Query, Script, TablePath } from "./syntax.ts"
import { children } from "./walk.ts"

export interface Found {
  readonly tables: ReadonlyArray<TablePath>
  /** Paths of arrays of a table before them: `FROM t, t.items`. */
  readonly arrays: ReadonlySet<TablePath>
}

/** Names that hide tables: of `WITH`, and of the tables around. */
interface Names {
  readonly common: ReadonlySet<string>
  readonly aliases: ReadonlySet<string>
}

/** The name that a table goes by without an alias: its own, without id, version or sample. */
export const ownName = (path: TablePath): string => {
  const last = path.names.at(-1)!.name
  return last.slice(last.lastIndexOf(".") + 1).split(":", 1)[0]!
}

export const findTables = (script: Script): Found => {
  const tables: Array<TablePath> = []
  const arrays = new Set<TablePath>()

  const inQuery = (query: Query, names: Names): void => {
    const common = new Set(names.common)
    const known = { ...names, common }
    for (const { name, query: inner } of query.with) {
      inQuery(inner, { ...names, common: new Set(common) })
      common.add(name.name.toLowerCase())
    }
    const aliases = inBody(query.body, known)
    for (const item of query.orderBy) inExpression(item.expression, { common, aliases })
  }

  /** Gives the names that ORDER BY sees. */
  const inBody = (body: Body, names: Names): ReadonlySet<string> => {
    switch (body.kind) {
      case "query":
        inQuery(body.query, names)
        return names.aliases
      case "set":
        for (const each of body.bodies) inBody(each, names)
        return names.aliases
      case "select": {
        const aliases = new Set(names.aliases)
        if (body.from !== undefined) { for (const alias of inFrom(body.from, names)) aliases.add(alias) }
        const inner = { ...names, aliases }
        const expressions = [
          ...body.items.flatMap((item) =>
            item.kind === "item"
              ? [item.expression]
              : [...(item.of === undefined ? [] : [item.of]), ...item.replace.map((each) => each.expression)]
          ),
          ...[body.where, body.having, body.qualify].filter((each) => each !== undefined),
          ...(body.groupBy?.items ?? []).flatMap((item) => item.kind === "plain" ? item.expressions : item.sets.flat()),
          ...body.windows.flatMap((
            { window }
          ) => [...window.partitionBy, ...window.orderBy.map((item) => item.expression)])
        ]
        for (const expression of expressions) inExpression(expression, inner)
        return aliases
      }
    }
  }

  const inFrom = (from: From, names: Names): ReadonlyArray<string> => {
    switch (from.kind) {
      case "table": {
        const [first] = from.names
        const name = first!.name.toLowerCase()
        if (from.names.length === 1 && names.common.has(name)) {
          return [(from.alias?.name ?? first!.name).toLowerCase()]
        }
        if (from.names.length > 1 && names.aliases.has(name)) {
          arrays.add(from)
          const last = from.alias?.name ?? from.names.at(-1)!.name
          return [last.toLowerCase(), ...offsetName(from.offset)]
        }
        tables.push(from)
        return [(from.alias?.name ?? ownName(from)).toLowerCase()]
      }
      case "query":
        inQuery(from.query, names)
        return from.alias === undefined ? [] : [from.alias.name.toLowerCase()]
      case "unnest":
        inExpression(from.array, names)
        return [...(from.alias === undefined ? [] : [from.alias.name.toLowerCase()]), ...offsetName(from.offset)]
      case "join": {
        const left = inFrom(from.left, names)
        const right = inFrom(from.right, { ...names, aliases: new Set([...names.aliases, ...left]) })
        const both = [...left, ...right]
        if (from.on !== undefined) inExpression(from.on, { ...names, aliases: new Set([...names.aliases, ...both]) })
        return both
      }
      case "pivot": {
        const aliases = new Set([...names.aliases, ...inFrom(from.of, names)])
        for (const { call } of from.aggregates) inExpression(call, { ...names, aliases })
        for (const { value } of from.values) inExpression(value, { ...names, aliases })
        return from.alias === undefined ? [] : [from.alias.name.toLowerCase()]
      }
      case "unpivot":
        inFrom(from.of, names)
        return from.alias === undefined ? [] : [from.alias.name.toLowerCase()]
    }
  }

  const inExpression = (expression: Expression, names: Names): void => {
    if (expression.kind === "subquery") inQuery(expression.query, names)
    if (expression.kind === "in" && expression.query !== undefined) inQuery(expression.query, names)
    for (const child of children(expression)) inExpression(child, names)
  }

  const nothing: Names = { common: new Set(), aliases: new Set() }
  for (const statement of script.before) {
    if (statement.value !== undefined) inExpression(statement.value, nothing)
  }
  inQuery(script.query, nothing)
  return { tables, arrays }
}

const offsetName = (offset: TablePath["offset"]): ReadonlyArray<string> =>
  offset === undefined ? [] : [offset === true ? "offset" : offset.name.toLowerCase()]
