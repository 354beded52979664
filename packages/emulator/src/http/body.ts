/** Bodies of requests, read whole: JSON, and the forms of small uploads. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as MultipartParser from "effect/http/MultipartParser"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { OpenRecord } from "../requestLog.ts"
import * as ExactJson from "./exactJson.ts"
import type { BodyBroken, ServerRequest } from "./message.ts"
import { BadRequest } from "./Refusal.ts"

/** In bytes, as documented for simple uploads. */
export const largestBody = 100_000_000

/** A body cannot be had whole. */
export class BodyRefused extends Data.TaggedError("BodyRefused")<{ readonly isTooLarge: boolean }> {}

/** All bytes of a body that is no larger than it may be. */
export const gather: (
  body: Stream.Stream<Uint8Array, BodyBroken>
) => Effect.Effect<Uint8Array<ArrayBuffer>, BodyRefused> = Effect.fnUntraced(function*(body) {
  const chunks: Array<Uint8Array> = []
  let length = 0
  yield* Stream.runForEach(body, (chunk) => {
    length += chunk.length
    chunks.push(chunk)
    return length > largestBody ? Effect.fail(new BodyRefused({ isTooLarge: true })) : Effect.void
  }).pipe(
    Effect.catchTag("BodyBroken", () => Effect.fail(new BodyRefused({ isTooLarge: false })))
  )
  const whole = new Uint8Array(length)
  let position = 0
  for (const chunk of chunks) {
    whole.set(chunk, position)
    position += chunk.length
  }
  return whole
})

const gatherUpload = (
  body: Stream.Stream<Uint8Array, BodyBroken>
): Effect.Effect<Uint8Array<ArrayBuffer>, BadRequest> =>
  Effect.mapError(gather(body), ({ isTooLarge }) =>
    new BadRequest({
      description: isTooLarge ? "The body is larger than 100MB: use a temporary upload" : "The body broke off"
    }))

const parseJson = (bytes: Uint8Array): Result.Result<unknown, BadRequest> =>
  Result.mapError(
    Result.try((): unknown => {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes)
      return text.trim() === "" ? {} : ExactJson.parse(text)
    }),
    () => new BadRequest({ description: "The body is not valid JSON" })
  )

interface Part {
  readonly fileName: string | undefined
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** The parts of a form by their names, be they sent as files or as fields. */
const parseForm = (
  contentType: string,
  bytes: Uint8Array<ArrayBuffer>
): Result.Result<ReadonlyMap<string, Part>, BadRequest> => {
  const parts = new Map<string, Part>()
  let failure: string | undefined
  let isDone = false
  const parser = MultipartParser.make({
    headers: { "content-type": contentType },
    isFile: () => false,
    maxFieldSize: largestBody,
    onField: (info, value) => parts.set(info.name, { fileName: info.filename, bytes: new Uint8Array(value) }),
    onFile: () => () => {},
    onError: (error) => {
      failure ??= error._tag
    },
    onDone: () => {
      isDone = true
    }
  })
  if (failure === undefined) {
    parser.write(bytes)
    parser.end()
  }
  return failure === undefined && isDone
    ? Result.succeed(parts)
    : Result.fail(
      new BadRequest({ description: `The multipart body is malformed (${failure ?? "its end is missing"})` })
    )
}

/** Query parameters that old and new clients give in place of the metadata. */
const fromQuery = (query: Readonly<Record<string, ReadonlyArray<string>>>): Record<string, unknown> => {
  const given: Record<string, unknown> = {}
  for (const key of ["name", "type"]) {
    const value = Object.hasOwn(query, key) ? query[key]!.at(-1) : undefined
    if (value !== undefined && value !== "") given[key] = value
  }
  return given
}

/** Uploads of one table without a name are told apart by the store. */
const defaultName = (metadata: Record<string, unknown>): string => {
  const type = metadata["type"]
  return `untitled_upload.${typeof type === "string" && type !== "delimited" ? type : "csv"}`
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const withName = (metadata: unknown, query: Record<string, unknown>, fileName: string | undefined): unknown => {
  if (!isObject(metadata)) {
    return Array.isArray(metadata) && metadata.length === 0
      ? withName({}, query, fileName)
      : metadata
  }
  const id = metadata["tempUploadId"] ?? metadata["resumableUploadId"]
  const merged = { ...metadata, ...(id === undefined ? undefined : { tempUploadId: id }), ...query }
  const name: unknown = Reflect.get(merged, "name")
  return typeof name === "string" && name !== "" || (name !== undefined && name !== null && typeof name !== "string")
    ? merged
    : { ...merged, name: fileName ?? defaultName(merged) }
}

/** What an operation's body schema is to decode. */
export const bodyInput: (
  kind: "json" | "multipart",
  request: ServerRequest,
  query: Readonly<Record<string, ReadonlyArray<string>>>,
  record: OpenRecord
) => Effect.Effect<unknown, BadRequest> = Effect.fnUntraced(function*(kind, request, query, record) {
  const bytes = yield* gatherUpload(request.body)
  const contentType = request.headers["content-type"] ?? ""
  const media = contentType.split(";")[0]!.trim().toLowerCase()
  if (kind === "json") {
    const value = yield* Effect.fromResult(parseJson(bytes))
    record.parsed(value)
    return value
  }
  const given = fromQuery(query)
  if (media === "multipart/form-data") {
    const parts = yield* Effect.fromResult(parseForm(contentType, bytes))
    const described = parts.get("metadata")
    const metadata = described === undefined ? {} : yield* Effect.fromResult(parseJson(described.bytes))
    record.parsed(metadata)
    const data = parts.get("data")
    if (data === undefined) return yield* new BadRequest({ description: "The form has no part \"data\"" })
    return { metadata: withName(metadata, given, data.fileName), data: data.bytes }
  }
  if (media === "application/json" || media === "") {
    const value = yield* Effect.fromResult(parseJson(bytes))
    record.parsed(value)
    return { metadata: withName(value, given, undefined) }
  }
  // the oldest form: metadata in the query, the file as the body
  return { metadata: withName({}, given, undefined), data: bytes }
})

/** Properties by the names that older documentation has, and by which the R client sends them. */
const oldNames: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "datasets.patch": { public_access_level: "publicAccessLevel" },
  "versions.release": { release_notes: "releaseNotes" },
  "queries.post": { defaultProject: "defaultWorkflow" }
}

const listOfLabels = (labels: unknown): unknown =>
  isObject(labels) ? Object.entries(labels).map(([value, label]) => ({ value, label })) : labels

const objectOfLabels = (labels: unknown): unknown =>
  Array.isArray(labels) && labels.every((item) => isObject(item) && typeof item["value"] === "string")
    ? Object.fromEntries(labels.map(({ label, value }: Record<string, unknown>) => [value, label]))
    : labels

const withLabels = (noted: unknown, change: (labels: unknown) => unknown): unknown =>
  isObject(noted) && Object.hasOwn(noted, "valueLabels")
    ? { ...noted, valueLabels: change(noted["valueLabels"]) }
    : noted

/** Labels of values as clients send them: objects and lists, wherever the other is documented. */
const relabelled = (operation: string, body: unknown): unknown => {
  if (!isObject(body)) return body
  if (operation.startsWith("variables.")) {
    const { variables } = body
    return Array.isArray(variables)
      ? { ...body, variables: variables.map((variable) => withLabels(variable, listOfLabels)) }
      : withLabels(body, listOfLabels)
  }
  if (operation !== "uploads.post" || !isObject(body["metadata"]) || !isObject(body["metadata"]["metadata"])) {
    return body
  }
  const noted = Object.entries(body["metadata"]["metadata"]).map(([name, value]) => [
    name,
    withLabels(value, objectOfLabels)
  ])
  return { ...body, metadata: { ...body["metadata"], metadata: Object.fromEntries(noted) } }
}

export const renamed = (operation: string, given: unknown): unknown => {
  const body = relabelled(operation, given)
  const names = oldNames[operation]
  if (names === undefined || !isObject(body)) return body
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => {
      const name = Object.hasOwn(names, key) ? names[key] : undefined
      return [name === undefined || Object.hasOwn(body, name) ? key : name, value]
    })
  )
}

/** Parameters of queries that the documentation calls otherwise than the clients. */
const otherParameters: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "members.list": { status: "statuses" }
}

export const renamedQuery = (
  operation: string,
  query: Readonly<Record<string, ReadonlyArray<string>>>
): Readonly<Record<string, ReadonlyArray<string>>> => {
  const names = otherParameters[operation]
  if (names === undefined) return query
  return Object.fromEntries(
    Object.entries(query).map(([key, value]) => {
      const name = Object.hasOwn(names, key) ? names[key] : undefined
      return [name === undefined || Object.hasOwn(query, name) ? key : name, value]
    })
  )
}
