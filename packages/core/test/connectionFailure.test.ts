/** What runtimes were seen to throw, or document, for connections that no test can make fail. */
import * as ConnectionFailure from "@effect-redivis/core/ConnectionFailure"
import { defaultPlatform } from "@effect-redivis/core/Platform"
import { assert, describe, it } from "@effect/vitest"

const coded = (code: string, message = ""): Error => Object.assign(new Error(message), { code })

/** As Node's `fetch` and Deno's wrap what failed. */
const wrapped = (cause: unknown): Error => new TypeError("fetch failed", { cause })

const sending = "error sending request for url (https://redivis.com/api/v1)"

const told: ReadonlyArray<readonly [kind: string, beforeSending: boolean, lasts: boolean, cause: unknown]> = [
  [
    "timed out",
    true,
    false,
    coded("UND_ERR_CONNECT_TIMEOUT", "Connect Timeout Error (attempted address: 10.0.0.1:443)")
  ],
  ["timed out", true, false, coded("ETIMEDOUT", "connect ETIMEDOUT 10.0.0.1:443")],
  ["timed out", false, false, coded("ETIMEDOUT", "read ETIMEDOUT")],
  [
    "timed out",
    true,
    false,
    coded("ETIMEDOUT", "ETIMEDOUT: Unable to connect. Is the computer able to access the url?")
  ],
  [
    "timed out",
    true,
    false,
    wrapped(new Error(`${sending}: client error (Connect): tcp connect error: Connection timed out (os error 110)`))
  ],
  // several addresses, the first of which says why
  [
    "refused",
    true,
    false,
    wrapped(
      Object.assign(new AggregateError([coded("ECONNREFUSED", "connect ECONNREFUSED ::1:1")]), { code: "ECONNREFUSED" })
    )
  ],
  ["refused", true, false, Object.assign(new TypeError("Unable to connect."), { code: "ConnectionRefused" })],
  [
    "refused",
    true,
    false,
    wrapped(
      new Error(
        `${sending}: client error (Connect): tcp connect error: No connection could be made because the target machine actively refused it. (os error 10061)`
      )
    )
  ],
  ["name not found", true, false, coded("EAI_AGAIN", "getaddrinfo EAI_AGAIN redivis.com")],
  ["unreachable", true, false, coded("EHOSTUNREACH", "connect EHOSTUNREACH 100::1:81")],
  [
    "unreachable",
    true,
    false,
    wrapped(new Error(`${sending}: client error (Connect): tcp connect error: No route to host (os error 113)`))
  ],
  ["permission", true, true, coded("EACCES", "connect EACCES 10.0.0.1:443")],
  [
    "permission",
    true,
    true,
    wrapped(new Error(`${sending}: client error (Connect): tcp connect error: Operation not permitted (os error 1)`))
  ],
  ["reset", false, false, coded("EPIPE", "write EPIPE")],
  [
    "reset",
    false,
    false,
    Object.assign(new TypeError("The socket connection was closed unexpectedly."), { code: "ConnectionClosed" })
  ],
  ["trouble of TLS", false, false, coded("ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR")],
  [
    "trouble of TLS",
    true,
    false,
    wrapped(new Error(`${sending}: client error (Connect): received fatal alert: InternalError`))
  ],
  ["client certificate", true, true, coded("ERR_SSL_TLSV1_ALERT_UNKNOWN_CA")],
  ["client certificate", true, true, wrapped(new Error("received fatal alert: BadCertificate"))],
  ["certificate", true, true, coded("CERT_HAS_EXPIRED")],
  ["certificate", true, true, coded("ERR_TLS_CERT_ALTNAME_INVALID")],
  ["proxy", true, false, coded("UND_ERR_PRX_CONN", "Proxy Connection failed")],
  // what a server sends, however odd, is no mistake of a program
  [
    "unknown",
    false,
    false,
    Object.assign(new Error("Response does not match the HTTP/1.1 protocol (Invalid header value char)"), {
      name: "HTTPParserError"
    })
  ],
  ["unknown", false, false, new Error("boom")],
  ["unknown", false, false, undefined],
  ["unknown", false, false, "a text"],
  ["program", false, true, new TypeError("boom")],
  ["program", false, true, new ReferenceError("WeakRef is not defined")],
  ["program", false, true, new RangeError("Maximum call stack size exceeded")],
  ["program", false, true, new TypeError("undefined is not an object (evaluating 'x.y')")],
  ["program", false, true, new TypeError("Cannot read properties of undefined (reading 'y')")],
  ["program", false, true, new TypeError("Invalid header name: \"a b\"")],
  ["program", false, true, wrapped(coded("ERR_INVALID_URL", "Invalid URL"))],
  ["program", false, true, wrapped(new Error("bad port"))],
  ["program", false, true, coded("UND_ERR_DESTROYED", "The client is destroyed")],
  ["program", false, true, coded("UND_ERR_INVALID_ARG", "invalid onRequestStart method")]
]

describe("ConnectionFailure.sort", () => {
  it.each([...told])("knows %s, before sending: %s, lasting: %s: %o", (name, beforeSending, lasts, cause) => {
    const sorted = ConnectionFailure.sort(cause, "Connection")
    assert.strictEqual(sorted.kind.name, name)
    assert.strictEqual(sorted.beforeSending, beforeSending)
    assert.strictEqual(sorted.kind.advice !== undefined, lasts)
  })

  // of an answer that broke off Deno says a bare sentence
  it.each([
    ["reset", new TypeError("error reading a body from connection")],
    ["unknown", new TypeError("unexpected end of file")],
    ["program", new TypeError("chunk.slice is not a function")]
  ])("takes a bare sentence in the middle of an answer for a mistake only where engines say so: %s", (name, cause) => {
    assert.strictEqual(ConnectionFailure.sort(cause, "BodyBroken").kind.name, name)
  })

  it("ends where an error is its own cause", () => {
    const cause = new Error("round")
    cause.cause = cause
    assert.strictEqual(ConnectionFailure.sort(cause, "Connection").kind.name, "unknown")
  })
})

describe("any runtime with fetch", () => {
  it.each([
    "stream.pipe is not a function",
    "WeakRef is not defined",
    "Can't find variable: WeakRef",
    "Cannot read properties of undefined (reading 'body')",
    "can't access property \"body\", x is undefined"
  ])("takes no program's mistake for a network's failure: %s", (message) => {
    assert.match(defaultPlatform.adviceFor(new TypeError(message), "Connection") ?? "", /program/)
  })

  // Chromium, Firefox, WebKit and workerd
  it.each([
    "Failed to fetch",
    "NetworkError when attempting to fetch resource.",
    "Load failed",
    "cannot parse response",
    "Network connection lost.",
    "network error"
  ])("tries again what a network said: %s", (message) => {
    assert.isUndefined(defaultPlatform.adviceFor(new TypeError(message), "Connection"))
    assert.isUndefined(defaultPlatform.adviceFor(undefined, "Redirect"))
  })
})
