/** The OpenAPI document against the contract that it is printed from. */
import * as Contract from "@effect-redivis/core/Contract"
import * as OpenApi from "@effect-redivis/core/OpenApi"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

const operations: ReadonlyArray<Contract.Operation.Any> = Contract.operations

const document: any = JSON.parse(JSON.stringify(OpenApi.make())) // a document of JSON

interface Described {
  readonly path: string
  readonly method: string
  readonly item: any
}

const described: ReadonlyArray<Described> = Object.entries<object>(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, item]) => ({ path, method, item }))
)

const itemOf = (name: string): any => described.find(({ item }) => item.operationId === name)?.item

const shapeOf = (path: string): string => path.replace(/\{[^}]+\}|:[^/]+/g, ":")

describe("the OpenAPI document", () => {
  it("has every operation of the contract exactly once, at its verb and path", () => {
    assert.deepStrictEqual(
      described.map(({ item, method, path }) => `${item.operationId} ${method.toUpperCase()} ${shapeOf(path)}`).sort(),
      operations.map(({ method, name, path }) => `${name} ${method} ${shapeOf(path)}`).sort()
    )
  })

  it("has a parameter for each hole in a path, and for each property of a query and each header", () => {
    for (const { item, path } of described) {
      const operation = operations.find(({ name }) => name === item.operationId)!
      const of = (place: string): ReadonlyArray<string> =>
        item.parameters.filter((parameter: any) => parameter.in === place).map(({ name }: any) => name)
      assert.deepStrictEqual(of("path"), [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name), path)
      const ast = operation.query?.ast
      assert.deepStrictEqual(
        of("query"),
        ast?._tag === "Objects" ? ast.propertySignatures.map(({ name }) => String(name)) : [],
        path
      )
      assert.deepStrictEqual(of("header").map((name) => name.toLowerCase()), [...operation.headers])
    }
    assert.deepInclude(itemOf("datasets.listByUser").parameters, {
      name: "maxResults",
      in: "query",
      required: false,
      schema: { type: "integer", minimum: 1, maximum: 1000 }
    })
    assert.deepInclude(itemOf("datasets.listByUser").parameters, {
      name: "labels",
      in: "query",
      required: false,
      style: "form",
      explode: false,
      schema: { type: "array", items: { type: "string" } }
    })
  })

  it("has the statuses of an operation's errors, and those that every operation has", () => {
    const statuses: Readonly<Record<string, string>> = {
      BadRequest: "400",
      QuotaExceeded: "400",
      Forbidden: "403",
      NotFound: "404"
    }
    for (const operation of operations) {
      const own = operation.failures.map((failure) => statuses[failure.fields._tag.schema.literal]!)
      const scoped = operation.scopes.length > 0 ? ["403"] : []
      assert.deepStrictEqual(
        new Set(Object.keys(itemOf(operation.name).responses)),
        new Set(["200", ...operation.statuses.map(String), ...own, ...scoped, "401", "429", "500", "503"]),
        operation.name
      )
    }
    assert.deepStrictEqual(itemOf("datasets.head").responses["404"], {
      $ref: "#/components/responses/NotFoundOfHead"
    })
    assert.notProperty(document.components.responses.NotFoundOfHead, "content")
  })

  it("takes any one of the scopes, and nothing where the public may ask", () => {
    for (const operation of operations) {
      const { security } = itemOf(operation.name)
      assert.deepStrictEqual(security, [
        ...(operation.anonymous ? [{}] : []),
        ...(operation.scopes.length === 0 ? [{ token: [] }] : operation.scopes.map((scope) => ({ token: [scope] })))
      ])
    }
  })

  it("marks what is deprecated, what is beta, and what comes in pages", () => {
    const make = (stage: "beta" | "deprecated") =>
      Contract.Operation.make({ name: `things.${stage}`, method: "GET", path: `/things/:thing/${stage}`, stage })
    const printed: any = OpenApi.make({ operations: [make("beta"), make("deprecated")], server: "http://x.example" })
    assert.deepStrictEqual(printed.servers, [{ url: "http://x.example" }])
    assert.strictEqual(printed.paths["/things/{thing}/beta"].get["x-stage"], "beta")
    assert.isUndefined(printed.paths["/things/{thing}/beta"].get.deprecated)
    assert.isTrue(printed.paths["/things/{thing}/deprecated"].get.deprecated)
    for (const operation of operations) {
      const item = itemOf(operation.name)
      assert.strictEqual(item.deprecated, operation.stage === "deprecated" ? true : undefined, operation.name)
      assert.strictEqual(item["x-stage"], operation.stage === "beta" ? "beta" : undefined, operation.name)
      assert.strictEqual(item["x-paging"], operation.paging ? true : undefined, operation.name)
    }
  })

  it("gives one place in a path one name, whatever its operations call it", () => {
    const make = (name: string, method: "GET" | "DELETE", path: string) =>
      Contract.Operation.make({ name, method, path })
    const { paths } = OpenApi.make({
      operations: [make("things.get", "GET", "/things/:thing"), make("things.delete", "DELETE", "/things/:id")]
    })
    assert.deepStrictEqual(Object.keys(paths), ["/things/{thing}"])
    assert.deepStrictEqual(Object.keys(paths["/things/{thing}"] ?? {}), ["get", "delete"])
  })

  it("names the schemas that the contract exports, and refers to them", () => {
    const { schemas } = document.components
    assert.deepStrictEqual(itemOf("datasets.get").responses["200"].content["application/json"].schema, {
      $ref: "#/components/schemas/Dataset"
    })
    assert.strictEqual(schemas.Dataset.type, "object")
    assert.includeMembers(schemas.Dataset.required, ["qualifiedReference", "name", "owner"])
    assert.deepStrictEqual(schemas.Dataset.properties.doi, { type: ["string", "null"] })
    assert.deepStrictEqual(schemas.QueryPost.properties.query, { type: "string", minLength: 1 })
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/([^"]+)"/g)].map(([, path]) => path!)
    for (const path of references) {
      const [group, name] = path.split("/")
      assert.property(document.components[group!], name!, path)
    }
    const used = new Set(references)
    for (const group of ["schemas", "responses", "headers"]) {
      for (const name of Object.keys(document.components[group])) assert.isTrue(used.has(`${group}/${name}`), name)
    }
    assert.notInclude(JSON.stringify(document), "Infinity")
  })

  it("has the two forms of an upload, and requires a body where it has a property that is required", () => {
    const { content, required } = itemOf("uploads.post").requestBody
    assert.isTrue(required)
    const metadata = { $ref: "#/components/schemas/UploadPost" }
    assert.deepStrictEqual(content["application/json"].schema, metadata)
    assert.deepStrictEqual(content["multipart/form-data"].schema.properties, { metadata, data: {} })
    assert.isFalse(itemOf("datasets.patch").requestBody.required)
    assert.isTrue(itemOf("datasets.postByUser").requestBody.required)
  })

  it("is for tools: what a schema of the contract refuses, its JSON Schema tells", () => {
    const literals = Contract.Operation.make({
      name: "things.post",
      method: "POST",
      path: "/things",
      body: Schema.Struct({ kind: Schema.Literals(["a", "b"]) })
    })
    const { paths }: any = OpenApi.make({ operations: [literals] })
    const { kind } = paths["/things"].post.requestBody.content["application/json"].schema.properties
    assert.deepStrictEqual(kind, { type: "string", enum: ["a", "b"] })
  })
})
