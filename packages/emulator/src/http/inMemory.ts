/** The handler behind an `HttpClient` of the same process: no sockets, and no time but the clock's. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Context from "effect/Context"
import { type Answer, BodyBroken, type Break, type Exchange, type ServerRequest } from "./message.ts"
import { stopsWhenUnwanted } from "./nodeServer.ts"

export interface Place {
  /** As `http://127.0.0.1:8080`. */
  readonly origin: string
  readonly serve: (request: ServerRequest) => Effect.Effect<Exchange>
}

const failed = (request: HttpClientRequest.HttpClientRequest, description: string): HttpClientError.HttpClientError =>
  new HttpClientError.HttpClientError({
    reason: new HttpClientError.TransportError({ request, description })
  })

interface Content {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Stream.Stream<Uint8Array, BodyBroken>
}

const fromWebBody = (source: Response): Content => {
  const contentType = source.headers.get("content-type")
  return {
    headers: contentType === null ? {} : { "content-type": contentType },
    body: source.body === null ? Stream.empty : Stream.fromReadableStream<Uint8Array, BodyBroken>({
      evaluate: () => source.body!,
      onError: (cause) => new BodyBroken({ cause })
    })
  }
}

const contentOf = (request: HttpClientRequest.HttpClientRequest): Content => {
  const body = request.body
  switch (body._tag) {
    case "Empty":
      return { headers: {}, body: Stream.empty }
    case "Uint8Array":
      return {
        headers: { "content-type": body.contentType, "content-length": String(body.contentLength) },
        body: Stream.make(body.body)
      }
    case "Stream":
      return {
        headers: body.contentLength === undefined ? {} : { "content-length": String(body.contentLength) },
        body: Stream.mapError(body.stream, (cause) => new BodyBroken({ cause }))
      }
    case "FormData":
      return fromWebBody(new Response(body.formData))
    case "Raw":
      // what is raw is what fetch takes as a body
      return fromWebBody(new Response(body.body as BodyInit))
  }
}

/** The connection broke, as a body that is being read shows it. */
const broken = (): Error => new TypeError("terminated: the connection was closed")

const breaking = (body: Stream.Stream<Uint8Array>, at: Break): Stream.Stream<Uint8Array, Error> => {
  const end = at.how === "cut" ? Stream.fail(broken()) : Stream.never
  if (at.after === 0) return end
  let left = at.after
  return body.pipe(
    Stream.map((chunk) => {
      const part = chunk.length > left ? chunk.subarray(0, left) : chunk
      left -= part.length
      return part
    }),
    Stream.takeUntil(() => left <= 0),
    Stream.concat(end)
  )
}

const bodyStream = (answer: Answer): Stream.Stream<Uint8Array> =>
  answer.body.kind === "stream"
    ? answer.body.stream
    : answer.body.kind === "bytes"
    ? Stream.make(answer.body.bytes)
    : Stream.empty

const hasBody = (request: HttpClientRequest.HttpClientRequest, answer: Answer): boolean =>
  request.method !== "HEAD" && ![204, 205, 304].includes(answer.status)

const responseOf = (
  request: HttpClientRequest.HttpClientRequest,
  exchange: Exchange,
  answer: Answer,
  at: Break | undefined,
  signal: AbortSignal,
  context: Context.Context<never>
): Response => {
  const headers = new Headers(answer.headers.map(([name, value]): [string, string] => [name, value]))
  const init = { status: answer.status, headers }
  if (!hasBody(request, answer)) {
    exchange.finished()
    return new Response(null, init)
  }
  if (answer.body.kind !== "stream" && at === undefined) {
    exchange.finished()
    if (answer.body.kind === "none") return new Response(null, init)
    headers.set("content-length", String(answer.body.bytes.length))
    // bytes of an answer are never of shared memory
    return new Response(answer.body.bytes as Uint8Array<ArrayBuffer>, init)
  }
  if (answer.body.kind === "bytes") headers.set("content-length", String(answer.body.bytes.length))
  signal.addEventListener("abort", exchange.aborted, { once: true })
  const whole: Stream.Stream<Uint8Array, Error> = bodyStream(answer)
  const stream = (at === undefined ? whole : breaking(bodyStream(answer), at)).pipe(
    Stream.onExit((exit) => Effect.sync(exit._tag === "Success" ? exchange.finished : exchange.aborted))
  )
  const readable = Stream.toReadableStreamWith(stream, context)
  return new Response(readable as ReadableStream<Uint8Array<ArrayBuffer>>, init) // as above
}

/** A client whose requests to the places are served here and now; to anywhere else they fail. */
export const client: (
  places: () => ReadonlyArray<Place>
) => Effect.Effect<HttpClient.HttpClient, never, Scope.Scope> = Effect.fnUntraced(function*(places) {
  const scope = yield* Effect.scope
  return HttpClient.make((request, url, signal) =>
    Effect.gen(function*() {
      const place = places().find(({ origin }) => origin === url.origin)
      if (place === undefined) return yield* failed(request, `Nothing listens at ${url.origin}`)
      const content = contentOf(request)
      const serve = place.serve({
        method: request.method,
        target: url.pathname + url.search,
        headers: { host: url.host, ...content.headers, ...request.headers },
        body: content.body
      })
      let wanted = true
      const exchange: Exchange = yield* stopsWhenUnwanted(request.method)
        ? serve
        : Effect.flatMap(
          Effect.forkIn(Effect.tap(serve, (done) => Effect.sync(() => wanted || done.aborted())), scope),
          (fiber) =>
            Effect.onInterrupt(Fiber.join(fiber), () =>
              Effect.sync(() => {
                wanted = false
              }))
        )
      if (exchange.delivery.kind === "drop") {
        exchange.aborted()
        return yield* failed(request, "The connection was closed without an answer")
      }
      const context = yield* Effect.context<never>()
      const { answer, break: at } = exchange.delivery
      return HttpClientResponse.fromWeb(request, responseOf(request, exchange, answer, at, signal, context))
    })
  )
})
