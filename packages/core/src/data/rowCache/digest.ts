/** SHA-256 as the runtime has it, with and without a key. */
import * as WebCrypto from "effect/crypto/WebCrypto"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"

/** What makes a digest, as lowercase hexadecimal digits. */
export type Digest = (bytes: Uint8Array) => Effect.Effect<string>

/** Pages that are served without TLS have none. */
export const digest: Effect.Effect<Digest | undefined> = /*#__PURE__*/ Effect.map(
  WebCrypto.WebCrypto,
  (crypto: Crypto | undefined): Digest | undefined => {
    const subtle = crypto?.subtle
    return subtle === undefined
      ? undefined
      : (bytes) =>
        Effect.map(
          // the bytes are never shared memory
          Effect.promise(() => subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)),
          (made) => Hex.encode(new Uint8Array(made))
        )
  }
)

const encoder = /*#__PURE__*/ new TextEncoder()

/** What seals bytes: only who has the secret makes, or alters, what is taken for whole. */
export const sealOf = (secret: string): Effect.Effect<Digest> =>
  Effect.flatMap(WebCrypto.WebCrypto, ({ subtle }) =>
    Effect.map(
      Effect.promise(() =>
        subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"])
      ),
      (key): Digest => (bytes) =>
        Effect.map(
          // the bytes are never shared memory
          Effect.promise(() => subtle.sign("HMAC", key, bytes as Uint8Array<ArrayBuffer>)),
          (made) => Hex.encode(new Uint8Array(made))
        )
    ))
