/**
 * What the client cannot know of the runtime it runs on. The packages for Node,
 * Deno and browsers set it; the default fits any runtime with `fetch`.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as SchemaAST from "effect/SchemaAST"

/**
 * @category services
 * @since 0.1.0
 */
export interface Platform {
  /** Whether requests may name the client in `User-Agent`, which browsers forbid. */
  readonly userAgent: boolean
  /** Whether answers have headers that the client cannot see, as those that a server does not expose to pages. */
  readonly hidesHeaders: boolean
  /**
   * Whether the cause of a failed request shows that nothing was sent yet (name
   * look-up, connection, TLS). Where that cannot be told, it is false.
   */
  readonly failedBeforeSending: (cause: unknown) => boolean
  /**
   * What to do where the cause of a failed request shows that a repeat would fail
   * as well: a certificate that does not verify, another protocol on the port, a
   * permission that is missing, a mistake of a program. A sentence, as "Trust the
   * certificate"; undefined where a repeat may help. `reason` is the one of the
   * `TransportError`; without a failure of the runtime the cause is undefined.
   */
  readonly adviceFor: (cause: unknown, reason: string) => string | undefined
  /** Whether a request's body can be a stream that is sent with its `Content-Length`. */
  readonly streamsBodies: boolean
  /**
   * Bodies that one call may read or send at once. Pages over HTTP/1.1 and
   * Workers have six connections to an origin: four leave two for other calls.
   */
  readonly bodies: number
  /**
   * Makes the validation of a schema fast, where the runtime allows code to be
   * made, and gives the check that it made, if one by itself is faster than decoding.
   */
  readonly compile: (ast: SchemaAST.AST) => ((value: unknown) => boolean) | void
}

/**
 * Any runtime with `fetch`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const defaultPlatform: Platform = {
  userAgent: true,
  hidesHeaders: false,
  failedBeforeSending: () => false,
  // what engines say of a program's mistake, and no network says
  adviceFor: (cause) =>
    /is not (a |d)|an(not rea|'t [af])/.test(Object(cause).message) ? "A program's mistake." : undefined,
  streamsBodies: false,
  bodies: 4,
  compile: () => {}
}

/**
 * What a client finds when it is built.
 *
 * @category services
 * @since 0.1.0
 */
export const CurrentPlatform = Context.Reference<Platform>("@effect-redivis/core/Platform/CurrentPlatform", {
  defaultValue: () => defaultPlatform
})
