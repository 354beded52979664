/**
 * Queries and bodies as operations want them, from what clients send: repeated
 * keys, comma-joined lists, single values where a list is meant, numbers and
 * booleans as text, explicit nulls, `[]` for an empty body.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"

const formatter = SchemaIssue.makeFormatterStandardSchemaV1()

const admitsNull = (ast: SchemaAST.AST): boolean =>
  ast._tag === "Null" || (ast._tag === "Union" && ast.types.some(admitsNull))

/** What a nullable schema holds when it is not null. */
const inner = (ast: SchemaAST.AST): SchemaAST.AST => {
  if (ast._tag !== "Union") return ast
  const types = ast.types.filter((type) => type._tag !== "Null")
  return types.length === 1 ? types[0]! : ast
}

const numberOf = (text: string): unknown => text.trim() === "" || !Number.isFinite(Number(text)) ? text : Number(text)

const booleanOf = (text: string): unknown => {
  const lower = text.toLowerCase()
  if (lower === "true" || lower === "1") return true
  return lower === "false" || lower === "0" ? false : text
}

/** A value with the shape that the schema wants, as far as it was meant so. */
const shaped = (ast: SchemaAST.AST, value: unknown): unknown => {
  const wanted = inner(ast)
  if (value === null || value === undefined) return value
  switch (wanted._tag) {
    case "Number":
      return typeof value === "string" ? numberOf(value) : value
    case "Boolean":
      return typeof value === "string" ? booleanOf(value) : value
    case "Arrays": {
      const list = Array.isArray(value) ? value : [value]
      const item = wanted.rest[0]
      return item === undefined ? list : list.map((element) => shaped(item, element))
    }
    case "Objects": {
      if (Array.isArray(value) && value.length === 0) return shaped(wanted, {})
      if (typeof value !== "object" || Array.isArray(value)) return value
      // a variable may be called `__proto__`, which an assignment would lose
      return Object.fromEntries(
        Object.entries(value).flatMap(([key, property]) => {
          const type = wanted.propertySignatures.find(({ name }) => name === key)?.type ??
            wanted.indexSignatures[0]?.type
          if (type === undefined) return []
          if (property === null && !admitsNull(type)) return []
          return [[key, shaped(type, property)]]
        })
      )
    }
    default:
      return value
  }
}

type Segment = PropertyKey | { readonly key: PropertyKey }

const pathOf = (segments: ReadonlyArray<Segment>): string =>
  segments.map((segment) => String(typeof segment === "object" ? segment.key : segment)).join(".")

/** Decodes, or says in one sentence what does not fit. */
const decode = (schema: Schema.Codec<unknown>, value: unknown): Result.Result<unknown, string> =>
  Result.mapError(Schema.decodeUnknownResult(schema)(value), (error) => {
    const issue = formatter(error.issue).issues[0]
    const path = pathOf(issue?.path ?? [])
    return `${path === "" ? "The value" : `"${path}"`}: ${issue?.message ?? "does not fit"}`
  })

/** Each key has a list of its values, in their order. */
export type Query = Readonly<Record<string, ReadonlyArray<string>>>

const parseQuery = (query: string): Query => {
  const values: Record<string, Array<string>> = {}
  for (const [key, value] of new URLSearchParams(query)) {
    const known = Object.hasOwn(values, key) ? values[key] : undefined
    // a key may be called like a property of every object
    if (known === undefined) Object.defineProperty(values, key, { value: [value], enumerable: true })
    else known.push(value)
  }
  return values
}

export interface Target {
  /** Not decoded. */
  readonly path: string
  readonly query: Query
}

export const splitTarget = (target: string): Target => {
  const mark = target.indexOf("?")
  return mark < 0
    ? { path: target, query: {} }
    : { path: target.slice(0, mark), query: parseQuery(target.slice(mark + 1)) }
}

export const decodeQuery = (
  schema: Schema.Codec<unknown>,
  query: Query
): Result.Result<unknown, string> => {
  const ast = schema.ast
  if (ast._tag !== "Objects") return decode(schema, query)
  const raw: Record<string, unknown> = {}
  for (const { name, type } of ast.propertySignatures) {
    const values = Object.hasOwn(query, name) ? query[String(name)] : undefined
    if (values === undefined) continue
    if (inner(type)._tag === "Arrays") {
      const list = values.flatMap((value) => value.split(",")).filter((value) => value !== "")
      if (list.length > 0) raw[String(name)] = list
    } else if (values.at(-1) !== "") raw[String(name)] = values.at(-1)
  }
  return decode(schema, shaped(ast, raw))
}

export const decodeBody = (schema: Schema.Codec<unknown>, value: unknown): Result.Result<unknown, string> =>
  decode(schema, shaped(schema.ast, value ?? {}))
