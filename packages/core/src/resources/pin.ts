/** References that carry the tag of a released version, so that what they name no longer moves. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { unlessOther } from "../client/given.ts"
import { type Executor, executor, type Redivis, withExecutor } from "../client/service.ts"
import { strictly } from "../client/region.ts"
import * as contract from "../contract/dataset.ts"
import type * as Operation from "../contract/Operation.ts"
import { type Common, DecodeError, InvalidInput, type NotFound } from "../contract/RedivisError.ts"
import * as Reference from "../contract/Reference.ts"
import type { Dataset } from "./Dataset.ts"

/**
 * @category errors
 * @since 0.1.0
 */
export type PinError = Common | Operation.Failure<typeof contract.get>

/**
 * A dataset at one released version.
 *
 * @category models
 * @since 0.1.0
 */
export interface Pinned {
  /** With owner, id and tag; every function takes it. */
  readonly reference: Reference.DatasetReference
  /** The same as text. */
  readonly text: Reference.Text
  /** As `v1.0`. */
  readonly tag: string
  readonly dataset: Dataset
  /** The reference of one of its tables, by its name or `name:id`, with the same tag. */
  readonly table: (name: string) => string
}

const read = (input: Reference.DatasetInput): Effect.Effect<Reference.DatasetReference, InvalidInput, Redivis> =>
  withExecutor((redivis) =>
    Effect.fromResult(
      Result.flatMap(Reference.resolveDataset(input, redivis.defaults), (text) => Reference.parseDataset(text))
    )
  )

/** The dataset at a version that stands beside it. */
export const atVersion = (
  input: Reference.DatasetInput,
  version: string,
  field: string
): Effect.Effect<Reference.DatasetReference, InvalidInput, Redivis> =>
  Effect.flatMap(read(input), (reference) => {
    const built = Reference.dataset({ ...reference, version })
    return Result.isSuccess(built)
      ? Effect.succeed(built.success)
      : Effect.fail(
        built.failure.field === "dataset.version"
          ? new InvalidInput({ field, reason: built.failure.reason })
          : built.failure
      )
  })

/**
 * Passes an answer on that tells the id which was asked for. A part of a
 * reference that the service does not know, as a version that is mistyped, is
 * taken for an id here and ignored there.
 */
export const insistOnId = <A, E>(
  answer: Effect.Effect<A, E>,
  redivis: Executor,
  operation: Operation.Any,
  params: Readonly<Record<string, string>>,
  asked: string | undefined,
  told: (answer: A) => string | number | null | undefined
): Effect.Effect<A, E | NotFound | DecodeError> =>
  asked === undefined ? answer : Effect.tap(
    unlessOther(answer, redivis, operation, params, (answer) => {
      const id = told(answer) ?? undefined
      return id === undefined || String(id) === asked ? undefined : `the id ${id}`
    }),
    (answer) =>
      (told(answer) ?? undefined) === undefined
        ? Effect.fail(
          new DecodeError({
            operation: operation.name,
            path: "referenceId",
            expected: `an id, since ${asked} was asked for`
          })
        )
        : Effect.void
  )

/** The id in the reference that an answer has. */
const idIn = (dataset: contract.Dataset): string | undefined =>
  Result.getOrUndefined(Reference.parseDataset(dataset.qualifiedReference))?.id

/** Reads the dataset of a reference, whose id, where one was given, is that of the answer. */
export const datasetOf = (
  redivis: Executor,
  reference: Reference.DatasetReference
): Effect.Effect<contract.Dataset, PinError> => {
  const params = { dataset: Reference.format(reference) }
  return insistOnId(
    redivis.execute(contract.get, { params }),
    redivis,
    contract.get,
    params,
    reference.id,
    (dataset) => dataset.referenceId ?? idIn(dataset)
  )
}

/**
 * Finds out once which version a dataset is at, and gives references that carry
 * its tag: whatever is released meanwhile, they name the same rows.
 *
 * **Details**
 *
 * `GET /datasets/:dataset`. Without a version the reference is taken as
 * `current`, even while a draft is being prepared. The service ignores a part of
 * a reference that it does not know, as a version that is mistyped: here the
 * answer must have the id and the version that were asked for.
 *
 * **Failures**
 *
 * - `InvalidInput`: the reference names `next`, which moves, or nothing was released yet
 * - `NotFound`: there is no such dataset or version, the token may not see it, or the service gives another one
 *
 * **Example** (Two reads of one version)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 * import * as Table from "@effect-redivis/core/Table"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const both = Effect.gen(function*() {
 *   const pinned = yield* Dataset.pin("demo.penguins")
 *   const birds = yield* Stream.runCollect(Table.rows(pinned.table("birds")))
 *   const nests = yield* Stream.runCollect(Table.rows(pinned.table("nests")))
 *   return { tag: pinned.tag, birds, nests }
 * })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const pin = (input: Reference.DatasetInput): Effect.Effect<Pinned, PinError, Redivis> =>
  Effect.gen(function*() {
    const given = yield* read(input)
    const asked = given.version ?? "current"
    if (asked.toLowerCase() === "next") {
      return yield* new InvalidInput({
        field: "dataset.version",
        reason: "is next, which moves until it is released: name a released version, or none for the current one"
      })
    }
    const wanted = yield* Effect.fromResult(Reference.dataset({ ...given, version: asked }))
    const redivis = yield* executor
    const dataset = yield* datasetOf(redivis, wanted)
    if (dataset.version?.tag === "next") {
      return yield* new InvalidInput({
        field: "dataset.version",
        reason: "cannot be pinned: the dataset has no released version, and its draft moves until it is released"
      })
    }
    const known = Reference.parseDataset(dataset.qualifiedReference)
    const tag = dataset.version?.tag ?? (Result.isSuccess(known) ? known.success.version?.replace("_", ".") : undefined)
    if (Result.isFailure(known) || tag === undefined || !/^v\d+\.\d+$/i.test(tag)) {
      return yield* new DecodeError({
        operation: contract.get.name,
        path: "version.tag",
        expected: "the tag of a released version"
      })
    }
    const reference = yield* Effect.fromResult(Reference.dataset({ ...known.success, version: tag.replace(".", "_") }))
    const text = Reference.format(reference)
    return { reference, text, tag, dataset, table: (name: string) => `${text}.${name}` }
  }).pipe(strictly)
