/** Errors by what to do about them, and one catcher for each category. */
import type * as Brand from "effect/Brand"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import type { RedivisError, UnexpectedStatus } from "./RedivisError.ts"

/**
 * The tags of each category. An {@link UnexpectedStatus} belongs to `server`
 * from 500 on and to `input` below, which only its value tells: it is looked
 * at by {@link category}, and stays in the type after a catcher.
 *
 * @category models
 * @since 0.1.0
 */
export interface Categories {
  readonly auth: "Unauthorized" | "Forbidden" | "InsufficientScope"
  readonly missing: "NotFound"
  readonly throttling: "TooManyRequests"
  readonly server: "InternalServerError" | "ServiceUnavailable"
  readonly network: "TransportError"
  readonly input: "InvalidInput" | "BadRequest" | "PlanOutdated"
  readonly quota: "QuotaExceeded"
  readonly decode: "DecodeError" | "CoercionError"
  readonly integrity: "IntegrityError" | "VerificationFailed"
  readonly job: "JobFailed" | "JobCancelled" | "DeadlineExceeded"
}

/**
 * @category models
 * @since 0.1.0
 */
export type Category = keyof Categories

const categories: { readonly [C in Category as Categories[C]]: C } = {
  Unauthorized: "auth",
  Forbidden: "auth",
  InsufficientScope: "auth",
  NotFound: "missing",
  TooManyRequests: "throttling",
  InternalServerError: "server",
  ServiceUnavailable: "server",
  TransportError: "network",
  InvalidInput: "input",
  BadRequest: "input",
  PlanOutdated: "input",
  QuotaExceeded: "quota",
  DecodeError: "decode",
  CoercionError: "decode",
  IntegrityError: "integrity",
  VerificationFailed: "integrity",
  JobFailed: "job",
  JobCancelled: "job",
  DeadlineExceeded: "job"
}

/**
 * The category of an error, or `undefined` where the value is no error of this
 * library.
 *
 * @category categories
 * @since 0.1.0
 */
export const category = (error: unknown): Category | undefined => {
  if (typeof error !== "object" || error === null || !("_tag" in error) || typeof error._tag !== "string") {
    return undefined
  }
  if (error._tag === "UnexpectedStatus" && "status" in error && typeof error.status === "number") {
    return error.status >= 500 ? "server" : "input"
  }
  return Object.hasOwn(categories, error._tag) ? categories[error._tag as keyof typeof categories] : undefined
}

/**
 * All errors of a category. An {@link UnexpectedStatus} is one of `server` or of
 * `input`.
 *
 * @category models
 * @since 0.1.0
 */
export type InCategory<C extends Category> =
  | Extract<RedivisError, { readonly _tag: Categories[C] }>
  | (C extends "server" | "input" ? UnexpectedStatus : never)

/**
 * What it leaves of the union.
 *
 * @category models
 * @since 0.1.0
 */
export type Removed<C extends Category, E> = E extends { readonly _tag: Categories[C] } ? never : E

/**
 * Handles the errors of one category, and leaves the others.
 *
 * @category models
 * @since 0.1.0
 */
export interface Catcher<C extends Category> {
  // the handler says nothing of the effect's own errors, so that they are told by the effect alone
  <A2, E2, R2>(
    handler: (error: InCategory<C>) => Effect.Effect<A2, E2, R2>
  ): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A | A2, Removed<C, E> | E2, R | R2>
  <A, E, R, A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    handler: (error: InCategory<C>) => Effect.Effect<A2, E2, R2>
  ): Effect.Effect<A | A2, Removed<C, E> | E2, R | R2>
}

const catcher = <C extends Category>(wanted: C): Catcher<C> =>
  dual(2, <A, E, R, A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    handler: (error: InCategory<C>) => Effect.Effect<A2, E2, R2>
  ): Effect.Effect<A | A2, Removed<C, E> | E2, R | R2> =>
    Effect.catch(self, (error): Effect.Effect<A2, Removed<C, E> | E2, R2> =>
      category(error) === wanted
        ? handler(error as InCategory<C>) // `category` told so
        : Effect.fail(error as Removed<C, E>)))

/**
 * Whether an error is of a category, for `Effect.catchIf`, `Stream.catchIf` and
 * their like.
 *
 * @category models
 * @since 0.1.0
 */
export type Refinement<C extends Category> = <E>(error: E) => error is OfCategory<C, E>

/**
 * What of an error's type a refinement leaves. An {@link UnexpectedStatus}, which
 * its value puts into a category, stays in what is not of it.
 *
 * @category models
 * @since 0.1.0
 */
export type OfCategory<C extends Category, E> =
  & E
  & (
    | { readonly _tag: Categories[C] }
    | (C extends "server" | "input" ? { readonly _tag: "UnexpectedStatus"; readonly status: Brand.Branded<number, C> }
      : never)
  )

const refinement = <C extends Category>(wanted: C): Refinement<C> => <E>(error: E): error is OfCategory<C, E> =>
  category(error) === wanted

/**
 * Handles failures of credentials and permissions: `Unauthorized`, `Forbidden`, `InsufficientScope`.
 *
 * **Example** (Fall back to public data)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 * import * as RedivisError from "@effect-redivis/core/RedivisError"
 * import * as Effect from "effect/Effect"
 *
 * const dataset = Dataset.get("demo.private").pipe(
 *   RedivisError.catchAuth(() => Dataset.get("demo.public")),
 *   Effect.map((dataset) => dataset.name)
 * )
 * ```
 *
 * @category categories
 * @since 0.1.0
 */
export const catchAuth: Catcher<"auth"> = /*#__PURE__*/ catcher("auth")
/**
 * Handles `NotFound`.
 *
 * @category categories
 * @since 0.1.0
 */
export const catchMissing: Catcher<"missing"> = /*#__PURE__*/ catcher("missing")
/**
 * Handles `TooManyRequests`.
 *
 * @category categories
 * @since 0.1.0
 */
export const catchThrottling: Catcher<"throttling"> = /*#__PURE__*/ catcher("throttling")
/**
 * Handles failures of the service: `InternalServerError`, `ServiceUnavailable`,
 * and `UnexpectedStatus` from 500 on (which stays in the type, since lower
 * statuses pass).
 *
 * @category categories
 * @since 0.1.0
 */
export const catchServer: Catcher<"server"> = /*#__PURE__*/ catcher("server")
/**
 * Handles `TransportError`.
 *
 * @category categories
 * @since 0.1.0
 */
export const catchNetwork: Catcher<"network"> = /*#__PURE__*/ catcher("network")
/**
 * Handles what is wrong with the request: `InvalidInput`, `BadRequest`,
 * `PlanOutdated`, and `UnexpectedStatus` below 500 (which stays in the type, since higher statuses
 * pass).
 *
 * @category categories
 * @since 0.1.0
 */
export const catchInput: Catcher<"input"> = /*#__PURE__*/ catcher("input")
/**
 * Handles `QuotaExceeded`.
 *
 * @category categories
 * @since 0.1.0
 */
export const catchQuota: Catcher<"quota"> = /*#__PURE__*/ catcher("quota")
/**
 * Handles answers and values that do not fit: `DecodeError`, `CoercionError`.
 *
 * @category categories
 * @since 0.1.0
 */
export const catchDecode: Catcher<"decode"> = /*#__PURE__*/ catcher("decode")
/**
 * Handles `IntegrityError` and `VerificationFailed`.
 *
 * @category categories
 * @since 0.1.0
 */
export const catchIntegrity: Catcher<"integrity"> = /*#__PURE__*/ catcher("integrity")
/**
 * Handles `JobFailed`, `JobCancelled` and `DeadlineExceeded`.
 *
 * @category categories
 * @since 0.1.0
 */
export const catchJob: Catcher<"job"> = /*#__PURE__*/ catcher("job")

/**
 * Whether it is an error that {@link catchAuth} handles.
 *
 * @category categories
 * @since 0.1.0
 */
export const isAuth: Refinement<"auth"> = /*#__PURE__*/ refinement("auth")

/**
 * Whether it is an error that {@link catchMissing} handles.
 *
 * @category categories
 * @since 0.1.0
 */
export const isMissing: Refinement<"missing"> = /*#__PURE__*/ refinement("missing")

/**
 * Whether it is an error that {@link catchThrottling} handles.
 *
 * @category categories
 * @since 0.1.0
 */
export const isThrottling: Refinement<"throttling"> = /*#__PURE__*/ refinement("throttling")

/**
 * Whether it is an error that {@link catchServer} handles.
 *
 * **Example** (In a stream)
 *
 * ```ts
 * import * as RedivisError from "@effect-redivis/core/RedivisError"
 * import * as Table from "@effect-redivis/core/Table"
 * import * as Stream from "effect/Stream"
 *
 * const rows = Table.rows("demo.penguins.birds").pipe(
 *   Stream.catchIf(RedivisError.isServer, () => Stream.empty)
 * )
 * ```
 *
 * @category categories
 * @since 0.1.0
 */
export const isServer: Refinement<"server"> = /*#__PURE__*/ refinement("server")

/**
 * Whether it is an error that {@link catchNetwork} handles.
 *
 * @category categories
 * @since 0.1.0
 */
export const isNetwork: Refinement<"network"> = /*#__PURE__*/ refinement("network")

/**
 * Whether it is an error that {@link catchInput} handles.
 *
 * @category categories
 * @since 0.1.0
 */
export const isInput: Refinement<"input"> = /*#__PURE__*/ refinement("input")

/**
 * Whether it is an error that {@link catchQuota} handles.
 *
 * @category categories
 * @since 0.1.0
 */
export const isQuota: Refinement<"quota"> = /*#__PURE__*/ refinement("quota")

/**
 * Whether it is an error that {@link catchDecode} handles.
 *
 * @category categories
 * @since 0.1.0
 */
export const isDecode: Refinement<"decode"> = /*#__PURE__*/ refinement("decode")

/**
 * Whether it is an error that {@link catchIntegrity} handles.
 *
 * @category categories
 * @since 0.1.0
 */
export const isIntegrity: Refinement<"integrity"> = /*#__PURE__*/ refinement("integrity")

/**
 * Whether it is an error that {@link catchJob} handles.
 *
 * @category categories
 * @since 0.1.0
 */
export const isJob: Refinement<"job"> = /*#__PURE__*/ refinement("job")
