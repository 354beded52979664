/** What browsers ask for before they send a request of a page, or let it read an answer. */
import { type Answer, answer, type HeaderList } from "./message.ts"

/** Which headers a page may send to the API, as the service was seen to tell with every answer. */
const allowed =
  "User-Agent,Cache-Control,Content-Type,Accept,Accept-Encoding,Authorization,X-Redivis-Client,X-Redivis-Client-Version,X-Requested-With"

const exposed = [
  "date",
  "retry-after",
  "x-ratelimit-limit",
  "x-ratelimit-remaining",
  "x-ratelimit-reset",
  "x-redivis-warning",
  "x-redivis-error-payload",
  "x-redivis-filename",
  "content-disposition",
  "content-range",
  "accept-ranges",
  "digest",
  "content-digest"
]

/** Without these a page cannot follow the protocol of the storage. */
const neededOfStorage = "location, range"

const everyOrigin: HeaderList = [["access-control-allow-origin", "*"]]

const ofApi: HeaderList = [
  ...everyOrigin,
  ["access-control-allow-headers", allowed],
  ["access-control-max-age", "1728000"]
]

/** Of every answer of the API; the service exposes nothing. */
export const headersOfApi = (exposeHeaders: boolean): HeaderList =>
  exposeHeaders ? [...ofApi, ["access-control-expose-headers", exposed.join(", ")]] : ofApi

/** Of every answer of the storage. */
export const headersOfStorage: HeaderList = [...everyOrigin, ["access-control-expose-headers", neededOfStorage]]

export const isPreflight = (method: string): boolean => method === "OPTIONS"

const common: HeaderList = [
  ["access-control-allow-methods", "GET, HEAD, POST, PATCH, PUT, DELETE"],
  ["access-control-allow-private-network", "true"]
]

export const preflightOfApi: Answer = answer(204, [...ofApi, ...common])

/** Where any header may be sent. */
export const preflight = (requestHeaders: Readonly<Record<string, string>>): Answer =>
  answer(204, [
    ...everyOrigin,
    ...common,
    ["access-control-allow-headers", requestHeaders["access-control-request-headers"] ?? "authorization, content-type"],
    ["access-control-max-age", "600"]
  ])
