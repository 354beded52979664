/** From an operation and its input to what goes over the wire. */
import * as Result from "effect/Result"
import type * as Operation from "../../contract/Operation.ts"
import { InvalidInput } from "../../contract/RedivisError.ts"
import * as Reference from "../../contract/Reference.ts"
import { versionIn } from "./askedVersion.ts"
import type { Configuration } from "./configuration.ts"
import type { ErrorBody } from "./response.ts"
import type { Body } from "./transport.ts"
import { misfit } from "./validate.ts"

/** What of an input the client reads; its exact type is the operation's business. */
export interface AnyInput {
  readonly params?: Readonly<Record<string, string>> | undefined
  readonly query?: Readonly<Record<string, unknown>> | undefined
  readonly body?: unknown
  /** By names in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** A request that is ready but for what changes from attempt to attempt: credentials and headers. */
export interface Prepared {
  /** Where it goes, with the query. */
  readonly url: string
  readonly body: Body | undefined
  /** Those of the operation itself. */
  readonly headers: Readonly<Record<string, string>> | undefined
  /** What the path's parameters name, for spans and errors. */
  readonly reference: string | undefined
  /** The version that they ask for, which the answer is held to. */
  readonly asked: string | undefined
  /** What is otherwise where it goes to a place of storage. */
  readonly place?: Place | undefined
}

/** A place of storage. */
export interface Place {
  /** Whether another origin than its own named it, which then gets no token. */
  readonly isStrayed: boolean
  /** Whether the token goes there. */
  readonly getsToken: boolean
  /** What the bytes take at the slowest, beside the time of any call, in milliseconds. */
  readonly millis: number
  /** What storage says where it refuses. */
  readonly read: (text: string, redact: (text: string) => string) => ErrorBody
}

/** The path with each parameter as one percent-encoded segment. */
export const pathOf = (
  operation: Operation.Any,
  params: Readonly<Record<string, string>> | undefined
): Result.Result<string, InvalidInput> => {
  let path = ""
  for (const part of operation.path.split("/")) {
    if (part === "") continue
    if (!part.startsWith(":")) {
      path += `/${part}`
      continue
    }
    const name = part.slice(1)
    const segment = Reference.segment(params?.[name] ?? "", name)
    if (Result.isFailure(segment)) return Result.fail(segment.failure)
    path += `/${segment.success}`
  }
  return Result.succeed(path)
}

/** Query parameters as text. Arrays are one comma-joined value; what is undefined is left out. */
const queryOf = (query: Readonly<Record<string, unknown>>): string => {
  let text = ""
  for (const key in query) {
    const value = query[key]
    if (value === undefined || value === null) continue
    const one = Array.isArray(value) ? value.join(",") : `${value as string | number | boolean}` // checked by its schema
    text += `${text === "" ? "?" : "&"}${encodeURIComponent(key)}=${encodeURIComponent(one)}`
  }
  return text
}

/** JSON with bigints as the numbers that they are, all digits of them. */
const exactJson = (value: unknown): string =>
  typeof value === "bigint"
    ? `${value}`
    : Array.isArray(value)
    ? `[${value.map(exactJson).join()}]`
    : typeof value === "object" && value !== null
    ? `{${Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${exactJson(item)}`).join()}}`
    : JSON.stringify(value)

/** How a body that was held against its schema is written. */
export type Write = (body: unknown) => Body

export const jsonBody: Write = (value) => ({
  kind: "text",
  // which throws for a bigint
  text: Result.getOrElse(Result.try(() => JSON.stringify(value)), () => exactJson(value)),
  contentType: "application/json"
})

/** What a list of values may not contain, since it travels as one comma-joined text. */
const commaInside = (query: Readonly<Record<string, unknown>>): string | undefined => {
  for (const key in query) {
    const value = query[key]
    if (Array.isArray(value) && value.some((item) => String(item).includes(","))) return key
  }
  return undefined
}

/** Checks the input against the operation and renders it. */
export const prepare = (
  operation: Operation.Any,
  { body, headers, params, query }: AnyInput,
  { endpoint, platform: { compile } }: Configuration,
  write: Write = jsonBody
): Result.Result<Prepared, InvalidInput> => {
  const refused = (field: string, reason: string): Result.Result<never, InvalidInput> =>
    Result.fail(
      new InvalidInput({
        operation: operation.name,
        field: field.replace(/^\w+/, (name) =>
          Object.hasOwn(operation.names, name) ? operation.names[name] ?? name : name),
        reason
      })
    )
  const path = pathOf(operation, params)
  if (Result.isFailure(path)) return refused(path.failure.field, path.failure.reason)
  const asked = query !== undefined && operation.query !== undefined
  const sent = body !== undefined ? operation.body : undefined
  const wrong = (asked ? misfit(operation.query, query, compile) : undefined) ??
    (sent === undefined ? undefined : misfit(sent.schema, body, compile))
  if (wrong !== undefined) return refused(wrong.path === "" ? "body" : wrong.path, `is refused: ${wrong.message}`)
  const joined = asked ? commaInside(query) : undefined
  if (joined !== undefined) return refused(joined, "has an item with a comma, which the API would read as two items")
  const named = Object.values(params ?? {})
  return Result.succeed({
    url: endpoint + path.success + (asked ? queryOf(query) : ""),
    body: sent && write(body),
    headers,
    reference: named.length === 0 ? undefined : named.join("/"),
    asked: operation.method === "GET" ? versionIn(`${params?.dataset ?? params?.table}`) : undefined
  })
}
