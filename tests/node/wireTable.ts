/** The table of the wire, one file a resource in `tests/wire`, and the public functions that its rows name. */
import * as Access from "@effect-redivis/core/Access"
import * as Dataset from "@effect-redivis/core/Dataset"
import * as DataSource from "@effect-redivis/core/DataSource"
import * as Export from "@effect-redivis/core/Export"
import * as Member from "@effect-redivis/core/Member"
import * as Notebook from "@effect-redivis/core/Notebook"
import * as Organization from "@effect-redivis/core/Organization"
import * as Parameter from "@effect-redivis/core/Parameter"
import * as Query from "@effect-redivis/core/Query"
import * as RawFile from "@effect-redivis/core/RawFile"
import * as ReadSession from "@effect-redivis/core/ReadSession"
import type { Redivis } from "@effect-redivis/core/Redivis"
import type { RedivisError } from "@effect-redivis/core/RedivisError"
import * as Script from "@effect-redivis/core/Script"
import * as Secret from "@effect-redivis/core/Secret"
import * as Table from "@effect-redivis/core/Table"
import * as Transform from "@effect-redivis/core/Transform"
import * as Upload from "@effect-redivis/core/Upload"
import * as User from "@effect-redivis/core/User"
import * as Variable from "@effect-redivis/core/Variable"
import * as Version from "@effect-redivis/core/Version"
import * as Workflow from "@effect-redivis/core/Workflow"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import type { Reply } from "./scriptedServer.ts"

export interface Row {
  readonly operation: string
  /** What is special about it. */
  readonly title?: string
  /** Where it was read. */
  readonly source: string
  readonly token?: string
  readonly call: { readonly function: string; readonly arguments: ReadonlyArray<unknown> }
  readonly verb: string
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** Headers beside those that every request has. */
  readonly requestHeaders?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly multipart?: { readonly metadata: unknown; readonly data: string }
  /** Literal texts of the request that name something which a server draws. */
  readonly placeholders?: Readonly<Record<string, string>>
  readonly answer: {
    readonly status: number
    readonly headers?: Readonly<Record<string, string>>
    readonly contentType?: string
    readonly body?: unknown
    readonly text?: string
    readonly base64?: string
  }
  /** The function's success, where it is not the answer's body. */
  readonly result?: unknown
  /** Fields of the function's failure. */
  readonly failure?: Readonly<Record<string, unknown>>
}

export interface Wire {
  readonly base: string
  readonly headers: Readonly<Record<string, string>>
  readonly rows: ReadonlyArray<Row>
}

const folder = new URL("../wire/", import.meta.url)

const read = <A>(file: string): A => JSON.parse(Fs.readFileSync(new URL(file, folder), "utf8")) as A // written by hand

export const wire: Wire = {
  ...read<Omit<Wire, "rows">>("request.json"),
  rows: Fs.readdirSync(folder).filter((file) => file !== "request.json").flatMap((file) =>
    read<ReadonlyArray<Row>>(file)
  )
}

/** The example of an operation: its first row. */
export const exampleOf = (operation: string): Row => {
  const row = wire.rows.find((row) => row.operation === operation)
  if (row === undefined) throw new Error(`tests/wire has no row for ${operation}`)
  return row
}

export const titleOf = (row: Row): string => row.title === undefined ? row.operation : `${row.operation}, ${row.title}`

export const tokenOf = (row: Row): string => row.token ?? "full-token"

const modules: Readonly<Record<string, object>> = {
  Access,
  Dataset,
  DataSource,
  Export,
  Member,
  Notebook,
  Organization,
  Parameter,
  Query,
  RawFile,
  ReadSession,
  Script,
  Secret,
  Table,
  Transform,
  Upload,
  User,
  Variable,
  Version,
  Workflow
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Arguments as the function takes them: `$text` and `$repeat` become bytes. */
const revive = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(revive)
  if (!isRecord(value)) return value
  if (typeof value.$text === "string") return new TextEncoder().encode(value.$text)
  if (Array.isArray(value.$repeat)) {
    return new TextEncoder().encode(String(value.$repeat[0]).repeat(Number(value.$repeat[1])))
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revive(item)]))
}

export const functionOf = (name: string): ((...parameters: ReadonlyArray<unknown>) => unknown) | undefined => {
  const [module = "", member = ""] = name.split(".")
  const found: unknown = Reflect.get(modules[module] ?? {}, member)
  return typeof found === "function" ? found as (...parameters: ReadonlyArray<unknown>) => unknown : undefined // checked
}

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array

const collect = (
  stream: Stream.Stream<unknown, RedivisError, Redivis>
): Effect.Effect<unknown, RedivisError, Redivis> =>
  Effect.map(
    Stream.runCollect(stream),
    (items) => items.every(isBytes) ? Buffer.concat(items) : items
  )

/** Runs the row's public function; a stream is collected, a secret is shown. */
export const run = (row: Row): Effect.Effect<unknown, RedivisError, Redivis> =>
  Effect.suspend(() => {
    const called = functionOf(row.call.function)?.(...row.call.arguments.map(revive))
    // the table names functions of the resources, each of which gives one of the two
    return Stream.isStream(called)
      ? collect(called as Stream.Stream<unknown, RedivisError, Redivis>)
      : Effect.map(
        called as Effect.Effect<unknown, RedivisError, Redivis>,
        (value) => Redacted.isRedacted(value) ? Redacted.value(value) : value
      )
  })

/** Where the answers of the table send bytes to. */
export const storage = "https://storage.example.org"

/** The answer as a server sends it. */
export const replyOf = (row: Row, storageOrigin: string): Reply => {
  const { base64, body, contentType, headers, status, text } = row.answer
  return {
    status,
    headers: {
      ...(body !== undefined
        ? { "content-type": "application/json; charset=utf-8" }
        : contentType !== undefined
        ? { "content-type": contentType }
        : {}),
      ...headers
    },
    body: body !== undefined
      ? JSON.stringify(body).replaceAll(storage, storageOrigin)
      : base64 !== undefined
      ? Buffer.from(base64, "base64")
      : text
  }
}

/** An example, at the version that is asked for. */
export const atVersion = (body: unknown, target: string): unknown => {
  const [asked = "v1_1"] = /\bnext\b|v\d+[._]\d+/.exec(decodeURIComponent(target)) ?? []
  const text = JSON.stringify(body) ?? "null"
  return JSON.parse(
    text.replaceAll(/v\d+_\d+/g, asked.replace(".", "_")).replaceAll(/v\d+\.\d+/g, asked.replace("_", "."))
  )
}

/** The path of a request without its query. */
export const pathOf = (target: string): string => target.split("?")[0] ?? ""

/** Answers every request as the row does that has its verb and path, and takes whatever is put to storage. */
export const replyTo = (
  request: {
    readonly method: string
    readonly target: string
    readonly headers: { readonly host?: string | undefined }
  },
  rows: ReadonlyArray<Row> = wire.rows
): Reply => {
  const path = pathOf(request.target)
  const row = rows.find((row) => row.verb === request.method && wire.base + row.path === path)
  // whoever reads a listing to its end is given its second page, which is empty
  if (row !== undefined && /[?&]pageToken=/.test(request.target) && row.query?.pageToken === undefined) {
    return { body: { results: [], nextPageToken: null } }
  }
  return row !== undefined
    ? replyOf(row, `http://${request.headers.host}`)
    : path.startsWith("/temp/")
    ? { status: 200 }
    : { status: 404, body: { status: 404, error: "not_found", error_description: "the table has no such path" } }
}
