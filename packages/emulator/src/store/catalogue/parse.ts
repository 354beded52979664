/**
 * The part of SQL that the store says to its catalogue, as a tree.
 *
 * It is what DuckDB takes too, since DuckDB keeps the catalogue of a folder:
 * what is not known here is refused, and never guessed.
 *
 * @since 0.1.0
 */

export type Value = string | number | boolean | null

export type ColumnType = "VARCHAR" | "BIGINT" | "INTEGER" | "BOOLEAN"

export type Expression =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "parameter"; readonly index: number }
  | { readonly kind: "column"; readonly source: string | undefined; readonly name: string }
  | { readonly kind: "binary"; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "not"; readonly operand: Expression }
  | { readonly kind: "isNull"; readonly operand: Expression }
  | { readonly kind: "isIn"; readonly operand: Expression; readonly among: ReadonlyArray<Expression> | Select }
  | { readonly kind: "cast"; readonly operand: Expression; readonly type: ColumnType }
  | { readonly kind: "scalar"; readonly select: Select }
  | {
    readonly kind: "call"
    readonly name: string
    readonly parameters: ReadonlyArray<Expression>
    readonly filter: Expression | undefined
  }

export type Item =
  | { readonly kind: "all"; readonly source: string | undefined }
  | { readonly kind: "one"; readonly expression: Expression; readonly name: string }

export interface Source {
  readonly table: string
  readonly alias: string
  readonly on: Expression | undefined
  /** Whether a row stands without one of this table too. */
  readonly isOptional: boolean
}

export interface Select {
  readonly kind: "select"
  readonly items: ReadonlyArray<Item>
  readonly sources: ReadonlyArray<Source>
  readonly where: Expression | undefined
  readonly groups: ReadonlyArray<Expression>
  readonly order: ReadonlyArray<{ readonly by: Expression; readonly isDescending: boolean }>
  readonly limit: number | undefined
}

export interface Insert {
  readonly kind: "insert"
  readonly table: string
  readonly columns: ReadonlyArray<string>
  readonly from: ReadonlyArray<ReadonlyArray<Expression>> | Select
}

export interface Update {
  readonly kind: "update"
  readonly table: string
  readonly set: ReadonlyArray<{ readonly name: string; readonly to: Expression }>
  readonly where: Expression | undefined
  readonly returning: ReadonlyArray<Item>
}

export interface Delete {
  readonly kind: "delete"
  readonly table: string
  readonly where: Expression | undefined
  readonly returning: ReadonlyArray<Item>
}

export type Statement = Select | Insert | Update | Delete

const tokens = /\s+|('(?:[^']|'')*'|\$\d+|\d+|\w+|<>|<=|>=|\|\||[(),.*=<>+-])|([^])/gy

const types: ReadonlySet<string> = new Set(["VARCHAR", "BIGINT", "INTEGER", "BOOLEAN"])

const isType = (word: string): word is ColumnType => types.has(word)

/** Words that end an expression, and so are no name after it. */
const reserved = new Set(
  ["FROM", "WHERE", "GROUP", "ORDER", "LIMIT", "ON", "JOIN", "LEFT", "AS", "RETURNING", "SET", "VALUES", "SELECT"]
)

const comparisons: ReadonlySet<string> = new Set(["=", "<>", "<", "<=", ">", ">="])

interface Reader {
  /** The token that comes, in upper case where it is a word. */
  readonly peek: () => string
  readonly take: () => string
  readonly accepts: (...words: ReadonlyArray<string>) => boolean
  readonly expect: (word: string) => void
  readonly fail: () => never
}

const readerOf = (sql: string): Reader => {
  const all: Array<string> = []
  for (const [, token, unknown] of sql.matchAll(tokens)) {
    if (unknown !== undefined) throw new SyntaxError(`The catalogue knows no ${unknown}: ${sql}`)
    if (token !== undefined) all.push(token)
  }
  let at = 0
  const peek = (): string => /^[a-z]/i.test(all[at] ?? "") ? all[at]!.toUpperCase() : all[at] ?? ""
  const fail = (): never => {
    throw new SyntaxError(`The catalogue cannot read ${all[at] ?? "the end"} in: ${sql}`)
  }
  const accepts: Reader["accepts"] = (...words) => {
    const begin = at
    for (const word of words) {
      if (peek() !== word) {
        at = begin
        return false
      }
      at++
    }
    return true
  }
  return {
    peek,
    take: () => all[at++] ?? fail(),
    accepts,
    expect: (word) => {
      if (!accepts(word)) fail()
    },
    fail
  }
}

const list = <A>(reader: Reader, one: (reader: Reader) => A): ReadonlyArray<A> => {
  const found = [one(reader)]
  while (reader.accepts(",")) found.push(one(reader))
  return found
}

const inParentheses = <A>(reader: Reader, inner: (reader: Reader) => A): A => {
  reader.expect("(")
  const found = inner(reader)
  reader.expect(")")
  return found
}

const word = (reader: Reader): string => /^[a-z_]/i.test(reader.peek()) ? reader.take() : reader.fail()

const textOf = (token: string): string => token.slice(1, -1).replaceAll("''", "'")

const call = (reader: Reader, name: string): Expression => {
  const isOfAll = reader.accepts("*")
  const parameters = isOfAll || reader.peek() === ")" ? [] : list(reader, expression)
  reader.expect(")")
  const filter = reader.accepts("FILTER") ? inParentheses(reader, expression) : undefined
  return { kind: "call", name: name.toLowerCase(), parameters, filter }
}

const cast = (reader: Reader): Expression =>
  inParentheses(reader, () => {
    const operand = expression(reader)
    reader.expect("AS")
    const type = word(reader)
    return isType(type) ? { kind: "cast", operand, type } : reader.fail()
  })

const primary = (reader: Reader): Expression => {
  const token = reader.peek()
  if (token.startsWith("'")) return { kind: "value", value: textOf(reader.take()) }
  if (/^\d/.test(token)) return { kind: "value", value: Number(reader.take()) }
  if (token.startsWith("$")) return { kind: "parameter", index: Number(reader.take().slice(1)) - 1 }
  if (reader.accepts("NULL")) return { kind: "value", value: null }
  if (reader.accepts("TRUE")) return { kind: "value", value: true }
  if (reader.accepts("FALSE")) return { kind: "value", value: false }
  if (reader.accepts("CAST")) return cast(reader)
  if (token === "(") {
    return inParentheses(
      reader,
      () => reader.peek() === "SELECT" ? { kind: "scalar", select: select(reader) } : expression(reader)
    )
  }
  const name = word(reader)
  if (reader.accepts("(")) return call(reader, name)
  return reader.accepts(".")
    ? { kind: "column", source: name, name: word(reader) }
    : { kind: "column", source: undefined, name }
}

const sum = (reader: Reader): Expression => {
  let left = primary(reader)
  while (["+", "-", "||"].includes(reader.peek())) {
    left = { kind: "binary", operator: reader.take(), left, right: primary(reader) }
  }
  return left
}

const negatedIf = (isNegated: boolean, operand: Expression): Expression =>
  isNegated ? { kind: "not", operand } : operand

const comparison = (reader: Reader): Expression => {
  const left = sum(reader)
  if (comparisons.has(reader.peek())) {
    return { kind: "binary", operator: reader.take(), left, right: sum(reader) }
  }
  if (reader.accepts("IS")) {
    const isNegated = reader.accepts("NOT")
    if (reader.accepts("NULL")) return negatedIf(isNegated, { kind: "isNull", operand: left })
    reader.expect("DISTINCT")
    reader.expect("FROM")
    return negatedIf(!isNegated, { kind: "binary", operator: "is", left, right: sum(reader) })
  }
  const isNegated = reader.accepts("NOT", "IN")
  if (!isNegated && !reader.accepts("IN")) return left
  const among = inParentheses(reader, () => reader.peek() === "SELECT" ? select(reader) : list(reader, expression))
  return negatedIf(isNegated, { kind: "isIn", operand: left, among })
}

const negation = (reader: Reader): Expression =>
  reader.accepts("NOT") ? { kind: "not", operand: negation(reader) } : comparison(reader)

const joined = (reader: Reader, operator: string, inner: (reader: Reader) => Expression): Expression => {
  let left = inner(reader)
  while (reader.accepts(operator)) left = { kind: "binary", operator, left, right: inner(reader) }
  return left
}

const expression = (reader: Reader): Expression => joined(reader, "OR", () => joined(reader, "AND", negation))

const item = (reader: Reader): Item => {
  if (reader.accepts("*")) return { kind: "all", source: undefined }
  const found = expression(reader)
  const name = reader.accepts("AS") ? word(reader) : found.kind === "column" ? found.name : ""
  return { kind: "one", expression: found, name }
}

const selectItem = (reader: Reader): Item => {
  const token = reader.peek()
  if (/^[A-Z_]/.test(token) && reader.accepts(token, ".", "*")) return { kind: "all", source: token.toLowerCase() }
  return item(reader)
}

const table = (reader: Reader): string => {
  reader.expect("REGISTRY")
  reader.expect(".")
  return word(reader)
}

const where = (reader: Reader): Expression | undefined => reader.accepts("WHERE") ? expression(reader) : undefined

const source = (reader: Reader, join?: { readonly isOptional: boolean }): Source => {
  const name = table(reader)
  const alias = /^[A-Z_]/.test(reader.peek()) && !reserved.has(reader.peek()) ? word(reader) : name
  if (join !== undefined) reader.expect("ON")
  return {
    table: name,
    alias,
    on: join === undefined ? undefined : expression(reader),
    isOptional: join?.isOptional === true
  }
}

const joins = (reader: Reader): ReadonlyArray<Source> => {
  const found: Array<Source> = []
  for (;;) {
    if (reader.accepts("JOIN")) found.push(source(reader, { isOptional: false }))
    else if (reader.accepts("LEFT", "JOIN")) found.push(source(reader, { isOptional: true }))
    else return found
  }
}

const direction = (reader: Reader) => {
  const by = expression(reader)
  return { by, isDescending: reader.accepts("DESC") }
}

const select = (reader: Reader): Select => {
  reader.expect("SELECT")
  const items = list(reader, selectItem)
  reader.expect("FROM")
  return {
    kind: "select",
    items,
    sources: [source(reader), ...joins(reader)],
    where: where(reader),
    groups: reader.accepts("GROUP", "BY") ? list(reader, expression) : [],
    order: reader.accepts("ORDER", "BY") ? list(reader, direction) : [],
    limit: reader.accepts("LIMIT") ? Number(reader.take()) : undefined
  }
}

const returning = (reader: Reader): ReadonlyArray<Item> => reader.accepts("RETURNING") ? list(reader, item) : []

const insert = (reader: Reader): Insert => ({
  kind: "insert",
  table: table(reader),
  columns: inParentheses(reader, () => list(reader, word)),
  from: reader.accepts("VALUES")
    ? list(reader, () => inParentheses(reader, () => list(reader, expression)))
    : select(reader)
})

const update = (reader: Reader): Update => {
  const name = table(reader)
  reader.expect("SET")
  const set = list(reader, () => {
    const column = word(reader)
    reader.expect("=")
    return { name: column, to: sum(reader) }
  })
  return { kind: "update", table: name, set, where: where(reader), returning: returning(reader) }
}

const statement = (reader: Reader): Statement => {
  if (reader.accepts("INSERT", "INTO")) return insert(reader)
  if (reader.accepts("UPDATE")) return update(reader)
  if (reader.accepts("DELETE", "FROM")) {
    return { kind: "delete", table: table(reader), where: where(reader), returning: returning(reader) }
  }
  return select(reader)
}

/** Reads one statement; throws for what the catalogue does not know. */
export const parse = (sql: string): Statement => {
  const reader = readerOf(sql)
  const found = statement(reader)
  return reader.peek() === "" ? found : reader.fail()
}
