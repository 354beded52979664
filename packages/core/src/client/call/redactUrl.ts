import type * as Operation from "../../contract/Operation.ts"

const secret = /token|secret|signature|credential|password|passwd|api[-_]?key|^key$|^sig$|^auth/i

/** The URL as errors, spans and logs may show it: without credentials and without the values of secret parameters. */
export const redactUrl = (url: string): string => {
  const clean = url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1")
  const [beforeHash = ""] = clean.split("#", 1)
  const mark = beforeHash.indexOf("?")
  if (mark === -1) return beforeHash
  const query = beforeHash.slice(mark + 1).split("&").map((pair) => {
    const [name = ""] = pair.split("=", 1)
    return secret.test(name) && name !== "pageToken" ? `${name}=REDACTED` : pair
  })
  return `${beforeHash.slice(0, mark)}?${query.join("&")}`
}

/** Where an error happened, as errors say it. */
export const located = (
  { operation, url }: { readonly operation: Operation.Any; readonly url: string }
) => ({ operation: operation.name, method: operation.method, url: redactUrl(url) })
