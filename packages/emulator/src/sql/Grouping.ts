/**
 * The grouped rows of a `SELECT`: which expressions are keys, and which
 * aggregates are gathered beside them.
 *
 * @since 0.1.0
 */
import { allow } from "./allow.ts"
import { type Env, plain } from "./Env.ts"
import { type FromScope, same, type Scope } from "./Scope.ts"
import { refuse } from "./SqlError.ts"
import type { Call, Expression, GroupItem, Select } from "./syntax.ts"
import { fingerprint, isAggregate, translateAggregate } from "./translateCall.ts"
import { translate } from "./translateExpression.ts"
import * as Types from "./types.ts"
import { constantInteger, type Value, value } from "./Value.ts"
import { some } from "./walk.ts"

/** A column of the result: an expression of the query, or a column that a star stands for. */
export interface Item {
  readonly name: string | undefined
  readonly at: number
  readonly expression: Expression | undefined
  readonly column: Value | undefined
}

interface Key {
  /** Of the ungrouped rows. */
  readonly value: Value
  /** Of the grouped ones. */
  readonly grouped: Value
  readonly expressions: ReadonlySet<Expression>
}

export class Grouping {
  readonly name: string
  readonly scope: Scope
  private readonly rows: Env
  private readonly from: FromScope
  private readonly keys: Array<Key> = []
  private readonly sets: ReadonlyArray<string>
  private readonly aggregates: Array<{ readonly value: Value; readonly grouped: Value }> = []

  constructor(rows: Env, from: FromScope, outer: Env, select: Select, items: ReadonlyArray<Item>) {
    this.rows = rows
    this.from = from
    this.name = outer.shared.name("g")
    this.scope = {
      resolve: (names) => {
        const found = from.local(names)
        if (found === undefined) return outer.scope.resolve(names)
        return this.column(found, names.map((name) => name.name).join("."), names[0]!.at)
      },
      names: () => from.names()
    }
    this.sets = select.groupBy === undefined ? [] : this.readKeys(select.groupBy, items)
  }

  private readKeys(groupBy: NonNullable<Select["groupBy"]>, items: ReadonlyArray<Item>): ReadonlyArray<string> {
    allow("clause GROUP BY", groupBy.at)
    if (groupBy.isAll) {
      allow("clause GROUP BY ALL", groupBy.at)
      return items.flatMap((item) => {
        const { column, expression } = item
        if (expression === undefined) return [this.add(column!, undefined, item.at)]
        const isComputed = some(
          expression,
          (each) => isAggregate(each) || (each.kind === "call" && each.over !== undefined)
        )
        const isConstant = !some(expression, (each) => each.kind === "path" || each.kind === "subquery")
        return isComputed || isConstant ? [] : [this.addExpression(expression)]
      })
    }
    return groupBy.items.flatMap((item) => this.readItem(item, items))
  }

  private readItem(item: GroupItem, items: ReadonlyArray<Item>): ReadonlyArray<string> {
    if (item.kind === "plain") return item.expressions.map((expression) => this.readKey(expression, items))
    allow(`clause ${item.kind}`, item.at)
    const sets = item.sets.map((set) => {
      const positions = set.map((expression) => this.readKey(expression, items))
      return positions.length === 1 ? positions[0]! : `(${positions.join(", ")})`
    })
    return [`${item.kind}(${sets.join(", ")})`]
  }

  /** A position in SELECT, an alias of it, or an expression. */
  private readKey(expression: Expression, items: ReadonlyArray<Item>): string {
    const { at } = expression
    const position = constantInteger(expression)
    if (position !== undefined) {
      const item = items[position - 1]
      if (item === undefined) {
        return refuse(`GROUP BY ${position} is out of range: SELECT has ${items.length} columns`, at)
      }
      return item.expression === undefined ? this.add(item.column!, undefined, at) : this.addExpression(item.expression)
    }
    if (expression.kind === "path" && expression.names.length === 1) {
      const name = expression.names[0]!.name
      const named = items.filter((item) => same(item.name, name))
      const expressions = new Set(
        named.map((item) => item.expression === undefined ? item.column!.sql : fingerprint(item.expression))
      )
      if (expressions.size > 1) {
        refuse(`The name ${name} in GROUP BY is ambiguous: several columns of SELECT have it`, at)
      }
      const [first] = named
      if (first !== undefined) {
        return first.expression === undefined
          ? this.add(first.column!, undefined, at)
          : this.addExpression(first.expression)
      }
    }
    if (expression.kind === "literal") refuse("GROUP BY a literal has no meaning", at)
    return this.addExpression(expression)
  }

  private addExpression(expression: Expression): string {
    return this.add(translate(expression, plain(this.rows, "GROUP BY")), expression, expression.at)
  }

  /** Its position among the keys. */
  private add(found: Value, expression: Expression | undefined, at: number): string {
    if (!Types.isGroupable(found.type)) refuse(`GROUP BY a ${Types.show(found.type)} is not possible`, at)
    const index = this.keys.findIndex((key) => key.value.sql === found.sql)
    const expressions = new Set(index < 0 ? [] : this.keys[index]!.expressions)
    if (expression !== undefined) expressions.add(expression)
    if (index >= 0) {
      this.keys[index] = { ...this.keys[index]!, expressions }
      return String(index + 1)
    }
    const grouped = value(`${this.name}.k${this.keys.length}`, found.type, at, {
      isNumber: found.isNumber,
      isTotal: true
    })
    this.keys.push({ value: found, grouped, expressions })
    return String(this.keys.length)
  }

  /** The key that an expression is, if it is one. */
  find(node: Expression): Value | undefined {
    for (const key of this.keys) if (key.expressions.has(node)) return key.grouped
    if (node.kind === "literal" || node.kind === "typed" || node.kind === "interval") return undefined
    const isOpen = some(
      node,
      (each) =>
        isAggregate(each) || each.kind === "subquery" || (each.kind === "in" && each.query !== undefined) ||
        (each.kind === "call" && each.over !== undefined)
    )
    if (isOpen) return undefined
    const ungrouped = translate(node, plain(this.rows, "this place"))
    return this.keys.find((key) => key.value.sql === ungrouped.sql)?.grouped
  }

  /** A column of the ungrouped rows as one of the grouped. */
  column(found: Value, name: string | undefined, at: number): Value {
    const key = this.keys.find((each) => each.value.sql === found.sql)
    if (key !== undefined) return key.grouped
    return refuse(
      `The column ${
        name ?? ""
      } is neither grouped nor aggregated; put it into GROUP BY, or into a function such as MAX or ANY_VALUE`,
      at
    )
  }

  aggregate(call: Call): Value {
    const inner: Env = {
      ...this.rows,
      clause: `the arguments of ${call.name}`,
      aggregate: undefined
    }
    this.from.seen.clear()
    const found = translateAggregate(call, inner)
    // GoogleSQL and DuckDB differ on whose aggregate it would be
    if (this.from.seen.size === 0 && some(call, (each) => each.kind === "path")) {
      refuse("An aggregate of columns of an outer query alone is not supported", call.at, "aggregate of an outer query")
    }
    const known = this.aggregates.find((each) => each.value.sql === found.sql)
    if (known !== undefined) return { ...known.grouped, at: call.at }
    const grouped = value(`${this.name}.a${this.aggregates.length}`, found.type, call.at, { isNumber: found.isNumber })
    this.aggregates.push({ value: found, grouped })
    return grouped
  }

  sql(from: string): string {
    const list = [
      ...this.keys.map((key, index) => `${key.value.sql} AS k${index}`),
      ...this.aggregates.map((each, index) => `${each.value.sql} AS a${index}`)
    ]
    return `SELECT ${list.length === 0 ? "1" : list.join(", ")}${from}${this.groupBy}`
  }

  /** Without keys and without aggregates it still makes one row of all. */
  private get groupBy(): string {
    if (this.sets.length > 0) return ` GROUP BY ${this.sets.join(", ")}`
    return this.aggregates.length === 0 ? " HAVING count(*) >= 0" : ""
  }
}
