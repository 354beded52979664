/** The OpenAPI document against the table of the wire, which was written by hand from other pages. */
import * as OpenApi from "@effect-redivis/core/OpenApi"
import { assert, describe, it } from "@effect/vitest"
import * as JsonSchema from "effect/JsonSchema"
import * as Schema from "effect/Schema"
import * as SchemaRepresentation from "effect/SchemaRepresentation"
import { type Row, titleOf, wire } from "./wireTable.ts"

const document: any = JSON.parse(JSON.stringify(OpenApi.make())) // a document of JSON

const definitions: JsonSchema.Definitions = Object.fromEntries(
  Object.entries<any>(document.components.schemas).map(([name, schema]) => [
    name,
    JsonSchema.fromSchemaOpenApi3_1(schema).schema
  ])
)

/** Whether a schema of the document takes a value. */
const fits = (schema: any, value: unknown): boolean => {
  const read = SchemaRepresentation.fromJsonSchemaDocument(
    { ...JsonSchema.fromSchemaOpenApi3_1(schema), definitions },
    { patterns: "apply" }
  )
  return Schema.is(read)(value)
}

const itemOf = ({ operation }: Row): any =>
  Object.values<any>(document.paths).flatMap((methods) => Object.values<any>(methods))
    .find(({ operationId }) => operationId === operation)

describe("the OpenAPI document", () => {
  it.each(wire.rows.map((row) => [titleOf(row), row] as const))("has the request and the answer of %s", (_, row) => {
    const item = itemOf(row)
    const parameters: ReadonlyArray<any> = item.parameters.filter((parameter: any) => parameter.in === "query")
    for (const name of Object.keys(row.query ?? {})) {
      assert.include(parameters.map((parameter) => parameter.name), name)
    }
    const sent = item.requestBody?.content["application/json"].schema
    if (row.body !== undefined) assert.isTrue(fits(sent, row.body), "its body")
    if (row.multipart !== undefined) assert.isTrue(fits(sent, row.multipart.metadata), "its metadata")
    // a 2xx that the operation does not name is a 200 to every client
    const answer = item.responses[row.answer.status] ?? (row.answer.status < 300 ? item.responses[200] : undefined)
    assert.isDefined(answer)
    const schema = answer.content?.["application/json"]?.schema ?? document.components.schemas.Error
    if (row.answer.body !== undefined) {
      assert.isTrue(fits(schema, row.answer.body), "its answer")
      assert.isFalse(fits(schema, "no object"), "it looks at something")
    }
  })
})
