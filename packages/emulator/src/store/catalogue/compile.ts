/**
 * Statements of the catalogue as functions of its tables.
 *
 * Truth has three values as in SQL: what is compared with null is null, and
 * only what is true is found.
 *
 * @since 0.1.0
 */
import type { Row } from "../Database.ts"
import type { ColumnType, Expression, Item, Select, Source, Statement, Value } from "./parse.ts"

export interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly byDefault: number | boolean | "position" | null
}

export type Columns = Readonly<Record<string, ReadonlyArray<Column>>>

/** What a statement is run on. */
export interface Moment {
  readonly rows: (table: string) => ReadonlyArray<Row>
  readonly parameters: ReadonlyArray<unknown>
  /** Numbers that rise, one for each row that has a position. */
  readonly nextPosition: () => number
}

/** A statement that only reads, or what it makes of the rows of one table. */
export type Compiled =
  | { readonly kind: "read"; readonly run: (moment: Moment) => ReadonlyArray<Row> }
  | { readonly kind: "insert"; readonly table: string; readonly run: (moment: Moment) => ReadonlyArray<Row> }
  | {
    readonly kind: "change"
    readonly table: string
    readonly run: (moment: Moment) => {
      /** `undefined` where none is another. */
      readonly rows: ReadonlyArray<Row> | undefined
      readonly returned: ReadonlyArray<Row>
    }
  }

/** A row of each table that is joined. */
type Joined = ReadonlyArray<Row>

/** Of a group the rows are all at hand; else it is of one alone. */
type Evaluate = (joined: Joined, moment: Moment, group?: ReadonlyArray<Joined>) => unknown

interface Scope {
  readonly columns: Columns
  readonly sources: ReadonlyArray<{ readonly table: string; readonly alias: string }>
  /** Places of the sources that are asked for something, as they are found. */
  readonly used: Set<number>
}

const scopeOf = (columns: Columns, sources: Scope["sources"] = []): Scope => ({ columns, sources, used: new Set() })

/** A value as a column of the type holds it. */
export const toColumn = (value: unknown, type: ColumnType): Value => {
  if (value === null || value === undefined) return null
  switch (type) {
    case "VARCHAR":
      return (typeof value === "string" ? value : JSON.stringify(value)).toWellFormed()
    case "BOOLEAN":
      return value === true
    default:
      return Math.round(Number(value))
  }
}

const isTrue = (value: unknown): boolean => value === true

/** Numbers alone are asked for by their order. */
const compare = (left: unknown, right: unknown): number => Number(left) - Number(right)

const operators: Readonly<Record<string, (left: unknown, right: unknown) => unknown>> = {
  "=": (left, right) => left === right,
  "<>": (left, right) => left !== right,
  "<": (left, right) => compare(left, right) < 0,
  "<=": (left, right) => compare(left, right) <= 0,
  ">": (left, right) => compare(left, right) > 0,
  ">=": (left, right) => compare(left, right) >= 0,
  "+": (left, right) => Number(left) + Number(right),
  "-": (left, right) => Number(left) - Number(right),
  "||": (left, right) => String(left) + String(right)
}

const isMissing = (value: unknown): boolean => value === null || value === undefined

const ofBinary = (operator: string, left: Evaluate, right: Evaluate): Evaluate => {
  switch (operator) {
    case "AND":
      return (joined, moment, group) => {
        const one = left(joined, moment, group)
        if (one === false) return false
        const other = right(joined, moment, group)
        return other === false ? false : one === true && other === true ? true : null
      }
    case "OR":
      return (joined, moment, group) => {
        const one = left(joined, moment, group)
        if (one === true) return true
        const other = right(joined, moment, group)
        return other === true ? true : one === false && other === false ? false : null
      }
    case "is":
      return (joined, moment, group) => (left(joined, moment, group) ?? null) === (right(joined, moment, group) ?? null)
  }
  const apply = operators[operator]!
  return (joined, moment, group) => {
    const one = left(joined, moment, group)
    const other = right(joined, moment, group)
    return isMissing(one) || isMissing(other) ? null : apply(one, other)
  }
}

const numbers = (values: ReadonlyArray<unknown>): ReadonlyArray<number> =>
  values.filter((value) => !isMissing(value)).map(Number)

const aggregates: Readonly<Record<string, (values: ReadonlyArray<unknown>) => Value>> = {
  count: (values) => values.filter((value) => !isMissing(value)).length,
  sum: (values) => numbers(values).reduce<number | null>((sum, value) => (sum ?? 0) + value, null),
  max: (values) => numbers(values).reduce<number | null>((most, value) => Math.max(most ?? value, value), null)
}

const ofCall = ({ filter, name, parameters }: Expression & { readonly kind: "call" }, scope: Scope): Evaluate => {
  const values = parameters.map((parameter) => expressionOf(parameter, scope))
  const aggregate = Object.hasOwn(aggregates, name) ? aggregates[name] : undefined
  if (aggregate !== undefined) {
    const value: Evaluate = values[0] ?? (() => true)
    const counts: Evaluate = filter === undefined ? () => true : expressionOf(filter, scope)
    return (_, moment, group = []) =>
      aggregate(group.filter((joined) => isTrue(counts(joined, moment))).map((joined) => value(joined, moment)))
  }
  switch (name) {
    case "coalesce":
      return (joined, moment, group) => {
        for (const value of values) {
          const found = value(joined, moment, group)
          if (!isMissing(found)) return found
        }
        return null
      }
    case "chr":
      return (joined, moment) => String.fromCodePoint(Number(values[0]!(joined, moment)))
    case "nextval":
      return (_, moment) => moment.nextPosition()
  }
  throw new SyntaxError(`The catalogue has no function ${name}`)
}

type ColumnName = Expression & { readonly kind: "column" }

/** The innermost that has it: a query within a query sees its own tables before those around it. */
const placeOf = ({ name, source }: ColumnName, scope: Scope): number =>
  scope.sources.findLastIndex(({ alias, table }) =>
    (source === undefined || source === alias) && scope.columns[table]!.some((column) => column.name === name)
  )

const ofColumn = (column: ColumnName, scope: Scope): Evaluate => {
  const { name } = column
  const index = placeOf(column, scope)
  if (index < 0) throw new SyntaxError(`The catalogue has no column ${name}`)
  scope.used.add(index)
  return (joined) => joined[index]?.[name] ?? null
}

const ofIn = ({ among, operand }: Expression & { readonly kind: "isIn" }, scope: Scope): Evaluate => {
  const value = expressionOf(operand, scope)
  const all: (joined: Joined, moment: Moment) => ReadonlyArray<unknown> = "kind" in among
    ? valuesOf(among, scope)
    : ((values) => (joined: Joined, moment: Moment) => values.map((one) => one(joined, moment)))(
      among.map((one) => expressionOf(one, scope))
    )
  return (joined, moment) => {
    const found = value(joined, moment)
    if (isMissing(found)) return null
    const values = all(joined, moment)
    return values.includes(found) ? true : values.some(isMissing) ? null : false
  }
}

/** The one column of a query within a query. */
const valuesOf = (select: Select, scope: Scope): (joined: Joined, moment: Moment) => ReadonlyArray<unknown> => {
  const used = new Set<number>()
  const run = selectOf(select, { ...scope, used })
  const read = (joined: Joined, moment: Moment) => run(moment, joined).map((row) => Object.values(row)[0])
  const around = [...used].filter((index) => index < scope.sources.length)
  for (const index of around) scope.used.add(index)
  if (around.length > 0) return read
  // the same for each row around it
  const known = new WeakMap<Moment, ReadonlyArray<unknown>>()
  return (joined, moment) => {
    const values = known.get(moment) ?? read(joined, moment)
    known.set(moment, values)
    return values
  }
}

const expressionOf = (expression: Expression, scope: Scope): Evaluate => {
  switch (expression.kind) {
    case "value": {
      const { value } = expression
      return () => value
    }
    case "parameter": {
      const { index } = expression
      return (_, moment) => moment.parameters[index] ?? null
    }
    case "column":
      return ofColumn(expression, scope)
    case "binary":
      return ofBinary(expression.operator, expressionOf(expression.left, scope), expressionOf(expression.right, scope))
    case "not": {
      const operand = expressionOf(expression.operand, scope)
      return (joined, moment, group) => {
        const value = operand(joined, moment, group)
        return isMissing(value) ? null : value !== true
      }
    }
    case "isNull": {
      const operand = expressionOf(expression.operand, scope)
      return (joined, moment, group) => isMissing(operand(joined, moment, group))
    }
    case "isIn":
      return ofIn(expression, scope)
    case "cast": {
      const operand = expressionOf(expression.operand, scope)
      return (joined, moment, group) => toColumn(operand(joined, moment, group), expression.type)
    }
    case "scalar": {
      const values = valuesOf(expression.select, scope)
      return (joined, moment) => values(joined, moment)[0] ?? null
    }
    case "call":
      return ofCall(expression, scope)
  }
}

const conjuncts = (expression: Expression | undefined): ReadonlyArray<Expression> =>
  expression === undefined
    ? []
    : expression.kind === "binary" && expression.operator === "AND"
    ? [...conjuncts(expression.left), ...conjuncts(expression.right)]
    : [expression]

/** Rows by the values of a column, for as long as the table is as it is. */
const indexes = new WeakMap<ReadonlyArray<Row>, Map<string, Map<unknown, Array<Row>>>>()

const indexOf = (rows: ReadonlyArray<Row>, column: string): ReadonlyMap<unknown, ReadonlyArray<Row>> => {
  const known = indexes.get(rows) ?? new Map<string, Map<unknown, Array<Row>>>()
  indexes.set(rows, known)
  const index = known.get(column) ?? Map.groupBy(rows, (row) => row[column])
  known.set(column, index)
  return index
}

/** Fewer are gone through sooner than put in order. */
const fewRows = 8

/** The rows of a table that may be meant: those with the value that a condition asks for, or else all. */
const candidatesOf = (
  source: Source,
  index: number,
  conditions: ReadonlyArray<Expression>,
  scope: Scope
): (joined: Joined, moment: Moment) => ReadonlyArray<Row> => {
  const isOwn = (expression: Expression): expression is ColumnName =>
    expression.kind === "column" && placeOf(expression, scope) === index
  // what comes from tables that are joined later is not known yet
  const isKnown = (expression: Expression): boolean =>
    expression.kind === "value" || expression.kind === "parameter" ||
    expression.kind === "column" && placeOf(expression, scope) < index
  for (const condition of conditions) {
    if (condition.kind !== "binary" || condition.operator !== "=") continue
    for (const [own, other] of [[condition.left, condition.right], [condition.right, condition.left]] as const) {
      if (!isOwn(own) || !isKnown(other)) continue
      const value = expressionOf(other, scope)
      return (joined, moment) => {
        const rows = moment.rows(source.table)
        return rows.length <= fewRows ? rows : indexOf(rows, own.name).get(value(joined, moment) ?? undefined) ?? []
      }
    }
  }
  return (_, moment) => moment.rows(source.table)
}

/** The rows of the tables that belong together, in the order of the first. */
const joinsOf = (
  { sources, where }: Pick<Select, "sources" | "where">,
  scope: Scope
): (moment: Moment, around: Joined) => ReadonlyArray<Joined> => {
  const before = scope.sources.length - sources.length
  const wanted: Evaluate = where === undefined ? () => true : expressionOf(where, scope)
  const steps = sources.map((source, index) => ({
    isOptional: source.isOptional,
    on: source.on === undefined ? undefined : expressionOf(source.on, scope),
    candidates: candidatesOf(source, before + index, conjuncts(index === 0 ? where : source.on), scope)
  }))
  return (moment, around) => {
    let found: ReadonlyArray<Joined> = [around]
    for (const { candidates, isOptional, on } of steps) {
      found = found.flatMap((joined) => {
        const all = candidates(joined, moment).map((row) => [...joined, row])
        const fit = on === undefined ? all : all.filter((next) => isTrue(on(next, moment)))
        return fit.length === 0 && isOptional ? [[...joined, {}]] : fit
      })
    }
    return where === undefined ? found : found.filter((joined) => isTrue(wanted(joined, moment)))
  }
}

type Field = readonly [name: string, value: Evaluate]

const fieldsOf = (items: ReadonlyArray<Item>, scope: Scope, own: number): ReadonlyArray<Field> =>
  items.flatMap((item): ReadonlyArray<Field> => {
    if (item.kind === "one") return [[item.name, expressionOf(item.expression, scope)]]
    return scope.sources.slice(own).flatMap(({ alias, table }) =>
      item.source !== undefined && item.source !== alias ? [] : scope.columns[table]!.map(({ name }): Field => [
        name,
        ofColumn({ kind: "column", source: alias, name }, scope)
      ])
    )
  })

const rowOf = (fields: ReadonlyArray<Field>, joined: Joined, moment: Moment, group?: ReadonlyArray<Joined>): Row =>
  Object.fromEntries(fields.map(([name, value]) => [name, value(joined, moment, group) ?? null]))

const isAggregate = (expression: Expression): boolean =>
  expression.kind === "call"
    ? Object.hasOwn(aggregates, expression.name) || expression.parameters.some(isAggregate)
    : expression.kind === "cast"
    ? isAggregate(expression.operand)
    : false

/** As DuckDB has it, nulls come last. */
const inOrder = (order: Select["order"], scope: Scope) => {
  const keys = order.map(({ by, isDescending }) => ({ value: expressionOf(by, scope), sign: isDescending ? -1 : 1 }))
  return (found: ReadonlyArray<Joined>, moment: Moment): ReadonlyArray<Joined> =>
    keys.length === 0 ? found : found.toSorted((left, right) => {
      for (const { sign, value } of keys) {
        const [one, other] = [value(left, moment), value(right, moment)]
        if (isMissing(one) || isMissing(other)) {
          if (isMissing(one) !== isMissing(other)) return isMissing(one) ? 1 : -1
          continue
        }
        const difference = compare(one, other)
        if (difference !== 0) return difference * sign
      }
      return 0
    })
}

const selectOf = (select: Select, around: Scope): (moment: Moment, around?: Joined) => ReadonlyArray<Row> => {
  const missing = select.sources.find(({ table }) => around.columns[table] === undefined)
  if (missing !== undefined) throw new SyntaxError(`The catalogue has no table ${missing.table}`)
  const scope: Scope = { ...around, sources: [...around.sources, ...select.sources] }
  const join = joinsOf(select, scope)
  const own = around.sources.length
  const sort = inOrder(select.order, scope)
  const limit = select.limit ?? Infinity
  if (select.sources.length === 1 && select.items.length === 1 && select.items[0]!.kind === "all") {
    return (moment, outer = []) => sort(join(moment, outer), moment).slice(0, limit).map((joined) => joined[own]!)
  }
  const fields = fieldsOf(select.items, scope, own)
  const isGrouped = select.groups.length > 0 ||
    select.items.some((item) => item.kind === "one" && isAggregate(item.expression))
  if (!isGrouped) {
    return (moment, outer = []) =>
      sort(join(moment, outer), moment).slice(0, limit).map((joined) => rowOf(fields, joined, moment))
  }
  const keys = select.groups.map((group) => expressionOf(group, scope))
  return (moment, outer = []) => {
    const found = join(moment, outer)
    const groups = keys.length === 0
      ? [found]
      : Map.groupBy(found, (joined) => JSON.stringify(keys.map((key) => key(joined, moment)))).values()
    return Array.from(groups, (group) => rowOf(fields, group[0] ?? outer, moment, group))
  }
}

/** A row as the table has it: in its types, and with what is there where nothing was said. */
export const completed = (columns: ReadonlyArray<Column>, given: Row, nextPosition: () => number): Row =>
  Object.fromEntries(columns.map(({ byDefault, name, type }) => [
    name,
    Object.hasOwn(given, name)
      ? toColumn(given[name], type)
      : byDefault === "position"
      ? nextPosition()
      : byDefault
  ]))

const matching = (table: string, where: Expression | undefined, scope: Scope) => {
  const join = joinsOf({ sources: [{ table, alias: table, on: undefined, isOptional: false }], where }, scope)
  return (moment: Moment): ReadonlySet<Row> => new Set(join(moment, []).map(([row]) => row!))
}

const returning = (items: ReadonlyArray<Item>, scope: Scope) => {
  const fields = fieldsOf(items, scope, 0)
  return (rows: ReadonlyArray<Row>, moment: Moment): ReadonlyArray<Row> =>
    fields.length === 0 ? [] : rows.map((row) => rowOf(fields, [row], moment))
}

/** Makes a function of a statement; throws for what the tables do not have. */
export const compile = (statement: Statement, columns: Columns): Compiled => {
  if (statement.kind === "select") return { kind: "read", run: selectOf(statement, scopeOf(columns)) }
  const { table } = statement
  const own = columns[table]
  if (own === undefined) throw new SyntaxError(`The catalogue has no table ${table}`)
  const scope = scopeOf(columns, [{ table, alias: table }])
  switch (statement.kind) {
    case "insert": {
      const { columns: names, from } = statement
      const unknown = names.find((name) => !own.some((column) => column.name === name))
      if (unknown !== undefined) throw new SyntaxError(`The catalogue has no column ${table}.${unknown}`)
      const values: (moment: Moment) => ReadonlyArray<ReadonlyArray<unknown>> = "kind" in from
        ? ((fields, join) => (moment: Moment) =>
          join(moment, []).map((joined) => fields.map(([, value]) => value(joined, moment))))(
            fieldsOf(from.items, scopeOf(columns, from.sources), 0),
            joinsOf(from, scopeOf(columns, from.sources))
          )
        : ((rows) => (moment: Moment) => rows.map((row) => row.map((value) => value([], moment))))(
          from.map((row) => row.map((value) => expressionOf(value, scopeOf(columns))))
        )
      return {
        kind: "insert",
        table,
        run: (moment) =>
          values(moment).map((row) =>
            completed(own, Object.fromEntries(names.map((name, index) => [name, row[index]])), moment.nextPosition)
          )
      }
    }
    case "update": {
      const find = matching(table, statement.where, scope)
      const set = statement.set.map(({ name, to }) => ({
        name,
        type: (own.find((column) => column.name === name) ?? unknownColumn(table, name)).type,
        value: expressionOf(to, scope)
      }))
      const toReturned = returning(statement.returning, scope)
      return {
        kind: "change",
        table,
        run: (moment) => {
          const found = find(moment)
          if (found.size === 0) return { rows: undefined, returned: [] }
          const changed: Array<Row> = []
          const rows = moment.rows(table).map((row) => {
            if (!found.has(row)) return row
            const next = {
              ...row,
              ...Object.fromEntries(set.map(({ name, type, value }) => [name, toColumn(value([row], moment), type)]))
            }
            changed.push(next)
            return next
          })
          return { rows, returned: toReturned(changed, moment) }
        }
      }
    }
    case "delete": {
      const find = matching(table, statement.where, scope)
      const toReturned = returning(statement.returning, scope)
      return {
        kind: "change",
        table,
        run: (moment) => {
          const found = find(moment)
          return found.size === 0 ? { rows: undefined, returned: [] } : {
            rows: moment.rows(table).filter((row) => !found.has(row)),
            returned: toReturned([...found], moment)
          }
        }
      }
    }
  }
}

const unknownColumn = (table: string, name: string): never => {
  throw new SyntaxError(`The catalogue has no column ${table}.${name}`)
}
