/**
 * undici's own dispatch as a transport: no stream of Node's stands between its
 * parser and who pulls. undici is loaded with the first request.
 */
import type {
  Body,
  Transport,
  TransportFailure,
  TransportRequest,
  TransportResponse
} from "@effect-redivis/core/Redivis"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Undici from "undici"

/** Bytes that may wait to be pulled before the socket is not read any further. */
const mostWaiting = 262_144

/**
 * What nobody reads any more is read away where it is no more than so many bytes
 * and comes within so many milliseconds: the connection then serves the next call.
 */
const mostUnread = 131_072
const longestUnread = 200

type Headers = Readonly<Record<string, string | ReadonlyArray<string> | undefined>>

const joined = (headers: Headers): Record<string, string> => {
  const one: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) one[name] = typeof value === "string" ? value : value.join(", ")
  }
  return one
}

/** One exchange: undici tells it what comes, and a fiber asks it for that. */
class Exchange implements Undici.Dispatcher.DispatchHandler {
  readonly #url: string
  readonly #signal: AbortSignal
  readonly #onResponse: (response: Effect.Effect<TransportResponse, TransportFailure>) => void
  readonly #chunks: Array<Uint8Array> = []
  #controller: Undici.Dispatcher.DispatchController | undefined
  #waiting = 0
  #isEnded = false
  #failure: TransportFailure | undefined
  /** Text is wanted whole, so nothing waits for who pulls. */
  #isGathered = false
  #wake: (() => void) | undefined
  #hasStarted = false
  /** Bytes that may still be read away; set once nobody reads. */
  #unread: number | undefined
  #givingUp: NodeJS.Timeout | undefined
  readonly #ending = new AbortController()
  /** Those whose answers somebody may still read. */
  readonly #open: Set<Exchange>

  /** Aborted once nothing is sent any more. */
  get ended(): AbortSignal {
    return this.#ending.signal
  }

  constructor(
    url: string,
    signal: AbortSignal,
    open: Set<Exchange>,
    onResponse: (response: Effect.Effect<TransportResponse, TransportFailure>) => void
  ) {
    this.#open = open
    this.#url = url
    this.#signal = signal
    this.#onResponse = onResponse
    signal.addEventListener("abort", this.#abort)
  }

  readonly #abort = (): void => {
    this.fail(this.#signal.reason)
    if (this.#hasStarted) this.#readAway()
    else this.#break()
  }

  #break(): void {
    clearTimeout(this.#givingUp)
    const reason: unknown = this.#signal.reason
    this.#controller?.abort(reason instanceof Error ? reason : new Error("The request was aborted"))
  }

  #readAway(): void {
    this.#chunks.length = 0
    this.#unread = mostUnread
    this.#givingUp = setTimeout(() => this.#break(), longestUnread)
    this.#givingUp.unref()
    if (this.#controller?.paused === true) this.#controller.resume()
  }

  fail(cause: unknown): void {
    this.#signal.removeEventListener("abort", this.#abort)
    this.#ending.abort()
    this.#open.delete(this)
    if (this.#isEnded || this.#failure !== undefined) return
    this.#failure = { cause }
    this.#onResponse(Effect.fail(this.#failure))
    this.#wake?.()
  }

  onRequestStart(controller: Undici.Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#signal.aborted) this.#abort()
  }

  onResponseStart(_: Undici.Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200) return
    this.#hasStarted = true
    this.#open.add(this)
    const shown = joined(headers)
    const encoding = shown["content-encoding"]
    this.#onResponse(Effect.succeed({
      url: this.#url,
      status,
      // also those of what is decoded, as `fetch` has it: whoever holds the length or a hash against it looks there
      headers: shown,
      // of what is encoded nobody asks for the text at once
      text: this.#text,
      pull: encoding === undefined ? this.#pull : this.#decoded(encoding)
    }))
  }

  onResponseData(controller: Undici.Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#unread !== undefined) {
      this.#unread -= chunk.length
      if (this.#unread < 0) this.#break()
      return
    }
    this.#chunks.push(chunk)
    this.#waiting += chunk.length
    if (this.#isGathered) return
    if (this.#waiting >= mostWaiting) controller.pause()
    this.#wake?.()
  }

  onResponseEnd(): void {
    this.#signal.removeEventListener("abort", this.#abort)
    clearTimeout(this.#givingUp)
    this.#ending.abort()
    this.#open.delete(this)
    this.#isEnded = true
    this.#wake?.()
  }

  onResponseError(_: Undici.Dispatcher.DispatchController, cause: Error): void {
    clearTimeout(this.#givingUp)
    this.fail(cause)
  }

  /** Until undici has told something. */
  readonly #told: Effect.Effect<void> = Effect.callback((resume) => {
    this.#wake = () => {
      this.#wake = undefined
      resume(Effect.void)
    }
    return Effect.sync(() => {
      this.#wake = undefined
    })
  })

  readonly #pull: Effect.Effect<Uint8Array | undefined, TransportFailure> = Effect.suspend(() => {
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) {
      this.#waiting -= chunk.length
      if (this.#waiting === 0 && this.#controller?.paused === true) this.#controller.resume()
      return Effect.succeed(chunk)
    }
    if (this.#failure !== undefined) return Effect.fail(this.#failure)
    return this.#isEnded ? Effect.succeed(undefined) : Effect.andThen(this.#told, this.#pull)
  })

  readonly #text: Effect.Effect<string, TransportFailure> = Effect.suspend(() => {
    if (this.#failure !== undefined) return Effect.fail(this.#failure)
    if (this.#isEnded) {
      const [first, ...others] = this.#chunks.splice(0)
      return Effect.succeed(
        new TextDecoder().decode(others.length === 0 ? first : Buffer.concat([first!, ...others])) // one of several
      )
    }
    this.#isGathered = true
    if (this.#controller?.paused === true) this.#controller.resume()
    return Effect.andThen(this.#told, this.#text)
  })

  /** Nothing is asked for in another encoding, and a server may still choose one. */
  #decoded(encoding: string): TransportResponse["pull"] {
    const begin = Effect.flatMap(this.#pull, (first) =>
      // an answer without a body has nothing to decode
      first === undefined ? Effect.succeed(Effect.succeed(undefined)) : Effect.map(
        Effect.promise(() => import("./inflate.ts")),
        ({ inflate }) => inflate(encoding, first, this.#pull, this.#signal)
      ))
    let begun: TransportResponse["pull"] | undefined
    return Effect.suspend(() => begun ?? Effect.flatMap(begin, (pull) => begun = pull))
  }
}

type SentBody = Exclude<Undici.Dispatcher.DispatchOptions["body"], undefined>

/**
 * undici asks for the next bytes and then lets go of the body only when they are
 * there, so that a source that waits would wait for ever: the exchange's end ends it.
 */
const sentStream = (stream: Stream.Stream<Uint8Array, unknown>, ended: AbortSignal): AsyncIterable<Uint8Array> => {
  const end = Effect.callback<never>((resume) => {
    const interrupt = (): void => resume(Effect.interrupt)
    if (ended.aborted) return interrupt()
    ended.addEventListener("abort", interrupt, { once: true })
    return Effect.sync(() => ended.removeEventListener("abort", interrupt))
  })
  return Stream.toAsyncIterable(Stream.interruptWhen(stream, end))
}

const bodyOf = (body: Body | undefined, ended: AbortSignal): SentBody => {
  switch (body?.kind) {
    case "text":
      return body.text
    case "bytes":
      return body.bytes
    case "blob":
      // undici takes every runtime's, as its documentation says, and its types only its own
      return body.blob as unknown as SentBody
    case "stream":
      // undici takes what can be iterated, as its documentation says and its types do not
      return sentStream(body.stream, ended) as unknown as SentBody
    default:
      return null
  }
}

const headersOf = ({ body, headers }: TransportRequest): Record<string, string> => {
  if (body === undefined || body.kind === "form") return { ...headers }
  return body.kind === "stream"
    ? { ...headers, "content-type": body.contentType, "content-length": String(body.size) }
    : { ...headers, "content-type": body.contentType }
}

/** As bytes: each copy of undici takes forms of its own class alone, and a dispatcher may come from another copy. */
const written = (form: FormData): Effect.Effect<Body> =>
  Effect.promise(async () => {
    const response = new Response(form)
    return {
      kind: "bytes",
      bytes: new Uint8Array(await response.arrayBuffer()),
      contentType: response.headers.get("content-type") ?? "multipart/form-data" // it names the boundary
    }
  })

/** What failed before its connection stood, whatever it says of itself. */
const failedToConnect = /*#__PURE__*/ new WeakSet<object>()

/** Whether an error is of a connection that was not made. */
export const isOfConnecting = (cause: unknown): boolean =>
  typeof cause === "object" && cause !== null && failedToConnect.has(cause)

/**
 * undici's connector, which notes what it fails with. A server that refuses a
 * client's certificate says so once the handshake is over for the client, and
 * closes: undici would tell of the close alone.
 */
const connectorOf =
  (connect: Undici.buildConnector.connector): Undici.buildConnector.connector => (options, callback) =>
    connect(options, (...result) => {
      const [error, socket] = result
      if (error !== null) failedToConnect.add(error)
      socket?.once("error", (told: NodeJS.ErrnoException) => {
        if (told.code?.startsWith("ERR_SSL_") === true) socket.destroy(told)
      })
      callback(...result)
    })

/** Whether Node's own `fetch` goes through the proxies of the environment. */
const takesProxies = (): boolean => {
  if (!process.allowedNodeEnvironmentFlags.has("--use-env-proxy")) return false
  // oxlint-disable-next-line no-restricted-properties -- Node is told so, and not the client
  const { NODE_OPTIONS: options = "", NODE_USE_ENV_PROXY: isUsed } = process.env
  const said = [...options.split(" "), ...process.execArgv].findLast((flag) => /^--(no-)?use-env-proxy$/.test(flag))
  return said === undefined ? isUsed === "1" : said === "--use-env-proxy"
}

/** What sends, as undici's agents do. */
export type Dispatcher = Pick<Undici.Dispatcher, "dispatch">

type Agent = Dispatcher & { readonly close?: () => Promise<void>; readonly destroy?: () => Promise<void> }

const load = async (): Promise<Agent> => {
  const undici = await import("undici")
  const options = {
    keepAliveTimeout: 30_000,
    // the client's own time limits hold, and its budget bounds the requests: bodies hold as many connections as they need
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: connectorOf(undici.buildConnector({}))
  }
  return takesProxies() ? new undici.EnvHttpProxyAgent(options) : new undici.Agent(options)
}

const dispatch = (
  agent: Dispatcher,
  open: Set<Exchange>,
  request: TransportRequest,
  signal: AbortSignal
): Effect.Effect<TransportResponse, TransportFailure> =>
  request.body?.kind === "form"
    ? Effect.flatMap(written(request.body.form), (body) => dispatch(agent, open, { ...request, body }, signal))
    : Effect.callback((resume) => {
      if (signal.aborted) return resume(Effect.fail({ cause: signal.reason }))
      const url = new URL(request.url)
      const exchange = new Exchange(request.url, signal, open, resume)
      try {
        agent.dispatch({
          origin: url.origin,
          path: `${url.pathname}${url.search}`,
          method: request.method,
          headers: headersOf(request),
          body: bodyOf(request.body, exchange.ended)
        }, exchange)
      } catch (cause) {
        exchange.fail(cause)
      }
    })

/** A transport, and what closes its connections. */
export interface UndiciTransport {
  readonly transport: Transport
  readonly close: Effect.Effect<void>
}

/** Over a dispatcher that somebody else closes, or one of its own. */
export const makeUndiciTransport = (given: Dispatcher | undefined): UndiciTransport => {
  let loading: Promise<Agent> | undefined
  let loaded: Dispatcher | undefined = given
  /** Answers that somebody may still read. */
  const open = new Set<Exchange>()
  const first = Effect.tryPromise({ try: () => loading ??= load(), catch: (cause): TransportFailure => ({ cause }) })
  return {
    transport: {
      send: (request, signal) =>
        loaded !== undefined ? dispatch(loaded, open, request, signal) : Effect.flatMap(first, (found) => {
          loaded = found
          return dispatch(found, open, request, signal)
        })
    },
    close: Effect.promise(async () => {
      const agent = await loading?.catch(() => undefined)
      // a body that was handed on outlives the layer: its connection closes behind it
      if (open.size > 0) void agent?.close?.().catch(() => {})
      else await agent?.destroy?.()
    })
  }
}
