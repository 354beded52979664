/** Requests to the URLs of storage that the API hands out. */
import * as Effect from "effect/Effect"
import type { InvalidInput, TransportError, Unauthorized } from "../contract/RedivisError.ts"
import * as Credentials from "./Credentials.ts"
import type { Redivis } from "./Redivis.ts"
import { CurrentTimeout } from "./region.ts"
import { readBounded, send, transportError } from "./call/send.ts"
import type { Body } from "./call/transport.ts"

/**
 * A request to a URL that the API handed out.
 *
 * @category models
 * @since 0.1.0
 */
export interface StorageRequest {
  readonly method: "PUT" | "POST"
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body: Body | undefined
}

/**
 * What storage answers, whatever its status.
 *
 * @category models
 * @since 0.1.0
 */
export interface StorageAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** A link that is slower than this, in bytes a millisecond, has to be given more time by `Redivis.withTimeout`. */
const slowestBytesPerMilli = 20

const sizeOf = (body: Body | undefined): number =>
  body?.kind === "bytes" ? body.bytes.byteLength : body?.kind === "stream" ? body.size : 0

/** Sends to storage. The token goes along only where the caller trusts the origin, or it is the API's own. */
export const storage = (
  redivis: Redivis["Service"],
  request: StorageRequest
): Effect.Effect<StorageAnswer, InvalidInput | Unauthorized | TransportError> =>
  Effect.gen(function*() {
    const { configuration, transport } = redivis.sending
    const token = yield* configuration.credentials
    const authorization = Credentials.authorization(token)
    if (typeof authorization === "object") return yield* authorization
    const controller = new AbortController()
    const at = {
      operation: "storage",
      method: request.method,
      url: request.url,
      platform: configuration.platform
    }
    const headersFor = (url: string, strayed: boolean): Readonly<Record<string, string>> => {
      const { origin } = new URL(url)
      const trusted = !strayed &&
        (origin === configuration.origin || configuration.trustedStorageOrigins.includes(origin))
      return trusted && authorization !== undefined ? { ...request.headers, authorization } : request.headers ?? {}
    }
    const sent = send(transport, { ...at, body: request.body, headersFor }, controller.signal)
    const answer = Effect.flatMap(sent, (response) =>
      Effect.map(readBounded(response), (text) => ({ status: response.status, headers: response.headers, text })))
    const limited = Effect.timeoutOrElse(answer, {
      duration: (yield* CurrentTimeout) ?? configuration.timeout + sizeOf(request.body) / slowestBytesPerMilli,
      orElse: () =>
        Effect.fail(transportError(at, "Timeout"))
    })
    return yield* Effect.ensuring(
      limited,
      Effect.sync(() =>
        controller.abort()
      )
    )
  })
