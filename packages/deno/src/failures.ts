/** What Deno says of a connection that failed: its errors have texts and no codes. */

const textOf = (cause: unknown): string => {
  const texts: Array<string> = []
  let at = cause
  for (let depth = 0; depth < 5 && typeof at === "object" && at !== null; depth++) {
    if ("name" in at && at.name === "NotCapable") texts.push("NotCapable")
    if ("message" in at && typeof at.message === "string") texts.push(at.message)
    at = "cause" in at ? at.cause : undefined
  }
  return texts.join(": ")
}

/** Name look-up, connection and TLS are one step, which comes before a request is written. */
const isConnecting = (text: string): boolean => text.includes("client error (Connect)")

export const failedBeforeSending = (cause: unknown): boolean => {
  const text = textOf(cause)
  return isConnecting(text) || text.includes("NotCapable")
}

export const adviceFor = (cause: unknown): string | undefined => {
  const text = textOf(cause)
  if (text.includes("NotCapable")) return "Run again with --allow-net for the host that is named."
  if (text.includes("invalid HTTP version parsed")) {
    return "What answers there does not speak HTTP: check the endpoint's scheme (http:// or https://) and port."
  }
  if (!isConnecting(text)) return undefined
  if (text.includes("invalid peer certificate")) {
    return "The server's certificate does not verify: name the authority that signed it in DENO_CERT " +
      "(DENO_TLS_CA_STORE=system takes those of the system), and check the endpoint's host and this machine's clock."
  }
  // a server that has trouble of its own says so by an alert
  return /received corrupt message|peer is incompatible|received fatal alert: (?!InternalError|BadRecordMac)/.test(text)
    ? "What answers there agrees on no TLS with this program: check the endpoint's scheme (http:// or https://) " +
      "and port, and the proxy between."
    : undefined
}
