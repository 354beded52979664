/**
 * Names that a `SELECT` gives itself: of its windows, and of its columns.
 *
 * @since 0.1.0
 */
import { allow } from "./allow.ts"
import type { Env } from "./Env.ts"
import type { Item } from "./Grouping.ts"
import { type FromScope, same } from "./Scope.ts"
import { refuse } from "./SqlError.ts"
import { suggest } from "./suggest.ts"
import type { Expression, Name, Select, Window } from "./syntax.ts"
import type { Value } from "./Value.ts"
import { some } from "./walk.ts"

/** Finds windows by their names, and puts together those that rest on one. */
export const namedWindows = (select: Select) => {
  const find = (window: Window, seen: number): Window => {
    const { base } = window
    if (base === undefined) return window
    allow("clause WINDOW", base.at)
    const index = select.windows.findIndex((each) => same(each.name.name, base.name))
    const named = select.windows[index]
    if (named === undefined || index >= seen) {
      return refuse(
        `There is no window ${base.name}${suggest(base.name, select.windows.map((each) => each.name.name))}`,
        base.at
      )
    }
    const rest = find(named.window, index)
    if (window.partitionBy.length > 0) refuse("PARTITION BY is not possible on top of a named window", window.at)
    if (window.orderBy.length > 0 && rest.orderBy.length > 0) {
      refuse(`The window ${base.name} has an ORDER BY already`, window.at)
    }
    if (rest.frame !== undefined && (window.orderBy.length > 0 || window.frame !== undefined)) {
      refuse(`The window ${base.name} has a frame already`, window.at)
    }
    return {
      at: window.at,
      base: undefined,
      partitionBy: rest.partitionBy,
      orderBy: window.orderBy.length > 0 ? window.orderBy : rest.orderBy,
      frame: window.frame ?? rest.frame
    }
  }
  return (window: Window): Window => find(window, select.windows.length)
}

/** HAVING, QUALIFY and ORDER BY see the names that SELECT gives before those of FROM. */
export const aliasEnv = (env: Env, items: ReadonlyArray<Item>, values: ReadonlyArray<Value>, from: FromScope): Env => {
  /** Values that the name stands for in SELECT, each once. */
  const named = (name: string): ReadonlyArray<Value> => {
    const found = items.flatMap((item, index) => same(item.name, name) ? [values[index]!] : [])
    return found.filter((each, index) => found.findIndex((other) => other.sql === each.sql) === index)
  }
  const alias = (names: ReadonlyArray<Name>): Value | undefined => {
    const first = names[0]!
    if (from.range(first.name) !== undefined && names.length > 1) return undefined
    const found = named(first.name)
    if (found.length > 1) refuse(`The name ${first.name} is ambiguous: several columns of SELECT have it`, first.at)
    if (found[0] === undefined) return undefined
    return names.length === 1 ? found[0] : undefined
  }
  /** Names that mean one thing in SELECT and another in FROM. */
  const isShadowed = (node: Expression): boolean => {
    if (node.kind !== "path" || node.names.length > 1) return false
    const inSelect = named(node.names[0]!.name)
    if (inSelect.length === 0) return false
    const inFrom = from.columns.filter((column) => same(column.name, node.names[0]!.name))
    const plainItem = items.find((item) => same(item.name, node.names[0]!.name))
    const isSameColumn = plainItem?.expression === undefined ||
      (plainItem.expression.kind === "path" && same(plainItem.expression.names.at(-1)!.name, node.names[0]!.name))
    return !(inFrom.length > 0 && isSameColumn)
  }
  const { aggregate, key } = env
  return {
    ...env,
    scope: {
      resolve: (names) => alias(names) ?? env.scope.resolve(names),
      names: () => [...items.flatMap((item) => item.name === undefined ? [] : [item.name]), ...env.scope.names()]
    },
    key: key === undefined ? undefined : (node) => some(node, isShadowed) ? undefined : key(node),
    aggregate: aggregate === undefined
      ? undefined
      : (call) => {
        if (some(call, isShadowed)) {
          refuse(
            `In ${call.name} a name stands for a column of SELECT; write the expression behind it, or name the table`,
            call.at,
            "alias in an aggregate"
          )
        }
        return aggregate(call)
      }
  }
}
