/**
 * Forms of what the API answers: what stays the same about a value whatever it
 * is, as "an id" or "a path with a reference and a tag", and values of our own
 * with the same forms.
 */
import * as OpenApi from "../packages/core/src/contract/OpenApi.ts"
import { operations } from "../packages/core/src/contract/index.ts"

export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

export const isObject = (value: unknown): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** What stands in an object at a path of keys. */
export const at = (value: Json | undefined, ...keys: ReadonlyArray<string>): Json | undefined =>
  keys.reduce<Json | undefined>((inner, key) => isObject(inner) ? inner[key] : undefined, value)

// ---------------------------------------------------------------------------------------------------------------------

interface Vocabulary {
  /** The names of properties that the contract knows. */
  readonly keys: ReadonlySet<string>
  /** The members of the enumerations, by the name of the property. */
  readonly words: ReadonlyMap<string, ReadonlySet<string>>
  /** The parameters of queries. */
  readonly parameters: ReadonlySet<string>
  /** What paths are made of beside names. */
  readonly segments: ReadonlySet<string>
}

/** What errors are called: those of OAuth, and those that the API was seen to send. */
const errorWords = [
  "invalid_request",
  "invalid_token",
  "insufficient_scope",
  "access_denied",
  "forbidden",
  "not_found",
  "rate_limit_exceeded",
  "server_error"
]

type Resolve = (schema: Json | undefined) => Json | undefined

const wordsIn = (schema: Json | undefined, resolve: Resolve): ReadonlyArray<string> => {
  const inner = resolve(schema)
  if (Array.isArray(inner)) return inner.flatMap((one: Json) => wordsIn(one, resolve))
  if (!isObject(inner)) return []
  const own = [inner["const"], ...[inner["enum"] ?? [], inner["examples"] ?? []].flat()]
  return [
    ...own.filter((word) => typeof word === "string"),
    ...wordsIn(inner["anyOf"], resolve),
    ...wordsIn(inner["oneOf"], resolve),
    ...wordsIn(inner["allOf"], resolve)
  ]
}

interface Document {
  readonly document: Json
  readonly resolve: Resolve
}

let made: Document | undefined

/** The document of the API, and what its references stand for. */
export const readDocument = (): Document => made ??= makeDocument()

const makeDocument = (): Document => {
  const document = JSON.parse(JSON.stringify(OpenApi.make())) as Json // a document of JSON
  const resolve: Resolve = (schema) => {
    const target = isObject(schema) ? schema["$ref"] : undefined
    if (typeof target !== "string") return schema
    return resolve(at(document, ...target.split("/").slice(1)))
  }
  return { document, resolve }
}

const readVocabulary = (): Vocabulary => {
  const keys = new Set(["status", "error", "error_description", "scope", "amr_values"])
  const words = new Map<string, Set<string>>([["error", new Set(errorWords)]])
  const visit = (schema: Json | undefined): void => {
    if (Array.isArray(schema)) return schema.forEach(visit)
    if (!isObject(schema)) return
    for (const [key, property] of Object.entries(isObject(schema["properties"]) ? schema["properties"] : {})) {
      keys.add(key)
      words.set(key, new Set([...words.get(key) ?? [], ...wordsIn(property, resolve)]))
    }
    Object.values(schema).forEach(visit)
  }
  const parameters = new Set<string>()
  const { document, resolve } = readDocument()
  visit(document)
  const methods = Object.values(at(document, "paths") ?? {}).flatMap((path: Json) => Object.values(path ?? {}))
  for (const parameter of methods.flatMap((method: Json) => at(method, "parameters") ?? []) as ReadonlyArray<Json>) {
    const name = at(resolve(parameter), "name")
    if (at(resolve(parameter), "in") === "query" && typeof name === "string") parameters.add(name)
  }
  const kinds = [...words.get("kind") ?? []]
  words.set("kind", new Set([...kinds, ...kinds.map((kind) => `${kind}List`)]))
  const literal = operations.flatMap(({ path }) => path.split("/")).filter((part) => /^[A-Za-z]+$/.test(part))
  return { keys, words, parameters, segments: new Set([...literal, "v", "variable", "api", "v1"]) }
}

let known: Vocabulary | undefined

const vocabulary = (): Vocabulary => known ??= readVocabulary()

/** Whether the contract knows a parameter of queries of that name anywhere. */
export const isKnownParameter = (name: string): boolean => vocabulary().parameters.has(name)

/** Whether the contract knows a property of that name anywhere. */
export const isKnownKey = (key: string): boolean => vocabulary().keys.has(key)

const isWord = (key: string, text: string): boolean => vocabulary().words.get(key)?.has(text) === true

// ---------------------------------------------------------------------------------------------------------------------

const id = /^[a-z0-9]{4}-[a-z0-9]{9}$/

/** Texts of one pattern each, tried in their order; the first that fits is the form. */
const patterns: ReadonlyArray<readonly [form: string, pattern: RegExp]> = [
  ["id", id],
  ["file id", /^[a-z0-9]{4}-[a-z0-9]{9}\.[\w-]{22}$/],
  ["tag", /^v\d+\.\d+$/],
  ["32 hex digits", /^[0-9a-f]{32}$/],
  ["24 hex digits", /^[0-9a-f]{24}$/],
  ["DOI", /^10\.\d{4,}\/\S+$/],
  ["md5 in base64", /^[A-Za-z0-9+/]{22}==$/],
  ["number as text", /^-?\d+(\.\d+)?$/],
  ["date", /^\d{4}-\d{2}-\d{2}$/],
  ["date and time", /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d+)?Z?$/]
]

const reference = /^\w+(?:\.\w+)*(?::\w+)+(?:\.\w+(?::\w+)*)?$/

/** The service's pages, the API, and what stands in for both on this machine. */
const ownOrigin = /^https?:\/\/(?:(?:[\w-]+\.)*redivis\.com|127\.0\.0\.1|localhost)(?::\d+)?(?=\/)/i

const splitOrigin = (text: string): { readonly origin: string; readonly rest: string } | undefined => {
  const [origin] = ownOrigin.exec(text) ?? []
  if (origin !== undefined) return { origin, rest: text.slice(origin.length) }
  return text.startsWith("/") || reference.test(text) ? { origin: "", rest: text } : undefined
}

const isStructured = (text: string): boolean => {
  const parts = splitOrigin(text)
  if (parts === undefined || /\s/.test(text)) return false
  return !parts.rest.startsWith("/") || vocabulary().segments.has(parts.rest.split(/[/?]/)[1] ?? "")
}

interface Part {
  readonly kind: "delimiter" | "word" | "tag" | "id" | "referenceId" | "name"
  readonly text: string
}

/** The parts of a path or reference, without its origin. */
const partsOf = (rest: string): ReadonlyArray<Part> => {
  const parts: Array<Part> = []
  // ids and tags have delimiters inside
  const pattern =
    /[a-z0-9]{4}-[a-z0-9]{9}(?![\w-])|(?<![\w.-])v\d+[._]\d+(?!\w)|(?<==)\d+\.\d+(?!\w)|[/.:?&=]|[^/.:?&=]+/g
  for (const [text] of rest.matchAll(pattern)) {
    const before = parts.at(-1)?.text
    parts.push({
      text,
      kind: id.test(text)
        ? "id"
        : /^v?\d+[._]\d+$/.test(text)
        ? "tag"
        : /^[/.:?&=]$/.test(text)
        ? "delimiter"
        : (before === "/" || before === "?" || before === "&") && vocabulary().segments.has(text)
        ? "word"
        : before === ":" && /^[a-z0-9]{4}$/.test(text)
        ? "referenceId"
        : "name"
    })
  }
  return parts
}

const templateOf = (text: string): string => {
  const { origin, rest } = splitOrigin(text)!
  const parts = partsOf(rest).map(({ kind, text }) => {
    switch (kind) {
      case "delimiter":
      case "word":
        return text
      case "tag":
        return text.replace(/\d+/g, "N")
      case "id":
        return "<id>"
      case "referenceId":
        return "<reference id>"
      case "name":
        return text === text.toLowerCase() ? "<name>" : "<Name>"
    }
  })
  return (origin === "" ? "" : "<origin>") + parts.join("")
}

const isTime = (key: string, value: number): boolean =>
  key.endsWith("At") && Number.isInteger(value) && value >= 1e11 && value < 1e14

const isStatus = (key: string, value: number): boolean =>
  key === "status" && Number.isInteger(value) && value >= 100 && value < 600

/** The form of a value that is neither a list nor an object. `siblings`: the object that it stands in. */
export const formOf = (key: string, value: null | boolean | number | string, siblings: Json): string => {
  if (value === null) return "null"
  if (typeof value === "boolean") return "boolean"
  if (typeof value === "number") {
    return isStatus(key, value) ? `${value}` : isTime(key, value) ? "milliseconds of the epoch" : "number"
  }
  if (value === "") return "empty text"
  if (isWord(key, value)) return key === "kind" || key === "error" ? value : "word"
  if (key === "referenceId") return /^[a-z0-9]{4}$/.test(value) ? "reference id" : "text"
  if (key === "id" && id.test(value) && isObject(siblings)) {
    return siblings["referenceId"] === value.slice(0, 4) ? "reference id and nine characters" : "id"
  }
  const [form] = patterns.find(([, pattern]) => pattern.test(value)) ?? []
  if (form !== undefined) return form
  return isStructured(value) ? templateOf(value) : /^https?:\/\//.test(value) ? "URL of elsewhere" : "text"
}

// ---------------------------------------------------------------------------------------------------------------------

/** Values of our own: of the same form, the same one for the same original, and nothing of it is left. */
export interface Own {
  readonly value: (key: string, value: null | boolean | number | string, siblings: Json) => Json
  /** The name of a property: its own, where it can be one of the API's. */
  readonly key: (key: string) => string
  /** Names of properties that were kept although the contract does not know them. */
  readonly unknown: ReadonlySet<string>
}

const digits = "123456789123456"

export const makeOwn = (): Own => {
  const numbers = new Map<string, Map<string, number>>()
  /** Counts the originals of a kind. */
  const numberOf = (kind: string, original: string): number => {
    const seen = numbers.get(kind) ?? new Map<string, number>()
    numbers.set(kind, seen)
    const number = seen.get(original) ?? seen.size + 1
    seen.set(original, number)
    return number
  }
  const padded = (kind: string, original: string, first: string, length: number): string =>
    first + numberOf(kind, original).toString(36).padStart(length - first.length, "0")

  const ownId = (text: string): string =>
    `${padded("referenceId", text.slice(0, 4), "r", 4)}-${padded("rest", text.slice(5, 14), "x", 9)}`
  const ownTag = (text: string): string =>
    text.replace(/\d+([._])\d+/, (tag, separator) => `${1}${separator}${numberOf("tag", tag.replace("_", "."))}`)
  const ownName = (text: string): string =>
    `${text === text.toLowerCase() ? "name" : "Name"}_${numberOf("name", text.toLowerCase())}`

  const ownStructure = (text: string): string => {
    const { origin, rest } = splitOrigin(text)!
    const parts = partsOf(rest).map(({ kind, text }) => {
      switch (kind) {
        case "delimiter":
        case "word":
          return text
        case "tag":
          return ownTag(text)
        case "id":
          return ownId(text)
        case "referenceId":
          return padded("referenceId", text, "r", 4)
        case "name":
          return ownName(text)
      }
    })
    return (origin === "" ? "" : "https://redivis.com") + parts.join("")
  }

  const ownNumber = (key: string, value: number): number => {
    if (value === 0 || isStatus(key, value)) return value
    if (isTime(key, value)) return 1_600_000_000_000 + numberOf("time", String(value))
    const sign = value < 0 ? -1 : 1
    return Number.isInteger(value)
      ? sign * Number(digits.slice(0, Math.min(15, String(Math.abs(value)).replace(/e.*/, "").length)))
      : sign * 0.5
  }

  const ownText = (key: string, text: string, siblings: Json): string => {
    if (text === "" || isWord(key, text)) return text
    const form = formOf(key, text, siblings)
    const number = numberOf(form, text)
    switch (form) {
      case "reference id":
        return padded("referenceId", text, "r", 4)
      case "reference id and nine characters":
      case "id":
        return ownId(text)
      case "file id":
        return `${ownId(text.slice(0, 14))}.${String(number).padStart(22, "f")}`
      case "tag":
        return ownTag(text)
      case "32 hex digits":
        return number.toString(16).padStart(32, "0")
      case "24 hex digits":
        return number.toString(16).padStart(24, "0")
      case "DOI":
        return `10.12345/doi-${number}`
      case "md5 in base64":
        return `${String(number).padStart(22, "A")}==`
      case "number as text":
        return String(number)
      case "date":
        return "2001-02-03"
      case "date and time":
        return "2001-02-03 04:05:06"
      case "URL of elsewhere":
        return `https://example.org/${number}`
      case "text":
        return `Text ${number}`
      default:
        return ownStructure(text)
    }
  }

  const unknown = new Set<string>()
  return {
    unknown,
    key: (key) => {
      if (isKnownKey(key)) return key
      if (!/^[a-z]+(?:[A-Z][a-z]*)*$/.test(key)) return `key${numberOf("key", key)}`
      unknown.add(key)
      return key
    },
    value: (key, value, siblings) =>
      typeof value === "string"
        ? ownText(key, value, siblings)
        : typeof value === "number"
        ? ownNumber(key, value)
        : value
  }
}
