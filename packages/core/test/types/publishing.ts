/** What the functions around publishing succeed with, fail with and require. */
import type * as Codebook from "@effect-redivis/core/Codebook"
import type * as Dataset from "@effect-redivis/core/Dataset"
import type * as Lock from "@effect-redivis/core/Lock"
import type * as Metadata from "@effect-redivis/core/Metadata"
import type { Redivis } from "@effect-redivis/core/Redivis"
import type { BadRequest, Common, DecodeError, Forbidden, NotFound } from "@effect-redivis/core/RedivisError"
import type * as Version from "@effect-redivis/core/Version"
import type * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import type * as Result from "effect/Result"
import type { All, Equal } from "./equal.ts"

type Is<F extends (...parameters: never) => unknown, A, E, R> = Equal<ReturnType<F>, Effect.Effect<A, E, R>>

type Described = Common | BadRequest | Forbidden | NotFound

export type Pinning = All<[
  Is<typeof Dataset.pin, Dataset.Pinned, Common | NotFound, Redivis>,
  Is<typeof Version.diff, Version.VersionDiff, Described, Redivis>
]>

export type Locks = All<[
  Is<typeof Lock.make, Lock.Lock, Common | BadRequest | NotFound, Redivis>,
  Is<typeof Lock.verify, ReadonlyArray<Lock.Moved>, Common | BadRequest, Redivis>,
  // reading and writing ask nobody but the file system
  Is<typeof Lock.read, Lock.Lock, PlatformError | DecodeError, FileSystem.FileSystem>,
  Is<typeof Lock.write, void, PlatformError, FileSystem.FileSystem>,
  Equal<ReturnType<typeof Lock.parse>, Result.Result<Lock.Lock, DecodeError>>,
  Equal<ReturnType<typeof Lock.format>, string>
]>

export type Describing = All<[
  Is<typeof Metadata.read, Metadata.Description, Described, Redivis>,
  Equal<ReturnType<typeof Metadata.citation>, string>,
  Equal<ReturnType<typeof Metadata.jsonLd>, Metadata.Json>,
  Equal<ReturnType<typeof Codebook.table>, string>
]>
