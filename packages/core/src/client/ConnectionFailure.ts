/**
 * What runtimes say of a connection that failed, as one table: what each failure
 * is, whether it comes before anything was sent, and whether a repeat would fail
 * as well. Node and Bun have codes, Deno has texts. The packages of the
 * platforms make their `Platform` of it; nothing else bundles it.
 *
 * @since 0.1.0
 */
import type { Platform } from "./Platform.ts"

/**
 * What a runtime calls that which mends a failure that lasts.
 *
 * @category models
 * @since 0.1.0
 */
export interface Words {
  /** What names an authority, and what takes those of the system, as "CERTIFICATES (--system takes those of the system)". */
  readonly trust: string
  /** What gives a client certificate. */
  readonly identify: string
  /** What permits the network. */
  readonly permit: string
}

/**
 * A kind of failure.
 *
 * @category models
 * @since 0.1.0
 */
export interface Kind {
  readonly name:
    | "permission"
    | "proxy authentication"
    | "proxy"
    | "client certificate"
    | "certificate"
    | "trouble of TLS"
    | "TLS"
    | "not HTTP"
    | "refused"
    | "name not found"
    | "unreachable"
    | "timed out"
    | "program"
    | "reset"
    | "unknown"
  /** Of Node, undici and Bun. */
  readonly codes?: RegExp
  /** Of Deno, and where others have no code: in the names and sentences of an error and its causes. */
  readonly texts?: RegExp
  /** Whether nothing can have been sent; where it is false, only what is said of connecting shows it. */
  readonly beforeSending: boolean
  /** What to do where a repeat would fail as well. */
  readonly advice?: (words: Words) => string
}

/**
 * Sentences of engines and of the runtimes' interfaces on what a program did: no
 * network says such a thing. V8, JavaScriptCore and SpiderMonkey in turn, then
 * what `fetch` throws for what it was given.
 */
const ofPrograms =
  /is not (a function|a constructor|an object|defined|iterable)|Cannot (read|set|access|convert|destructure|assign)|Maximum call stack|Can't find variable|can't (access|convert)|is (undefined|null|locked|unusable)|^(Reference|Range|Syntax|URI|Eval)Error:|Failed to parse URL|[Pp]orts? (\d+ )?(are|is) blocked|bad port|BadResource/m

/**
 * All kinds; the first that fits is the one.
 *
 * @category constructors
 * @since 0.1.0
 */
export const kinds: ReadonlyArray<Kind> = [
  {
    name: "permission",
    codes: /^(ERR_ACCESS_DENIED|EACCES|EPERM)$/,
    texts: /NotCapable|PermissionDenied|\(os error (1|13)\)/,
    beforeSending: true,
    advice: ({ permit }) =>
      `This program may not do so: run it with the permission that is named (${permit} for the network), and see what ` +
      "this machine's firewall lets out."
  },
  {
    name: "proxy authentication",
    texts:
      /Proxy response \(407\)|Proxy Authentication Required|open a tunnel: 407|proxy auth(entication|orization) required/,
    beforeSending: true,
    advice: () =>
      "The proxy asks who you are: give a user and a password in its URL, as http://user:password@host:3128."
  },
  {
    name: "proxy",
    codes: /^(UND_ERR_PRX_CONN|ERR_PROXY_\w+)$/,
    texts: /Proxy response \(|unsuccessful tunnel|while tunneling/,
    beforeSending: true
  },
  {
    name: "client certificate",
    codes: /_ALERT_((BAD_|NO_|UNSUPPORTED_)?CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/,
    texts: /fatal alert: ((Bad|No|Unsupported)?Certificate|UnknownCA|AccessDenied)/,
    beforeSending: true,
    advice: ({ identify }) =>
      `The server asks for a client certificate, and took none or not the one it was given: set one by ${identify}.`
  },
  {
    name: "certificate",
    codes:
      /CERT|CRL|ISSUER|LEAF_SIGNATURE|^(INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH|UND_ERR_PRX_TLS)$/,
    texts: /invalid peer certificate/,
    beforeSending: true,
    advice: ({ trust }) =>
      `The server's certificate does not verify: name the authority that signed it in ${trust}, and check the ` +
      "endpoint's host and this machine's clock."
  },
  {
    // a server says by an alert that it has trouble of its own
    name: "trouble of TLS",
    codes: /^ERR_SSL_\w*(INTERNAL_ERROR|DECRYPT|RECORD_MAC|EOF)/,
    texts: /fatal alert: (InternalError|BadRecordMac|Decrypt)/,
    beforeSending: false
  },
  {
    name: "TLS",
    codes: /^(EPROTO$|ERR_SSL_)/,
    texts: /\(Connect\): (received corrupt message|peer is incompatible|peer misbehaved|received fatal alert)/,
    beforeSending: true,
    advice: ({ identify }) =>
      "What answers there agrees on no TLS with this program: check the endpoint's scheme (http:// or https://) and " +
      `port, the proxy between, and whether the server asks for a client certificate (${identify}).`
  },
  {
    name: "not HTTP",
    codes: /^Malformed_HTTP_Response$/,
    texts: /Expected HTTP\/|Malformed_HTTP_Response|invalid HTTP version parsed/,
    beforeSending: false,
    advice: () => "What answers there does not speak HTTP: check the endpoint's scheme (http:// or https://) and port."
  },
  {
    name: "refused",
    codes: /^(ECONNREFUSED|ConnectionRefused)$/,
    texts: /Connection refused|actively refused/,
    beforeSending: true
  },
  {
    name: "name not found",
    codes: /^(ENOTFOUND|EAI_\w+|DNS\w+|EDNS\w*)$/,
    texts: /dns error|getaddrinfo E|failed to lookup address/,
    beforeSending: true
  },
  {
    name: "unreachable",
    codes: /^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|FailedToOpenSocket)$/,
    texts: /No route to host|etwork is unreachable|ost is unreachable/,
    beforeSending: true
  },
  {
    name: "timed out",
    codes: /^(ETIMEDOUT|ERR_TLS_HANDSHAKE_TIMEOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT|Timeout|ConnectionTimeout)$/,
    texts: /timed out/,
    beforeSending: false
  },
  {
    name: "program",
    codes:
      /^(ERR_INVALID_\w+|UND_ERR_(INVALID_ARG|INVALID_RETURN_VALUE|NOT_SUPPORTED|DESTROYED|CLOSED|REQ_CONTENT_LENGTH_MISMATCH))$/,
    texts: ofPrograms,
    beforeSending: false,
    advice: () =>
      "No network said so, but a program: what is wrong is in what it called or gave, or it used the client after its " +
      "layer was closed. See `cause`."
  },
  {
    name: "reset",
    codes: /^(ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_SOCKET|ConnectionClosed)$/,
    texts: /[Cc]onnection (reset|closed)|tls handshake eof|Broken pipe|error reading a body/,
    beforeSending: false
  }
]

const unknown: Kind = { name: "unknown", beforeSending: false }

/** Said where a connection does not stand yet, whatever keeps it from it. */
const isConnecting =
  /client error \(Connect\)|^\w*: ?(connect|getaddrinfo) E|before secure TLS connection|Connect Timeout|Unable to connect|typo in the url or port/m

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

/** What is thrown without a code, and because of nothing else, was thrown by a program: networks say which of theirs it was. */
const isBare = (layers: ReadonlyArray<object>, code: string, text: string): boolean =>
  code === "" && layers.length === 1 && text.startsWith("TypeError: ") && !/error sending|error reading/.test(text)

/**
 * What a failed exchange is, by what the runtime threw.
 *
 * **Details**
 *
 * `reason` is that of the `TransportError`: of what breaks off in the middle of an
 * answer some runtimes say nothing but a sentence.
 *
 * **Example** (A port that nothing listens on)
 *
 * ```ts
 * import * as ConnectionFailure from "@effect-redivis/core/ConnectionFailure"
 *
 * const { beforeSending, kind } = ConnectionFailure.sort({ code: "ECONNREFUSED" }, "Connection")
 * console.log(kind.name, beforeSending) // refused true
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const sort = (
  cause: unknown,
  reason: string
): { readonly kind: Kind; readonly beforeSending: boolean } => {
  const layers = layersOf(cause)
  const code = layers.map((layer): unknown => Reflect.get(layer, "code")).findLast((one) => typeof one === "string")
  const written = typeof code === "string" ? code : ""
  const text = layers.map((layer) => `${Reflect.get(layer, "name")}: ${Reflect.get(layer, "message")}`).join("\n")
  const kind = kinds.find(({ codes, texts }) => codes?.test(written) === true || texts?.test(text) === true) ??
    (reason === "Connection" && isBare(layers, written, text)
      ? kinds.find(({ name }) => name === "program")
      : undefined) ??
    unknown
  return { kind, beforeSending: kind.beforeSending || isConnecting.test(text) }
}

/**
 * What a `Platform` knows of failures, in the words of a runtime.
 *
 * **Details**
 *
 * `isConnecting` says of an error whether it is known to be of a connection that
 * did not stand yet, where a transport knows more than its error says.
 *
 * **Example** (For a runtime with codes)
 *
 * ```ts
 * import * as ConnectionFailure from "@effect-redivis/core/ConnectionFailure"
 * import { CurrentPlatform, defaultPlatform } from "@effect-redivis/core/Platform"
 * import * as Layer from "effect/Layer"
 *
 * const platform = Layer.succeed(CurrentPlatform, {
 *   ...defaultPlatform,
 *   ...ConnectionFailure.platform({ trust: "NODE_EXTRA_CA_CERTS", identify: "an agent", permit: "--allow-net" })
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const platform = (
  words: Words,
  isOfConnecting: (cause: unknown) => boolean = () => false
): Pick<Platform, "adviceFor" | "failedBeforeSending"> => ({
  failedBeforeSending: (cause) => isOfConnecting(cause) || sort(cause, "Connection").beforeSending,
  adviceFor: (cause, reason) => sort(cause, reason).kind.advice?.(words)
})
