/**
 * The contract as an OpenAPI 3.1 document, for tools that read one. Client code
 * never imports it, since it holds every operation.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as Contract from "./index.ts"
import type * as Operation from "./Operation.ts"
import { answersOf, errorSchema, headers as answeredHeaders, sharedResponses } from "./openApi/answers.ts"
import { type Json, print, type Printed, propertiesOf } from "./openApi/schemas.ts"
import * as owner from "./owner.ts"
import * as place from "./place.ts"

export type { Json } from "./openApi/schemas.ts"

/**
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /**
   * The base URL of the API.
   *
   * @default "https://redivis.com/api/v1"
   */
  readonly server?: string | undefined
  /**
   * What the document describes.
   *
   * @default every operation of the contract
   */
  readonly operations?: ReadonlyArray<Operation.Any> | undefined
}

/**
 * An OpenAPI document: plain JSON.
 *
 * @category models
 * @since 0.1.0
 */
export interface Document {
  readonly openapi: "3.1.0"
  readonly info: Json
  readonly servers: ReadonlyArray<Json>
  readonly tags: ReadonlyArray<Json>
  readonly paths: { readonly [path: string]: { readonly [method: string]: Json } }
  readonly components: Json
}

const documentation = "https://apidocs.redivis.com/rest-api"

/**
 * The page of the REST API's documentation that describes an operation.
 *
 * @category documents
 * @since 0.1.0
 */
export const documentationOf = (operation: Operation.Any): string =>
  operation.documentation === undefined ? documentation : `${documentation}/${operation.documentation}`

/** The names under which the contract's modules export their schemas; one that two of them have is told apart. */
const namesOfSchemas = (): ReadonlyMap<SchemaAST.AST, string> => {
  const modules: ReadonlyArray<readonly [string, unknown]> = [...Object.entries(Contract), ["owner", owner], [
    "place",
    place
  ]]
  const names = new Map<SchemaAST.AST, string>()
  const taken = new Set(["Error"])
  for (const [module, exported] of modules) {
    if (typeof exported !== "object" || exported === null || Array.isArray(exported)) continue
    for (const [name, value] of Object.entries(exported)) {
      if (!Schema.isSchema(value) || names.has(value.ast)) continue
      const prefix = module.charAt(0).toUpperCase() + module.slice(1)
      const unique = taken.has(name) ? `${prefix}${name}` : name
      taken.add(unique)
      names.set(value.ast, unique)
    }
  }
  return names
}

const property = (schema: Schema.Top, name: string): SchemaAST.AST | undefined =>
  propertiesOf(schema).find((signature) => signature.name === name)?.type

/** What of an operation is printed as a schema. */
const schemasOf = ({ body, query, success }: Operation.Any): ReadonlyArray<SchemaAST.AST> => [
  ...(query === undefined ? [] : propertiesOf(query).map(({ type }) => type)),
  ...(body === undefined
    ? []
    : body.kind === "json"
    ? [body.schema.ast]
    : [property(body.schema, "metadata") ?? body.schema.ast]),
  ...(success === undefined ? [] : [success.ast])
]

/** As people write it: `If-Modified-Since`. */
const headerName = (name: string): string => name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase())

const parameters = ({ headers, path, query }: Operation.Any, printed: Printed): ReadonlyArray<Json> => [
  ...path.split("/").filter((part) => part.startsWith(":")).map((part) => ({
    name: part.slice(1),
    in: "path",
    required: true,
    schema: { type: "string", minLength: 1 }
  })),
  ...(query === undefined ? [] : propertiesOf(query).map(({ name, type }) => ({
    name: String(name),
    in: "query",
    required: !SchemaAST.isOptional(type),
    // lists are one comma-joined value
    ...(type._tag === "Arrays" ? { style: "form", explode: false } : {}),
    schema: printed.of(type)
  }))),
  ...headers.map((name) => ({
    name: headerName(name),
    in: "header",
    required: false,
    schema: { type: "string" }
  }))
]

const requestBody = ({ body }: Operation.Any, printed: Printed): Json => {
  if (body === undefined) return {}
  const required = propertiesOf(body.schema).some(({ type }) => !SchemaAST.isOptional(type))
  if (body.kind === "json") {
    return { requestBody: { required, content: { "application/json": { schema: printed.of(body.schema.ast) } } } }
  }
  const metadata = printed.of(property(body.schema, "metadata") ?? body.schema.ast)
  const form = {
    schema: { type: "object", properties: { metadata, data: {} }, required: ["metadata", "data"] },
    encoding: { metadata: { contentType: "application/json" }, data: { contentType: "application/octet-stream" } }
  }
  return {
    requestBody: { required, content: { "multipart/form-data": form, "application/json": { schema: metadata } } }
  }
}

/** Any one of the scopes suffices, so each is an alternative of its own; so is none, where it was seen to. */
const security = ({ anonymous, scopes }: Operation.Any): ReadonlyArray<Json> => [
  ...(anonymous ? [{}] : []),
  ...(scopes.length === 0 ? [{ token: [] }] : scopes.map((scope) => ({ token: [scope] })))
]

const tagOf = ({ name }: Operation.Any): string => name.split(".", 1)[0] ?? name

const described = (operation: Operation.Any, printed: Printed): Json => ({
  operationId: operation.name,
  summary: `${operation.method} ${operation.path}`,
  tags: [tagOf(operation)],
  ...(operation.stage === "deprecated" ? { deprecated: true } : {}),
  ...(operation.stage === "beta" ? { "x-stage": "beta" } : {}),
  "x-scopes": operation.scopes,
  "x-repeatable": operation.repeatable,
  ...(operation.paging ? { "x-paging": true } : {}),
  externalDocs: { url: documentationOf(operation) },
  security: security(operation),
  parameters: parameters(operation, printed),
  ...requestBody(operation, printed),
  responses: answersOf(operation, printed)
})

/** Parameters of one place have one name in a document, whatever each operation calls them. */
const shapeOf = (path: string): string => path.replace(/:[^/]+/g, ":")

/**
 * Prints the contract.
 *
 * **Example** (For a generator of clients in another language)
 *
 * ```ts
 * import * as OpenApi from "@effect-redivis/core/OpenApi"
 *
 * const text = JSON.stringify(OpenApi.make(), undefined, 2)
 * ```
 *
 * @category documents
 * @since 0.1.0
 */
export const make = (options?: Options): Document => {
  const operations: ReadonlyArray<Operation.Any> = options?.operations ?? Contract.operations
  const printed = print(new Set(operations.flatMap(schemasOf)), namesOfSchemas())
  const shapes = new Map<string, string>()
  const paths: Record<string, Record<string, Json>> = {}
  for (const operation of operations) {
    const shape = shapeOf(operation.path)
    const template = shapes.get(shape) ?? operation.path
    shapes.set(shape, template)
    const item = paths[template.replace(/:([^/]+)/g, "{$1}")] ??= {}
    item[operation.method.toLowerCase()] = described({ ...operation, path: template }, printed)
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Redivis API",
      version: "1",
      description:
        "The REST API of Redivis, printed from the contract of effect-redivis. It is not an official document."
    },
    servers: [{ url: options?.server ?? "https://redivis.com/api/v1" }],
    tags: [...new Set(operations.map(tagOf))].map((name) => ({ name, description: `Methods of ${name}.` })),
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "An API token, or an access token of OAuth." }
      },
      headers: answeredHeaders,
      responses: sharedResponses(operations),
      schemas: { ...printed.definitions, Error: errorSchema }
    }
  }
}
