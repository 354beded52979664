/**
 * How requests get onto the wire. There are two ways: the runtime's `fetch`
 * itself, which weighs little, and any `HttpClient` of Effect.
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"

/** A body: JSON as text, bytes, a form, what a runtime holds by itself (a `File` too), or a stream whose length is known. */
export type Body =
  | { readonly kind: "text"; readonly text: string; readonly contentType: string }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly contentType: string }
  | { readonly kind: "form"; readonly form: FormData }
  | { readonly kind: "blob"; readonly blob: Blob; readonly contentType: string }
  | {
    readonly kind: "stream"
    readonly stream: Stream.Stream<Uint8Array, unknown>
    readonly size: number
    readonly contentType: string
  }

export interface TransportRequest {
  readonly method: string
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Body | undefined
}

/** What the runtime said where an exchange failed. */
export interface TransportFailure {
  readonly cause: unknown
}

export interface TransportResponse {
  /** After redirects that the runtime followed itself. */
  readonly url: string
  /** 0: a redirect that a browser hides. */
  readonly status: number
  /** Names in lower case; repeated ones joined. */
  readonly headers: Readonly<Record<string, string>>
  /** The body whole. */
  readonly text: Effect.Effect<string, TransportFailure>
  /** The next bytes of the body; `undefined` after the last. Not beside `text`. */
  readonly pull: Effect.Effect<Uint8Array | undefined, TransportFailure>
  /** The runtime's own stream of the body, where it has one; `null` without a body. Not beside the others. */
  readonly body?: (() => ReadableStream<Uint8Array> | null) | undefined
}

export interface Transport {
  /**
   * Sends, and gives the response when its headers are there. Once the signal is
   * aborted, whatever is waited for fails, and the socket is free.
   */
  readonly send: (
    request: TransportRequest,
    signal: AbortSignal
  ) => Effect.Effect<TransportResponse, TransportFailure>
}
