/** What browsers ask for before they let a page read an answer. */
import { type Answer, answer, type HeaderList } from "./message.ts"

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

/** Without exposure a page sees of the storage's protocol what it cannot do without. */
const needed = ["location", "range"]

export const headersOf = (exposeHeaders: boolean): HeaderList => [
  ["access-control-allow-origin", "*"],
  ["access-control-expose-headers", (exposeHeaders ? [...exposed, ...needed] : needed).join(", ")]
]

export const isPreflight = (method: string): boolean => method === "OPTIONS"

export const preflight = (requestHeaders: Readonly<Record<string, string>>): Answer =>
  answer(204, [
    ["access-control-allow-origin", "*"],
    ["access-control-allow-methods", "GET, HEAD, POST, PATCH, PUT, DELETE"],
    ["access-control-allow-headers", requestHeaders["access-control-request-headers"] ?? "authorization, content-type"],
    ["access-control-allow-private-network", "true"],
    ["access-control-max-age", "600"]
  ])
