/** What Node, undici and Bun say of a connection that failed. */

const next = (cause: object): unknown => {
  if ("errors" in cause && Array.isArray(cause.errors)) return cause.errors[0] // of the addresses that were tried
  return "cause" in cause ? cause.cause : undefined
}

/** What failed, and what that was wrapped in by `fetch`, or by an `HttpClient` over it: the innermost last. */
const layersOf = (cause: unknown): ReadonlyArray<object> => {
  const layers: Array<object> = []
  let at = cause
  while (layers.length < 5 && typeof at === "object" && at !== null) {
    layers.push(at)
    at = next(at)
  }
  return layers
}

const textIn = (layers: ReadonlyArray<object>, name: "code" | "message"): string | undefined =>
  layers.map((layer): unknown => Reflect.get(layer, name)).findLast((text) => typeof text === "string")

const codeOf = (cause: unknown): string | undefined => textIn(layersOf(cause), "code")

/** What is said before a connection stands. */
const beforeSending: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT"
])

/** The words of OpenSSL for a certificate that does not verify. */
const isCertificate = (code: string): boolean =>
  /CERT|CRL|ISSUER|LEAF_SIGNATURE/.test(code) ||
  code === "INVALID_CA" || code === "INVALID_PURPOSE" || code === "PATH_LENGTH_EXCEEDED" || code === "HOSTNAME_MISMATCH"

/** A handshake that the two sides cannot agree on. A server that has trouble of its own says so by an alert. */
const isHandshake = (code: string): boolean =>
  code === "EPROTO" || (code.startsWith("ERR_SSL_") && !/INTERNAL_ERROR|DECRYPT|RECORD_MAC/.test(code))

/** TLS fails before a request is written. */
export const failedBeforeSending = (cause: unknown): boolean => {
  const code = codeOf(cause)
  return code !== undefined &&
    (beforeSending.has(code) || isCertificate(code) || isHandshake(code) || code.startsWith("ERR_TLS_"))
}

/** What undici and Bun say of an answer that does not begin as one of HTTP does. */
const isNotHttp = (message: string): boolean => /Expected HTTP\/|Malformed_HTTP_Response/.test(message)

export const adviceFor = (cause: unknown): string | undefined => {
  const layers = layersOf(cause)
  const code = textIn(layers, "code") ?? ""
  if (isCertificate(code)) {
    return "The server's certificate does not verify: name the authority that signed it in NODE_EXTRA_CA_CERTS " +
      "(--use-system-ca takes those of the system), and check the endpoint's host and this machine's clock."
  }
  if (isHandshake(code)) {
    return "What answers there agrees on no TLS with this program: check the endpoint's scheme (http:// or https://) " +
      "and port, and the proxy between."
  }
  return isNotHttp(textIn(layers, "message") ?? "")
    ? "What answers there does not speak HTTP: check the endpoint's scheme (http:// or https://) and port."
    : undefined
}
