/** What Node, undici and Bun say of a connection that failed. */

const next = (cause: object): unknown => {
  if ("errors" in cause && Array.isArray(cause.errors)) return cause.errors[0] // of the addresses that were tried
  return "cause" in cause ? cause.cause : undefined
}

/** The innermost code: `fetch`, and an `HttpClient` over it, wrap what failed. */
const codeOf = (cause: unknown): string | undefined => {
  let code: string | undefined
  let at = cause
  for (let depth = 0; depth < 5 && typeof at === "object" && at !== null; depth++) {
    if ("code" in at && typeof at.code === "string") code = at.code
    at = next(at)
  }
  return code
}

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

export const adviceFor = (cause: unknown): string | undefined => {
  const code = codeOf(cause)
  if (code === undefined) return undefined
  if (isCertificate(code)) {
    return "The server's certificate does not verify: name the authority that signed it in NODE_EXTRA_CA_CERTS " +
      "(--use-system-ca takes those of the system), and check the endpoint's host and this machine's clock."
  }
  if (isHandshake(code)) {
    return "Nothing that this program can speak TLS with answers there: check the endpoint's scheme (http:// or https://) and port, or the proxy between."
  }
  return code.startsWith("HPE_")
    ? "What answers there does not speak HTTP: check the endpoint's scheme (http:// or https://) and port."
    : undefined
}
