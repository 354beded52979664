/**
 * What a test makes go wrong: answers that the service would not give, and
 * connections that break.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import {
  type Answer,
  type Break,
  type Delivery,
  type HeaderList,
  noBody,
  textBody,
  withHeader
} from "./http/message.ts"
import { payloadHeader } from "./http/Refusal.ts"
import { type Form, retryAfterOf } from "./policy/rateLimit.ts"
import { distance } from "./sql/suggest.ts"

export type { Answer, AnswerBody, Break, Delivery, HeaderList } from "./http/message.ts"
export type { Form } from "./policy/rateLimit.ts"

const byteCount = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/**
 * What happens instead of, or to, an answer. What is named together happens
 * together, as far as it makes sense: `{ delay: 100, status: 503 }`.
 *
 * @category models
 * @since 0.1.0
 */
export const Effects = Schema.Struct({
  /** Milliseconds to wait before anything else. */
  delay: Schema.optionalKey(Schema.Number),
  /** Answers with this status, without doing what was asked for. */
  status: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 200, maximum: 599 }))),
  /** The body beside `status`: text, or JSON. Without it an error has the usual one. */
  body: Schema.optionalKey(Schema.Json),
  /** A page such as a proxy sends, beside `status` (502 if there is none). */
  html: Schema.optionalKey(Schema.Union([Schema.Boolean, Schema.String])),
  /** No body at all, beside `status` (else with the status of the answer itself). */
  empty: Schema.optionalKey(Schema.Boolean),
  /** Answers with a redirect. */
  redirect: Schema.optionalKey(Schema.Struct({
    location: Schema.String,
    /** 307 if absent. */
    status: Schema.optionalKey(Schema.Int)
  })),
  /** Do what was asked for first, although the answer tells something else. */
  handled: Schema.optionalKey(Schema.Boolean),
  /** Headers of the answer: a value, several, or `null` to leave one out. */
  headers: Schema.optionalKey(Schema.Record(
    Schema.String,
    Schema.NullOr(Schema.Union([Schema.String, Schema.Array(Schema.String)]))
  )),
  /** Texts for `X-Redivis-Warning`, one header each. */
  warnings: Schema.optionalKey(Schema.Array(Schema.String)),
  /** With `status: 429`: how many milliseconds from now `Retry-After` is. Else the end of the window. */
  retryAfter: Schema.optionalKey(Schema.Number),
  /** How the rate limit's points in time are told, in place of the emulator's own setting. */
  rateLimitHeaders: Schema.optionalKey(Schema.Literals(["milliseconds", "seconds"])),
  /** Answers 429 where so many of the requests that this fault happens to are being answered. */
  concurrencyLimit: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  /** Leaves properties out of a JSON answer: paths as `owner.fullName` or `results.*.description`. */
  omit: Schema.optionalKey(Schema.Union([Schema.String, Schema.Array(Schema.String)])),
  /** Flips bits of the byte at this position of the body. */
  corrupt: Schema.optionalKey(Schema.Union([
    byteCount,
    Schema.Struct({
      at: byteCount,
      xor: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 255 })))
    })
  ])),
  /**
   * Rows that come beyond `maxResults`, where the table has more: the service
   * has sent a few more than it was asked for. Of a session's streams the last
   * has them.
   */
  overrun: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  /** Sends so many bytes of the body, then destroys the connection. */
  cutAfter: Schema.optionalKey(byteCount),
  /** Sends so many bytes of the body, then nothing, until the client goes away. */
  stallAfter: Schema.optionalKey(byteCount),
  /**
   * Closes the connection without an answer: `request` without having done
   * anything (also `true`), `answer` after having done what was asked for.
   */
  drop: Schema.optionalKey(Schema.Union([Schema.Literal(true), Schema.Literals(["request", "answer"])]))
})
/**
 * @category models
 * @since 0.1.0
 */
export interface Effects extends Schema.Schema.Type<typeof Effects> {}

/**
 * Which requests, how often, and what happens to them.
 *
 * @category models
 * @since 0.1.0
 */
export const Fault = Schema.Struct({
  /**
   * An operation's name, with `*` for anything (`datasets.get`, `datasets.*`,
   * `storage.*`), or where it begins with a slash the path below the base URL,
   * where `*` is anything within a segment and `**` anything.
   */
  match: Schema.String,
  /** How often it happens; always if absent. */
  times: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  /** How many matching requests pass before it happens first. */
  after: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  do: Effects
})
/**
 * @category models
 * @since 0.1.0
 */
export interface Fault extends Schema.Schema.Type<typeof Fault> {}

interface Entry {
  readonly id: number
  readonly fault: Fault
  readonly fits: (text: string) => boolean
  seen: number
  applied: number
}

/**
 * Whether a text fits a pattern, in which `**` stands for any text and `*` for
 * any, or in a path for any without `/`. All places at which the text could
 * stand are followed at once: stars that try each division of a text would take
 * time beyond all bounds.
 */
const fitting = (match: string): (text: string) => boolean => {
  const isPath = match.startsWith("/")
  const parts = match.match(/\*\*|[^]/gu) ?? []
  return (text) => {
    /** Past the stars too, which may stand for nothing. */
    const reach = (places: ReadonlySet<number>): Set<number> => {
      const reached = new Set<number>()
      for (let place of places) {
        reached.add(place)
        while (parts[place] === "*" || parts[place] === "**") reached.add(place += 1)
      }
      return reached
    }
    let places = reach(new Set([0]))
    for (const character of text) {
      const next = new Set<number>()
      for (const place of places) {
        const part = parts[place]
        if (part === character) next.add(place + 1)
        if (part === "**" || (part === "*" && !(isPath && character === "/"))) next.add(place)
      }
      places = reach(next)
    }
    return places.has(parts.length)
  }
}

/**
 * A fault that would never happen, since its `match` is no operation, or no path
 * of the API's or of storage.
 *
 * @category errors
 * @since 0.1.0
 */
export class FaultRefused extends Schema.TaggedError<FaultRefused>("@effect-redivis/emulator/FaultRefused")(
  "FaultRefused",
  {
    match: Schema.String,
    /** Operations or paths that are written nearly so. */
    nearest: Schema.Array(Schema.String)
  }
) {
  override get message(): string {
    const near = ` The nearest are ${this.nearest.join(", ")}.`
    return this.match.startsWith("/")
      ? `No path below the base URL fits ${JSON.stringify(this.match)}, in which * is anything within a segment and ` +
        `** anything.${near} The log of requests tells the paths.`
      : `No operation is called ${JSON.stringify(this.match)}: name one as datasets.get, use * for anything, ` +
        `or begin with a slash for a path.${near} The log of requests tells the names.`
  }
}

/** What may happen: all operations, and all paths with their parameters as `:dataset`. */
export interface Happening {
  readonly operations: ReadonlyArray<string>
  readonly paths: ReadonlyArray<string>
}

/** Which characters come next: one of them, or with `isMany` any number. */
interface Step {
  readonly character?: string | undefined
  readonly crosses?: boolean | undefined
  readonly isMany?: boolean | undefined
}

const stepsOfMatch = (match: string): ReadonlyArray<Step> =>
  (match.match(/\*\*|[^]/gu) ?? []).map((part) =>
    part === "**" ? { crosses: true, isMany: true } : part === "*" ? { isMany: true } : { character: part }
  )

/** A parameter is at least one character, and has no slash. */
const stepsOfPath = (path: string): ReadonlyArray<Step> =>
  path.split("/").slice(1).flatMap((segment) => [
    { character: "/" },
    ...(segment.startsWith(":") ? [{}, { isMany: true }] : Array.from(segment, (character) => ({ character })))
  ])

const meets = (one: Step, other: Step): boolean =>
  one.character !== undefined && other.character !== undefined
    ? one.character === other.character
    : (one.crosses === true || other.character !== "/") && (other.crosses === true || one.character !== "/")

/** Whether some text is in both: pairs of places are followed, each once. */
const share = (one: ReadonlyArray<Step>, other: ReadonlyArray<Step>): boolean => {
  const seen = new Set<number>()
  const open: Array<readonly [number, number]> = [[0, 0]]
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const [left, right] = place
    const key = left * (other.length + 1) + right
    if (seen.has(key)) continue
    seen.add(key)
    if (left === one.length && right === other.length) return true
    const [from, to] = [one[left], other[right]]
    if (from?.isMany === true) open.push([left + 1, right])
    if (to?.isMany === true) open.push([left, right + 1])
    if (from === undefined || to === undefined || !meets(from, to)) continue
    open.push([from.isMany === true ? left : left + 1, to.isMany === true ? right : right + 1])
  }
  return false
}

/** The three that take the fewest changes, stars and parameters being alike. */
const nearest = (match: string, known: ReadonlyArray<string>): ReadonlyArray<string> => {
  const plain = (text: string): string =>
    text.replace(/^\/api\/v1(?=\/)/, "").replaceAll(/\*+|:\w+/g, "*").slice(0, 200)
  const wanted = plain(match)
  return known
    .map((text) => [distance(wanted, plain(text), 1000), text] as const)
    .toSorted(([left], [right]) => left - right)
    .slice(0, 3)
    .map(([, text]) => text)
}

/** The reason why a fault would never happen, or nothing. */
export const refusalOf = ({ match }: Fault, { operations, paths }: Happening): FaultRefused | undefined => {
  if (match.startsWith("/")) {
    const steps = stepsOfMatch(match)
    return paths.some((path) => share(steps, stepsOfPath(path)))
      ? undefined
      : new FaultRefused({ match, nearest: nearest(match, paths) })
  }
  const fits = fitting(match)
  return operations.some((operation) => fits(operation))
    ? undefined
    : new FaultRefused({ match, nearest: nearest(match, operations) })
}

/** A fault that was added, and how far it has come. */
export interface Known {
  readonly id: number
  readonly fault: Fault
  readonly seen: number
  readonly applied: number
}

export interface FaultList {
  readonly add: (fault: Fault) => number
  readonly remove: (id: number) => void
  readonly clear: () => void
  readonly list: () => ReadonlyArray<Known>
  /** The first fault for a request, which counts it. */
  readonly take: (request: Subject) => Effects | undefined
  /** The same for a request that is refused before any fault can happen to it, which does not count. */
  readonly look: (request: Subject) => Effects | undefined
}

/** What a fault's `match` is held against. */
export interface Subject {
  readonly operation: string | undefined
  readonly path: string
}

export const makeList = (): FaultList => {
  let entries: ReadonlyArray<Entry> = []
  let nextId = 1
  const isFor = (entry: Entry, { operation, path }: Subject): boolean => {
    const subject = entry.fault.match.startsWith("/") ? path : operation
    return subject !== undefined && entry.fits(subject)
  }
  /** Whether it happens to the request of this number. */
  const isDue = ({ applied, fault }: Entry, number: number): boolean =>
    number > (fault.after ?? 0) && (fault.times === undefined || applied < fault.times)
  return {
    add: (fault) => {
      const id = nextId++
      entries = [...entries, { id, fault, fits: fitting(fault.match), seen: 0, applied: 0 }]
      return id
    },
    remove: (id) => {
      entries = entries.filter((entry) => entry.id !== id)
    },
    clear: () => {
      entries = []
    },
    list: () => entries.map(({ id, fault, seen, applied }) => ({ id, fault, seen, applied })),
    look: (request) => entries.find((entry) => isFor(entry, request) && isDue(entry, entry.seen + 1))?.fault.do,
    take: (request) => {
      let chosen: Entry | undefined
      for (const entry of entries) {
        if (!isFor(entry, request)) continue
        entry.seen += 1
        if (chosen === undefined && isDue(entry, entry.seen)) chosen = entry
      }
      if (chosen === undefined) return undefined
      chosen.applied += 1
      return chosen.fault.do
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------------

/** Whether the request is not handled at all. */
export const replaces = (effects: Effects): boolean =>
  effects.handled !== true && (
    effects.status !== undefined || effects.redirect !== undefined || effects.drop === true ||
    effects.drop === "request" || (effects.html !== undefined && effects.html !== false)
  )

const errorNames: Readonly<Record<number, string>> = {
  400: "invalid_request",
  401: "invalid_token",
  403: "forbidden",
  404: "not_found",
  429: "too_many_requests",
  500: "internal_error",
  503: "unavailable"
}

const page = (status: number): string =>
  `<!DOCTYPE html>\n<html><head><title>${status}</title></head><body><h1>${status}</h1><p>The proxy could not reach the server.</p></body></html>\n`

const contentOf = (
  status: number,
  effects: Effects,
  method: string
): { readonly headers: HeaderList; readonly text: string | undefined } => {
  if (effects.empty === true) return { headers: [], text: undefined }
  if (effects.html !== undefined && effects.html !== false) {
    return {
      headers: [["content-type", "text/html; charset=utf-8"]],
      text: effects.html === true ? page(status) : effects.html
    }
  }
  const known = effects.body ?? (status < 400 ? undefined : {
    status,
    error: errorNames[status] ?? "unknown_error",
    error_description: `A fault answers ${status}`
  })
  if (known === undefined) return { headers: [], text: undefined }
  if (typeof known === "string") return { headers: [["content-type", "text/plain; charset=utf-8"]], text: known }
  return method === "HEAD"
    ? { headers: [payloadHeader(known)], text: undefined }
    : { headers: [["content-type", "application/json; charset=utf-8"]], text: JSON.stringify(known) }
}

/** The answer that a fault gives in place of the handler's. */
export const replacement = (
  effects: Effects,
  { form, method, now, windowEnd }: {
    readonly form: Form
    readonly method: string
    readonly now: number
    readonly windowEnd: number
  }
): Answer => {
  if (effects.redirect !== undefined) {
    return { status: effects.redirect.status ?? 307, headers: [["location", effects.redirect.location]], body: noBody }
  }
  const status = effects.status ?? 502
  const { headers, text } = contentOf(status, effects, method)
  const retryAt = effects.retryAfter === undefined ? windowEnd : now + effects.retryAfter
  return {
    status,
    headers: status === 429 ? [...headers, retryAfterOf({ form, now, retryAt })] : headers,
    body: text === undefined || method === "HEAD" ? noBody : textBody(text)
  }
}

const without = (value: unknown, path: ReadonlyArray<string>): unknown => {
  const [head, ...rest] = path
  if (head === undefined || typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) {
    return value.map((item, index) => head === "*" || head === String(index) ? without(item, rest) : item)
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, property]) => {
      if (key !== head && head !== "*") return [[key, property]]
      return rest.length === 0 ? [] : [[key, without(property, rest)]]
    })
  )
}

const omitting = (answer: Answer, omit: string | ReadonlyArray<string>): Answer => {
  if (answer.body.kind !== "bytes") return answer
  const paths = typeof omit === "string" ? [omit] : omit
  const value: unknown = JSON.parse(new TextDecoder().decode(answer.body.bytes))
  const left = paths.reduce<unknown>((current, path) => without(current, path.split(".")), value)
  return { ...answer, body: textBody(JSON.stringify(left)) }
}

const isJson = (answer: Answer): boolean =>
  answer.headers.some(([name, value]) => name === "content-type" && value.startsWith("application/json"))

/** The answer as it is to be sent, headers last so that they win. */
export const altered = (effects: Effects, original: Answer): Answer => {
  let answer = original
  if (effects.omit !== undefined && isJson(answer)) answer = omitting(answer, effects.omit)
  if (effects.empty === true) {
    answer = { ...answer, headers: withHeader(answer.headers, "content-type"), body: noBody }
  }
  let headers = answer.headers
  if (effects.warnings !== undefined) headers = withHeader(headers, "x-redivis-warning", ...effects.warnings)
  for (const [name, value] of Object.entries(effects.headers ?? {})) {
    headers = withHeader(headers, name, ...(value === null ? [] : typeof value === "string" ? [value] : value))
  }
  return { ...answer, headers }
}

/** Which byte of the body is changed, and by what. */
export const corruption = (effects: Effects): { readonly at: number; readonly xor: number } | undefined =>
  effects.corrupt === undefined
    ? undefined
    : typeof effects.corrupt === "number"
    ? { at: effects.corrupt, xor: 0xff }
    : { at: effects.corrupt.at, xor: effects.corrupt.xor ?? 0xff }

const breakOf = (effects: Effects): Break | undefined => {
  if (effects.cutAfter !== undefined) return { after: effects.cutAfter, how: "cut" }
  return effects.stallAfter === undefined ? undefined : { after: effects.stallAfter, how: "stall" }
}

export const delivered = (effects: Effects, answer: Answer): Delivery =>
  effects.drop === undefined ? { kind: "answer", answer, break: breakOf(effects) } : { kind: "drop" }

export const delayOf = (effects: Effects): Duration.Duration => Duration.millis(effects.delay ?? 0)
