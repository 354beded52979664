/** What the functions around publishing succeed with, fail with and require. */
import type * as Codebook from "@effect-redivis/core/Codebook"
import type * as Dataset from "@effect-redivis/core/Dataset"
import type * as Lock from "@effect-redivis/core/Lock"
import type * as Metadata from "@effect-redivis/core/Metadata"
import type * as Publish from "@effect-redivis/core/Publish"
import type { Redivis } from "@effect-redivis/core/Redivis"
import type {
  BadRequest,
  CoercionError,
  Common,
  DeadlineExceeded,
  DecodeError,
  Forbidden,
  IntegrityError,
  JobCancelled,
  JobFailed,
  NotFound,
  PlanOutdated,
  PublishProgress,
  QuotaExceeded,
  VerificationFailed
} from "@effect-redivis/core/RedivisError"
import type * as Version from "@effect-redivis/core/Version"
import type * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import type * as Result from "effect/Result"
import type { All, Equal, Fits } from "./equal.ts"

type Is<F extends (...parameters: never) => unknown, A, E, R> = Equal<ReturnType<F>, Effect.Effect<A, E, R>>

type Described = Common | BadRequest | Forbidden | NotFound

export type Pinning = All<[
  Is<typeof Dataset.pin, Dataset.Pinned, Common | BadRequest | NotFound, Redivis>,
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

type Job = JobFailed | JobCancelled | DeadlineExceeded

type Filling = Described | Job | QuotaExceeded | CoercionError | IntegrityError | VerificationFailed

type Applying = Effect.Error<ReturnType<typeof Publish.apply<never, never>>>

export type Publishing = All<[
  Is<typeof Publish.replaceTable<never, never>, Publish.Filled, Filling, Redivis>,
  // a source's own failures and requirements come through
  Is<
    typeof Publish.replaceTable<"the file is gone", "a disk">,
    Publish.Filled,
    Filling | "the file is gone",
    Redivis | "a disk"
  >,
  Is<typeof Publish.plan<never, never>, Publish.Plan, Common | BadRequest | NotFound, Redivis>,
  Equal<Effect.Success<ReturnType<typeof Publish.apply<never, never>>>, Publish.Report>,
  Equal<Applying["_tag"], (Filling | PlanOutdated)["_tag"]>,
  Fits<Applying["progress"], PublishProgress>,
  Equal<
    Effect.Services<ReturnType<typeof Publish.apply<"the file is gone", "a disk">>>,
    Redivis | "a disk"
  >,
  Equal<
    Extract<Effect.Error<ReturnType<typeof Publish.apply<"the file is gone", "a disk">>>, string>,
    "the file is gone"
  >
]>
