/**
 * Makes files of `tests/live` from recorded answers: shapes are kept, and every
 * text, number and name is replaced by one of our own.
 *
 * `node scripts/recording.ts FILE [--anonymous]` reads the lines that
 * `docs/recording.md` writes, or a VCR cassette in JSON, and prints where it
 * wrote. Look at what it wrote before you give it to anybody.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { parseArgs } from "node:util"
import { operations } from "../packages/core/src/contract/index.ts"
import { formOf, isKnownParameter, isObject, type Json, makeOwn, type Own } from "./forms.ts"
import { root } from "./packages.ts"

/** An answer as it came. */
export interface Answered {
  readonly method: string
  readonly url: string
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

/** What stands in a file. */
export interface Recording {
  readonly source: {
    readonly repository?: string
    readonly path?: string
    readonly date: string
    /** `recorded`: as it was on the wire; `printed`: a body that somebody printed, of which headers are not known. */
    readonly strength: "recorded" | "printed"
    readonly note?: string
  }
  readonly request: {
    /** That of the contract; absent where there is none. */
    readonly operation?: string
    readonly path?: string
    readonly query?: Readonly<Record<string, string>>
    readonly token: "valid" | "wrong" | "none"
    /** What of the emulator's world is meant, by the names of the operation's parameters. */
    readonly as?: Readonly<Record<string, string>>
    /** What holds before it is asked. */
    readonly given?: { readonly readBytes?: number }
  }
  readonly response: {
    /** Absent where nobody told. */
    readonly status?: number
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: Json
    /** Whether there may have been more in the body than is known. */
    readonly partial?: boolean
  }
}

// ---------------------------------------------------------------------------------------------------------------------

const basePath = /^(?:https?:\/\/[^/]+)?(?:\/api\/v\d+)?/

/** The operation of a request, and its parameters. */
export const operationOf = (method: string, path: string) => {
  const segments = path.split("/")
  const fits = operations.filter((operation) => {
    const expected = operation.path.split("/")
    return operation.method === method && expected.length === segments.length &&
      expected.every((part, index) => part.startsWith(":") ? segments[index] !== "" : part === segments[index])
  })
  const literals = (path: string) => path.split("/").filter((part) => !part.startsWith(":")).length
  return fits.toSorted((one, other) => literals(other.path) - literals(one.path))[0]
}

/** Headers that say something of the API, with the form of their values. */
export const headerForms: Readonly<Record<string, (value: string) => string>> = {
  "content-type": (value) => value.toLowerCase(),
  "access-control-allow-origin": (value) => value,
  "access-control-allow-headers": (value) => value.replaceAll(" ", ""),
  "access-control-expose-headers": (value) => value.replaceAll(" ", ""),
  "access-control-max-age": (value) => value,
  "etag": (value) => /^W\/"[0-9a-f]+-[\w+/=]+"$/.test(value) ? "weak: a length and a hash" : "text",
  "last-modified": (value) => value === "Invalid Date" ? value : "HTTP date",
  "x-ratelimit-limit": (value) => /^\d+$/.test(value) ? "number" : "text",
  "x-ratelimit-remaining": (value) => /^\d+$/.test(value) ? "number" : "text",
  "x-ratelimit-reset": (value) => timeForm(value),
  "retry-after": (value) => timeForm(value),
  "x-redivis-warning": () => "text",
  "x-redivis-error-payload": () => "text",
  "x-redivis-filename": () => "text",
  "digest": (value) => value.startsWith("md5=") ? "md5" : "text"
}

const timeForm = (value: string): string =>
  /^\d+$/.test(value)
    ? Number(value) < 1e9 ? "seconds" : Number(value) < 1e11 ? "seconds of the epoch" : "milliseconds of the epoch"
    : "text"

const knownValues = new Set([
  "*",
  "application/json; charset=utf-8",
  "application/json",
  "application/x-ndjson",
  "application/vnd.apache.arrow.stream",
  "text/csv",
  "text/csv; charset=utf-8",
  "text/plain; charset=utf-8"
])

const knownHeaders = new Set([
  ...Object.keys(headerForms),
  "user-agent",
  "cache-control",
  "accept",
  "accept-encoding",
  "authorization",
  "content-disposition",
  "content-digest",
  "content-range",
  "date",
  "range",
  "if-modified-since",
  "location",
  "x-redivis-client",
  "x-redivis-client-version",
  "x-requested-with"
])

/** A point in time of our own, one number for each form. */
const ownTimes: Readonly<Record<string, string>> = {
  "seconds": "30",
  "seconds of the epoch": "1600000060",
  "milliseconds of the epoch": "1600000060000"
}

const ownHeader = (name: string, value: string): string => {
  const form = headerForms[name]?.(value)
  switch (name) {
    case "access-control-allow-headers":
    case "access-control-expose-headers":
      return value.split(",").map((part) => knownHeaders.has(part.trim().toLowerCase()) ? part.trim() : "x-other")
        .join(",")
    case "access-control-max-age":
      return /^\d{1,9}$/.test(value) ? value : "text"
    case "etag":
      return form === "text" ? "\"text\"" : "W/\"1f-aaaaaaaaaaaaaaaaaaaaaaaaaaa\""
    case "last-modified":
      return form === "HTTP date" ? "Sun, 13 Sep 2020 12:26:40 GMT" : "Invalid Date"
    case "x-ratelimit-limit":
    case "x-ratelimit-remaining":
      return form === "number" ? "999" : "text"
    case "x-ratelimit-reset":
    case "retry-after":
      return ownTimes[form ?? ""] ?? "text"
    case "digest":
      return form === "md5" ? `md5=${"A".repeat(22)}==` : "text"
    default:
      return knownValues.has(value.toLowerCase()) ? value.toLowerCase() : "text"
  }
}

// ---------------------------------------------------------------------------------------------------------------------

/** What two items of a list have in common that have the same shape. */
const shapeOf = (value: Json, key = "", siblings: Json = null): Json =>
  Array.isArray(value)
    ? [...new Set(value.map((item) => JSON.stringify(shapeOf(item, key))))].toSorted()
    : isObject(value)
    ? Object.fromEntries(
      Object.keys(value).toSorted().map((property) => [property, shapeOf(value[property]!, property, value)])
    )
    : formOf(key, value as null | boolean | number | string, siblings) // neither list nor object

const ownBody = (own: Own, value: Json, key = "", siblings: Json = null): Json => {
  if (Array.isArray(value)) {
    const items = value.map((item) => ownBody(own, item, key, siblings))
    if (!value.some(isObject) && value.length <= 10) return items
    const shapes = value.map((item) => JSON.stringify(shapeOf(item, key)))
    return items.filter((_, index) => shapes.indexOf(shapes[index]!) === index)
  }
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [own.key(key), ownBody(own, inner, key, value)])
    )
  }
  return own.value(key, value as null | boolean | number | string, siblings) // neither list nor object
}

/** A body as far as it can be kept: of what is no JSON, that it was text. */
const ownText = (own: Own, body: string): Json => {
  try {
    return ownBody(own, JSON.parse(body) as Json)
  } catch {
    return "text"
  }
}

const ownQuery = (query: URLSearchParams): Record<string, string> => {
  const kept: Record<string, string> = {}
  for (const [name, value] of query) {
    if (name === "pageToken") kept[name] = "of the page before"
    else if (isKnownParameter(name)) {
      kept[name] = /^\d{1,6}$/.test(value) || /^(?:true|false|csv|jsonl|ndjson|arrow)$/.test(value) ? value : "text"
    }
  }
  return kept
}

export interface Redacted {
  readonly recording: Recording
  /** Names of properties that the contract does not know: look whether they are the service's, or somebody's. */
  readonly unknown: ReadonlyArray<string>
}

/** Keeps the shape of an answer, and nothing else of it. */
export const redact = (
  { body, headers, method, status, url }: Answered,
  source: Recording["source"],
  token: Recording["request"]["token"] = "valid"
): Redacted => {
  const own = makeOwn()
  const [path = "", query = ""] = url.replace(basePath, "").split("?")
  const operation = operationOf(method, path)
  const asked = ownQuery(new URLSearchParams(query))
  const kept = Object.entries(headers).filter(([name]) => name in headerForms)
  return {
    recording: {
      source,
      request: {
        ...(operation === undefined ? { path: "/no/such/path" } : { operation: operation.name }),
        ...(Object.keys(asked).length === 0 ? undefined : { query: asked }),
        token
      },
      response: {
        status,
        headers: Object.fromEntries(kept.map(([name, value]) => [name, ownHeader(name, value)])),
        ...(body === undefined || body === "" ? undefined : { body: ownText(own, body) })
      }
    },
    unknown: [...own.unknown]
  }
}

// ---------------------------------------------------------------------------------------------------------------------

const lowerCase = (headers: Readonly<Record<string, string | ReadonlyArray<string>>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      typeof value === "string" ? value : value.join(", ")
    ])
  )

interface Cassette {
  readonly http_interactions: ReadonlyArray<{
    readonly request: { readonly method: string; readonly uri: string }
    readonly response: {
      readonly status: { readonly code: number }
      readonly headers: Readonly<Record<string, ReadonlyArray<string>>>
      readonly body: { readonly string?: string; readonly base64_string?: string }
    }
  }>
}

interface Line {
  readonly method: string
  readonly url: string
  readonly status?: number
  readonly attempts: ReadonlyArray<{ readonly headers: Readonly<Record<string, string>> }>
  readonly body?: string
}

/** The answers in a file: lines of what `Redivis.tapResponses` gives, or a cassette of VCR in JSON. */
export const answersIn = (text: string): ReadonlyArray<Answered> => {
  if (text.includes("\"http_interactions\"")) {
    const cassette = JSON.parse(text) as Cassette // as VCR writes it
    return cassette.http_interactions.map(({ request, response }) => ({
      method: request.method.toUpperCase(),
      url: request.uri,
      status: response.status.code,
      headers: lowerCase(response.headers),
      body: response.body.string ?? Buffer.from(response.body.base64_string ?? "", "base64").toString("utf8")
    }))
  }
  return text.split("\n").filter((line) => line.trim() !== "").flatMap((line) => {
    const { attempts, body, method, status, url } = JSON.parse(line) as Line // as the program of docs/recording.md writes it
    if (status === undefined) return []
    return [{ method, url, status, headers: lowerCase(attempts.at(-1)?.headers ?? {}), body }]
  })
}

/** Writes a file for each answer, and gives their names. */
export const writeAll = (
  answers: ReadonlyArray<Answered>,
  options: { readonly folder: string; readonly date: string; readonly token: Recording["request"]["token"] }
): ReadonlyArray<{ readonly file: string; readonly unknown: ReadonlyArray<string> }> =>
  answers.map((answered) => {
    const { recording, unknown } = redact(answered, { date: options.date, strength: "recorded" }, options.token)
    const name = `${recording.request.operation ?? "unknown"}-${answered.status}`
    const free = (number: number): string => {
      const file = Path.join(options.folder, `${name}${number === 1 ? "" : `-${number}`}.json`)
      return Fs.existsSync(file) ? free(number + 1) : file
    }
    const file = free(1)
    Fs.writeFileSync(file, `${JSON.stringify(recording, undefined, 2)}\n`)
    return { file, unknown }
  })

const main = (): void => {
  const { positionals: [file], values } = parseArgs({
    allowPositionals: true,
    options: { anonymous: { type: "boolean", default: false }, to: { type: "string" } }
  })
  if (file === undefined) throw new Error("Which file? node scripts/recording.ts answers.jsonl")
  const written = writeAll(answersIn(Fs.readFileSync(file, "utf8")), {
    folder: values.to ?? Path.join(root, "tests", "live"),
    date: Fs.statSync(file).mtime.toISOString().slice(0, 10),
    token: values.anonymous ? "none" : "valid"
  })
  for (const { file, unknown } of written) {
    console.log(file)
    if (unknown.length > 0) {
      console.log(`  the contract does not know ${unknown.join(", ")}: are they the service's own?`)
    }
  }
}

if (import.meta.main) main()
