/** Whether a value fits its schema, at the price of a look, and what is wrong with it where it does not. */
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaParser from "effect/SchemaParser"
import type { Platform } from "../Platform.ts"

export interface Misfit {
  /** As `results[3].name`; empty for the value itself. */
  readonly path: string
  /** As "Expected string". */
  readonly message: string
  /** What stands at the path. */
  readonly value: unknown
}

const formatter = /*#__PURE__*/ SchemaIssue.makeFormatterDefault()

const checkers = new WeakMap<SchemaAST.AST, (value: unknown) => boolean>()

/** Makes a fast check of a schema, where the platform has one. */
type Compile = Platform["compile"]

/**
 * The check of a schema, made at its first use, so that what the platform does
 * to speed it up comes before. Where nothing is compiled decoding takes the time
 * of `Schema.is`, which would be more to bundle.
 */
const checker = (schema: Schema.Codec<unknown>, compile: Compile): (value: unknown) => boolean => {
  const known = checkers.get(schema.ast)
  if (known !== undefined) return known
  const compiled = compile(schema.ast)
  const decoded = SchemaParser.decodeUnknownResult(schema)
  const check = compiled ?? ((value) => Result.isSuccess(decoded(value)))
  checkers.set(schema.ast, check)
  return check
}

/** What the schema makes of a value, or the first place at which it does not fit. */
export const decode = <A>(schema: Schema.Decoder<A>, value: unknown): Result.Result<A, Misfit> =>
  Result.mapError(SchemaParser.decodeUnknownResult(schema)(value), (issue) => {
    let path = ""
    let inner: unknown = value
    let at: SchemaIssue.Issue | undefined = issue
    while (at !== undefined) {
      for (const segment of at._tag === "Pointer" ? at.path : []) {
        path += typeof segment === "number" ? `[${segment}]` : `${path === "" ? "" : "."}${String(segment)}`
        inner = typeof inner === "object" && inner !== null ? Reflect.get(inner, segment) : undefined
      }
      at = "issue" in at ? at.issue : "issues" in at ? at.issues[0] : undefined
    }
    // the path stands in a line of its own
    return { path, message: formatter(issue).replace(/\n[^]*/, ""), value: inner }
  })

/** Nothing where the value fits; the schemas of the contract transform nothing, so the value itself is the result. */
export const misfit = (
  schema: Schema.Codec<unknown>,
  value: unknown,
  compile: Compile
): Misfit | undefined => {
  if (checker(schema, compile)(value)) return undefined
  const decoded = decode(schema, value)
  return Result.isSuccess(decoded) ? undefined : decoded.failure
}

/**
 * Whether objects and lists stand where the schema has them, and no others:
 * what a client can walk although single values are not of their types, or an
 * object's property is null.
 */
export const isWalkable = (ast: SchemaAST.AST, value: unknown): boolean => {
  switch (ast._tag) {
    case "Union":
      return ast.types.some((member) => isWalkable(member, value))
    case "Arrays": {
      const [item] = ast.rest
      return Array.isArray(value) && (item === undefined || value.every((inner) => isWalkable(item, inner)))
    }
    case "Objects":
      return typeof value === "object" && value !== null && !Array.isArray(value) &&
        ast.propertySignatures.every(({ name, type }) => {
          const inner: unknown = Reflect.get(value, name)
          return (inner === undefined && type.context?.isOptional === true) ||
            (inner === null && type._tag === "Objects") || isWalkable(type, inner)
        }) &&
        ast.indexSignatures.every(({ type }) => Object.values(value).every((inner) => isWalkable(type, inner)))
    case "Null":
      return value === null
    case "Any":
    case "Unknown":
    case "Declaration":
      return true
    default:
      return typeof value !== "object" || value === null
  }
}

/** What is looked at of a value, in characters of a text or in values inside of each other. */
const longestLook = 10_000

/** At most 40 characters of a value, for an error that shows it, after what must not be seen is taken out. */
export const shortened = (value: unknown, redact: (text: string) => string): string => {
  let room = longestLook / 10
  const look = (_: string, inner: unknown): unknown =>
    room-- < 0 ? undefined : typeof inner === "bigint" ? `${inner}` : inner
  const text = redact((typeof value === "string" ? value : `${JSON.stringify(value, look)}`).slice(0, longestLook))
  return text.length > 40 ? `${text.slice(0, 39)}…` : text
}
