/** The contract's schemas as JSON Schema, each that has a name once. */
import * as JsonSchema from "effect/JsonSchema"
import type * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaRepresentation from "effect/SchemaRepresentation"

/**
 * A part of a JSON document.
 *
 * @category models
 * @since 0.1.0
 */
export type Json = { readonly [key: string]: unknown }

export interface Printed {
  /** The JSON Schema of one of the roots, which may be a reference to a definition. */
  readonly of: (ast: SchemaAST.AST) => Json
  readonly definitions: Json
}

/** What a number can be beside numbers when it travels as JSON; the API never sends these words. */
const isWordForNumber = (branch: unknown): boolean => {
  const words = (branch as { readonly enum?: unknown }).enum // of an object, as every schema here is
  return Array.isArray(words) && words.includes("NaN")
}

const isPlain = (schema: Json): boolean => Object.keys(schema).length === 1 && typeof schema["type"] === "string"

/** `anyOf` of plain types is one list of types. */
const union = (branches: ReadonlyArray<Json>): Json =>
  branches.length === 1
    ? branches[0] ?? {}
    : branches.every(isPlain)
    ? { type: branches.map(({ type }) => type) }
    : { anyOf: branches }

const isRecord = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

const mapped = (value: Json): Json =>
  Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, tidyAny(inner)]))

/** Shorter, and the same: whole numbers by their type, no words for numbers, no mark of what is open anyway. */
const tidy = (schema: Json): Json => {
  const { additionalProperties, anyOf, multipleOf, ...rest } = mapped(schema)
  const open = additionalProperties === undefined || additionalProperties === true ? {} : { additionalProperties }
  if (Array.isArray(anyOf)) {
    const inner = union(anyOf.filter((branch) => !isWordForNumber(branch)))
    return multipleOf === 1 ? { ...inner, ...rest, type: "integer" } : { ...inner, ...rest, ...open }
  }
  return { ...rest, ...open }
}

const tidyAny = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(tidyAny) : isRecord(value) ? tidy(value) : value

/**
 * Prints schemas that may share parts. A part whose name is known becomes a
 * definition of that name.
 */
export const print = (
  schemas: ReadonlySet<SchemaAST.AST>,
  names: ReadonlyMap<SchemaAST.AST, string>
): Printed => {
  const [first, ...others] = schemas
  if (first === undefined) return { of: () => ({}), definitions: {} }
  const document = SchemaRepresentation.toRepresentations([first, ...others], {
    referencePolicy: ({ ast, identifier }) => names.get(ast) ?? identifier
  })
  const printed = JsonSchema.toMultiDocumentOpenApi3_1(SchemaRepresentation.toJsonSchemaMultiDocument(document))
  const byAst = new Map([...schemas].map((ast, index) => [ast, tidy(printed.schemas[index] ?? {})]))
  return { of: (ast) => byAst.get(ast) ?? {}, definitions: mapped(printed.definitions) }
}

/** A schema's properties; none where it is no struct. */
export const propertiesOf = (schema: Schema.Top): ReadonlyArray<SchemaAST.PropertySignature> =>
  schema.ast._tag === "Objects" ? schema.ast.propertySignatures : []
