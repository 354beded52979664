/** Node's files, which `@effect/platform-node` brings to those who use them. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"

/** Loaded with its first use, so that who uses no files need not install it. */
export const layer: Layer.Layer<FileSystem.FileSystem> = Layer.unwrap(
  Effect.tryPromise({
    try: () => import("@effect/platform-node/NodeFileSystem"),
    catch: (cause) =>
      new Error("Files on Node and Bun need @effect/platform-node: npm install @effect/platform-node", { cause })
  }).pipe(Effect.orDie, Effect.map((module) => module.layer))
)
