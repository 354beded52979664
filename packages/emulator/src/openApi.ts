/** The document of the API, which anyone may read: `/openAPI.json` and `/openAPI.yaml`. */
import * as OpenApi from "@effect-redivis/core/OpenApi"
import * as Yaml from "yaml"
import { type Answer, text } from "./http/message.ts"
import { basePath, type Urls } from "./server.ts"

const print: Readonly<Record<string, (document: OpenApi.Document) => Answer>> = {
  [`${basePath}/openAPI.json`]: (document) =>
    text(200, `${JSON.stringify(document, undefined, 2)}\n`, "application/json; charset=utf-8"),
  [`${basePath}/openAPI.yaml`]: (document) =>
    text(200, Yaml.stringify(document, { aliasDuplicateObjects: false }), "application/yaml; charset=utf-8")
}

/** The answer to a request for the document; nothing where it asks for something else. */
export const answerOf = (method: string, path: string, urls: Urls): Answer | undefined =>
  method === "GET" && Object.hasOwn(print, path)
    ? print[path]?.(OpenApi.make({ server: urls.origin + basePath }))
    : undefined
