/** A server on a socket, with control over what goes over it: when it breaks, and who is connected. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Http from "node:http"
import type * as Net from "node:net"
import { type Answer, BodyBroken, type Break, type Exchange, headerOf, type ServerRequest } from "./message.ts"

/** The port cannot be listened on. */
export class ListenFailed extends Data.TaggedError("ListenFailed")<{ readonly message: string }> {}

export interface Listening {
  readonly host: string
  readonly port: number
  readonly openSockets: () => number
}

const headersOf = (request: Http.IncomingMessage): Record<string, string> => {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = typeof value === "string" ? value : value.join(", ")
  }
  return headers
}

const requestOf = (request: Http.IncomingMessage): ServerRequest => ({
  method: request.method ?? "GET",
  target: request.url ?? "/",
  headers: headersOf(request),
  body: Stream.fromAsyncIterable<Uint8Array, BodyBroken>(
    // who stops reading still answers, and what comes meanwhile has to be taken: see `takeRest`
    { [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }) },
    (cause) => new BodyBroken({ cause })
  )
})

/** Bytes that are still taken from who goes on sending a body that was answered already. */
const largestRest = 64_000_000

/**
 * Takes what is left of a body before its connection closes: closed over bytes
 * that nobody took it would be reset, and the answer lost on its way.
 */
const takeRest = (request: Http.IncomingMessage, response: Http.ServerResponse): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (response.shouldKeepAlive || request.complete || request.destroyed) return resume(Effect.void)
    let taken = 0
    const settle = (): void => {
      request.off("data", onData)
      request.off("end", settle)
      request.off("close", settle)
      resume(Effect.void)
    }
    const onData = (chunk: Uint8Array): void => {
      taken += chunk.length
      if (taken > largestRest) settle()
    }
    request.on("end", settle)
    request.on("close", settle)
    request.on("data", onData)
    return Effect.sync(settle)
  })

/** The connection was closed by the other side. */
class Gone extends Data.TaggedError("Gone")<{}> {}

/** Writes and waits until there is room for more. */
const write = (response: Http.ServerResponse, chunk: Uint8Array): Effect.Effect<void, Gone> =>
  Effect.callback((resume) => {
    if (response.closed || response.destroyed) return resume(Effect.fail(new Gone()))
    if (response.write(chunk)) return resume(Effect.void)
    const settle = (effect: Effect.Effect<void, Gone>) => () => {
      response.off("drain", onDrain)
      response.off("close", onClose)
      resume(effect)
    }
    const onDrain = settle(Effect.void)
    const onClose = settle(Effect.fail(new Gone()))
    response.on("drain", onDrain)
    response.on("close", onClose)
    return Effect.sync(() => {
      response.off("drain", onDrain)
      response.off("close", onClose)
    })
  })

/** Ends the answer and waits until its last byte has been handed to the system. */
const end = (response: Http.ServerResponse): Effect.Effect<void, Gone> =>
  Effect.callback((resume) => {
    if (response.closed || response.destroyed) return resume(Effect.fail(new Gone()))
    response.on("close", () => resume(response.writableFinished ? Effect.void : Effect.fail(new Gone())))
    response.end(() => resume(Effect.void))
  })

/** Sends what is written until here, then closes the connection in the middle of the answer. */
const breakOff = (response: Http.ServerResponse): Effect.Effect<never, Gone> =>
  Effect.suspend(() => {
    const socket: Net.Socket | null = response.socket
    socket?.destroySoon()
    return Effect.fail(new Gone())
  })

const writeHead = (response: Http.ServerResponse, answer: Answer): void => {
  const headers = answer.headers.flatMap(([name, value]) => [name, value])
  if (answer.status !== 204 && answer.status !== 304) {
    if (answer.body.kind === "bytes") headers.push("content-length", String(answer.body.bytes.length))
    // without it, the connection would be closed after the answer to a HEAD
    if (answer.body.kind === "none" && headerOf(answer.headers, "content-length") === undefined) {
      headers.push("content-length", "0")
    }
  }
  response.sendDate = false
  response.writeHead(answer.status, headers)
}

const bodyOf = (answer: Answer): Stream.Stream<Uint8Array> =>
  answer.body.kind === "stream"
    ? answer.body.stream
    : answer.body.kind === "bytes"
    ? Stream.make(answer.body.bytes)
    : Stream.empty

const send = Effect.fnUntraced(function*(
  request: Http.IncomingMessage,
  response: Http.ServerResponse,
  answer: Answer,
  broken: Break | undefined
): Effect.fn.Return<void, Gone> {
  if (response.closed || response.destroyed) return yield* new Gone()
  const isHead = request.method === "HEAD"
  writeHead(response, answer)
  if (broken === undefined) {
    if (!isHead) {
      if (answer.body.kind === "bytes") yield* write(response, answer.body.bytes)
      if (answer.body.kind === "stream") yield* Stream.runForEach(answer.body.stream, (chunk) => write(response, chunk))
    }
    response.flushHeaders()
    yield* takeRest(request, response)
    return yield* end(response)
  }
  response.flushHeaders()
  let left = broken.after
  if (!isHead && left > 0) {
    yield* Stream.runForEachWhile(bodyOf(answer), (chunk) => {
      const part = chunk.length > left ? chunk.subarray(0, left) : chunk
      left -= part.length
      return Effect.as(write(response, part), left > 0)
    })
  }
  if (broken.how === "stall") return yield* Effect.never
  return yield* breakOff(response)
})

/** GET and HEAD stop when nobody waits for the answer; what changes something is brought to its end. */
export const stopsWhenUnwanted = (method: string): boolean => method === "GET" || method === "HEAD"

const malformed = JSON.stringify({
  status: 400,
  error: "invalid_request",
  error_description: "The request is not well-formed HTTP"
})

const answerMalformed = (error: NodeJS.ErrnoException, socket: Net.Socket): void => {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy()
    return
  }
  const status = error.code === "HPE_HEADER_OVERFLOW" ? "431 Request Header Fields Too Large" : "400 Bad Request"
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `content-length: ${malformed.length}\r\n\r\n${malformed}`
  )
}

/** Listens until the scope closes, which closes every connection. */
export const listen = Effect.fnUntraced(function*<R>(options: {
  readonly host: string
  readonly port: number
  readonly serve: (request: ServerRequest) => Effect.Effect<Exchange, never, R>
}): Effect.fn.Return<Listening, ListenFailed, Scope.Scope | R> {
  const run = yield* FiberSet.makeRuntime<R, void, never>()
  const sockets = new Set<Net.Socket>()

  const onRequest = (request: Http.IncomingMessage, response: Http.ServerResponse): void => {
    let isHandled = false
    const fiber = run(
      Effect.gen(function*() {
        const exchange = yield* options.serve(requestOf(request))
        isHandled = true
        if (exchange.delivery.kind === "drop") {
          request.socket.destroy()
          return exchange.aborted()
        }
        yield* send(request, response, exchange.delivery.answer, exchange.delivery.break).pipe(
          Effect.matchCauseEffect({
            onSuccess: () => Effect.sync(exchange.finished),
            onFailure: (cause) =>
              Effect.sync(() => {
                exchange.aborted()
                response.destroy()
              }).pipe(Effect.andThen(
                cause.reasons.some((reason) => reason._tag === "Die")
                  ? Effect.logError("The answer broke off", cause)
                  : Effect.void
              ))
          }),
          Effect.onInterrupt(() => Effect.sync(exchange.aborted))
        )
      })
    )
    response.on("close", () => {
      if (!response.writableFinished && (isHandled || stopsWhenUnwanted(request.method ?? "GET"))) {
        Effect.runFork(Fiber.interrupt(fiber))
      }
    })
  }

  const server = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const created = Http.createServer({ maxHeaderSize: 64 * 1024, requestTimeout: 0, keepAliveTimeout: 65_000 })
      created.on("request", onRequest)
      created.on("clientError", answerMalformed)
      created.on("connection", (socket: Net.Socket) => {
        sockets.add(socket)
        socket.on("close", () => sockets.delete(socket))
      })
      return created
    }),
    (created) =>
      Effect.callback<void>((resume) => {
        if (!created.listening) return resume(Effect.void)
        created.close(() => resume(Effect.void))
        created.closeAllConnections()
      })
  )
  const port = yield* Effect.callback<number, ListenFailed>((resume) => {
    const onError = (error: Error): void => resume(Effect.fail(new ListenFailed({ message: error.message })))
    server.on("error", onError)
    server.listen(options.port, options.host, () => {
      server.off("error", onError)
      const address = server.address()
      resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : options.port))
    })
  })
  return { host: options.host, port, openSockets: () => sockets.size }
})
