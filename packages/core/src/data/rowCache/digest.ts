/** SHA-256 as the runtime has it. */
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
