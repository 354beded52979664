/** An `HttpClient` of Effect as a transport. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Headers from "effect/http/Headers"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as UrlParams from "effect/http/UrlParams"
import * as Option from "effect/Option"
import * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Body, Transport, TransportFailure, TransportRequest, TransportResponse } from "./transport.ts"

/** What a client fails with is said by its type alone: one that was transformed may fail with anything. */
const reasonOf = (error: unknown): HttpClientError.HttpClientError["reason"] | undefined =>
  HttpClientError.isHttpClientError(error) ? error.reason : undefined

/** The wrapper holds the request and its headers; what the runtime said is inside. */
const failed = (error: unknown): TransportFailure => {
  const reason = reasonOf(error)
  return { cause: reason === undefined ? error : "cause" in reason ? reason.cause : undefined }
}

/** A client that refuses statuses, as one with `filterStatusOk`, has the answer in its error: what it says is for us to tell. */
const refusedAnswer = (error: unknown): Effect.Effect<HttpClientResponse.HttpClientResponse, TransportFailure> => {
  const reason = reasonOf(error)
  return reason?._tag === "StatusCodeError" ? Effect.succeed(reason.response) : Effect.fail(failed(error))
}

/**
 * `fetch` would follow a redirect by itself, with the body and all that a caller
 * added, to wherever it leads.
 */
const leaveRedirects = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) =>
    Effect.provideService(effect, FetchHttpClient.RequestInit, {
      ...Context.getOrUndefined(fiber.context, FetchHttpClient.RequestInit),
      redirect: "manual"
    })
  )

/** Up to so many bytes of a blob are handed on whole: few clients send a stream with its length. */
const mostGathered = 32 * 1024 * 1024

const blobOf = (blob: Blob, contentType: string): Effect.Effect<HttpBody.HttpBody, TransportFailure> =>
  blob.size > mostGathered
    ? Effect.succeed(HttpBody.stream(
      Stream.fromReadableStream({ evaluate: () => blob.stream(), onError: failed }),
      contentType,
      blob.size
    ))
    : Effect.map(
      Effect.tryPromise({ try: () => blob.arrayBuffer(), catch: (cause): TransportFailure => ({ cause }) }),
      (bytes) => HttpBody.uint8Array(new Uint8Array(bytes), contentType)
    )

const bodyOf = (body: Exclude<Body, { readonly kind: "blob" }>): HttpBody.HttpBody => {
  switch (body.kind) {
    case "text":
      return HttpBody.text(body.text, body.contentType)
    case "bytes":
      return HttpBody.uint8Array(body.bytes, body.contentType)
    case "form":
      return HttpBody.formData(body.form)
    case "stream":
      return HttpBody.stream(body.stream, body.contentType, body.size)
  }
}

const requestOf = (
  request: TransportRequest
): Effect.Effect<HttpClientRequest.HttpClientRequest, TransportFailure> => {
  const bare = HttpClientRequest.makeWith(
    request.method,
    request.url,
    UrlParams.empty,
    Option.none(),
    Headers.fromRecordUnsafe({ ...request.headers }),
    HttpBody.empty
  )
  const { body } = request
  if (body === undefined) return Effect.succeed(bare)
  return Effect.map(
    body.kind === "blob" ? blobOf(body.blob, body.contentType) : Effect.succeed(bodyOf(body)),
    (sent) => HttpClientRequest.setBody(bare, sent)
  )
}

const aborted: TransportFailure = { cause: undefined }

/**
 * Fails as soon as the signal is aborted, also where the `HttpClient` does not
 * listen to it. A fiber and a listener do what a race needs two fibers for.
 */
const whileUnaborted = <A>(
  signal: AbortSignal,
  effect: Effect.Effect<A, TransportFailure>
): Effect.Effect<A, TransportFailure> =>
  Effect.withFiber((parent) =>
    Effect.callback((resume) => {
      if (signal.aborted) return resume(Effect.fail(aborted))
      const fiber = Effect.runForkWith(parent.context)(effect)
      const onAbort = (): void => {
        resume(Effect.fail(aborted))
        fiber.interruptUnsafe()
      }
      signal.addEventListener("abort", onAbort)
      fiber.addObserver((exit) => {
        signal.removeEventListener("abort", onAbort)
        resume(exit)
      })
      return Fiber.interrupt(fiber)
    })
  )

const responseOf = (
  response: HttpClientResponse.HttpClientResponse,
  signal: AbortSignal,
  scope: Scope.Closeable
): TransportResponse => {
  const close = Scope.close(scope, Exit.void)
  let pending: Array<Uint8Array> = []
  let pull: Pull.Pull<ReadonlyArray<Uint8Array>, HttpClientError.HttpClientError> | undefined
  const next = Effect.gen(function*() {
    pull ??= yield* Scope.provide(Stream.toPull(response.stream), scope)
    const chunks = yield* Effect.mapError(Pull.catchDone(pull, () => Effect.succeed(undefined)), failed)
    if (chunks === undefined) {
      yield* close
      return undefined
    }
    pending = chunks.slice(1)
    return chunks[0]
  })
  return {
    url: response.url,
    status: response.status,
    headers: response.headers,
    text: whileUnaborted(signal, Effect.ensuring(Effect.mapError(response.text, failed), close)),
    pull: Effect.suspend(() => {
      const chunk = pending.shift()
      return chunk === undefined ? whileUnaborted(signal, next) : Effect.succeed(chunk)
    })
  }
}

const always = (): boolean => true

/** Sends by the `HttpClient`, in a scope that the signal closes. */
export const httpClientTransport = (unscoped: HttpClient.HttpClient): Transport => {
  const client = HttpClient.withScope(unscoped)
  return {
    send: (request, signal) =>
      Effect.suspend(() => {
        const scope = Scope.makeUnsafe()
        // an answer that is read whole closes it by itself
        signal.addEventListener("abort", () => Effect.runFork(Scope.close(scope, Exit.void)), { once: true })
        return whileUnaborted(
          signal,
          Effect.flatMap(requestOf(request), (ready) =>
            client.execute(ready).pipe(
              // the call opens the one span; another would say the same again
              Effect.provideService(HttpClient.TracerDisabledWhen, always),
              leaveRedirects,
              Scope.provide(scope),
              Effect.catch(refusedAnswer),
              Effect.map((response) => responseOf(response, signal, scope))
            ))
        )
      })
  }
}
