/**
 * One method of the API as one value: the only place where its path,
 * parameters, body, success and statuses are written. The client executes it,
 * the emulator routes and checks its handler from it, documents are printed
 * from it.
 *
 * @since 0.1.0
 */
import type * as Schema from "effect/Schema"
import type { BadRequest, Forbidden, NotFound, QuotaExceeded } from "./RedivisError.ts"

/**
 * @category models
 * @since 0.1.0
 */
export type Method = "GET" | "HEAD" | "POST" | "PATCH" | "PUT" | "DELETE"

/**
 * The errors of a single operation, beside those that every operation has.
 *
 * @category models
 * @since 0.1.0
 */
export type FailureClass = typeof BadRequest | typeof Forbidden | typeof NotFound | typeof QuotaExceeded

/**
 * The scopes of a token, each of which includes those before it in its group.
 *
 * @category models
 * @since 0.1.0
 */
export type Scope =
  | "data.overview"
  | "data.metadata"
  | "data.data"
  | "data.edit"
  | "organization.read"
  | "organization.write"
  | "workflow.read"
  | "workflow.write"

/**
 * Whether a request may be sent again after a failure that leaves open whether
 * the first one took effect: `always`; `never`, save where the server said that
 * it did nothing; `settle`, after looking whether it did.
 *
 * @category models
 * @since 0.1.0
 */
export type Repeatable = "always" | "never" | "settle"

/**
 * A header of a request that says which part of a resource is wanted, or since
 * when it must have changed. In lower case, as all runtimes give them.
 *
 * @category models
 * @since 0.1.0
 */
export type HeaderName = "range" | "if-modified-since"

/**
 * What a successful answer is. `none` takes whatever comes (`OK`, JSON, nothing).
 *
 * @category models
 * @since 0.1.0
 */
export type Kind = "json" | "text" | "bytes" | "arrow" | "none"

/** The parameter names in a path template: `/datasets/:dataset/versions/:tag` has `dataset` and `tag`. */
type Names<Path extends string> = Path extends `${string}:${infer Rest}`
  ? Rest extends `${infer Name}/${infer Tail}` ? Name | Names<Tail> : Rest
  : never

/**
 * What a path template takes: one text for each of its parameters, not encoded.
 *
 * @category models
 * @since 0.1.0
 */
export type Params<Path extends string> = { readonly [Name in Names<Path>]: string }

/** Keys without a value are left out of an input. */
type Present<Key extends string, Value> = [Value] extends [never] ? unknown
  : {} extends Value ? { readonly [K in Key]?: Value | undefined }
  : { readonly [K in Key]: Value }

/**
 * @category models
 * @since 0.1.0
 */
export interface Operation<
  Name extends string,
  Path extends string,
  Query,
  Body,
  Success,
  K extends Kind,
  Failures extends FailureClass,
  Headers extends HeaderName = HeaderName
> {
  readonly name: Name
  readonly method: Method
  /** Relative to the base URL; a `:name` is one percent-encoded segment. */
  readonly path: Path
  /** The query's parameters. Arrays are sent as one comma-joined value. */
  readonly query: Schema.Codec<Query> | undefined
  /** A JSON body; `multipart` is JSON too where it comes without data. */
  readonly body: { readonly kind: "json" | "multipart"; readonly schema: Schema.Codec<Body> } | undefined
  /** Headers that a request may have. */
  readonly headers: ReadonlyArray<Headers>
  readonly kind: K
  /**
   * The statuses that are answers beside 200: 201 of what makes something, 206
   * of a part, 304 of what has not changed, 308 of storage that wants more.
   */
  readonly statuses: ReadonlyArray<201 | 206 | 304 | 308>
  /** The schema of a JSON answer. */
  readonly success: Schema.Codec<Success> | undefined
  readonly failures: ReadonlyArray<Failures>
  /** Any one of them suffices. None: whoever is signed in. */
  readonly scopes: ReadonlyArray<Scope>
  /**
   * Whether the service was seen to answer it without a token, as it does the
   * rows of public tables of up to 100 MB. It refuses whatever else has none
   * with a 401, public or not.
   */
  readonly anonymous: boolean
  readonly repeatable: Repeatable
  /** Whether it is a listing in pages. */
  readonly paging: boolean
  /** Whether answers are secrets, of which no error may show a part. */
  readonly sensitive: boolean
  readonly stage: "stable" | "beta" | "deprecated"
  /** The path of its page in the documentation of the REST API. */
  readonly documentation: string | undefined
  /** What callers give under another name than the wire's: the wire's name, and theirs. */
  readonly names: Readonly<Record<string, string>>
}

/**
 * Any operation.
 *
 * @category models
 * @since 0.1.0
 */
// oxlint-disable-next-line no-explicit-any -- a codec is invariant, so no other argument admits all operations
export type Any = Operation<string, string, any, any, any, Kind, FailureClass>

/**
 * The input of an operation: `params`, `query`, `body` and `headers`, as far as
 * it has them.
 *
 * @category models
 * @since 0.1.0
 */
export type Input<Op extends Any> = Op extends
  Operation<string, infer Path, infer Query, infer Body, unknown, Kind, FailureClass, infer Headers> ?
    & Present<"params", [Names<Path>] extends [never] ? never : Params<Path>>
    & Present<"query", Query>
    & Present<"body", Body>
    & Present<"headers", [Headers] extends [never] ? never : { readonly [Name in Headers]?: string }>
  : never

/**
 * @category models
 * @since 0.1.0
 */
export type Success<Op extends Any> = Op extends
  Operation<string, string, infer _Q, infer _B, infer A, infer K, FailureClass>
  ? K extends "json" ? A : K extends "text" ? string : K extends "none" ? void : Uint8Array
  : never

/**
 * The errors that an operation has beside the common ones.
 *
 * @category models
 * @since 0.1.0
 */
export type Failure<Op extends Any> = InstanceType<Op["failures"][number]>

/**
 * What an operation may say of itself, whatever it sends and answers.
 *
 * @category models
 * @since 0.1.0
 */
export interface Traits {
  readonly method: Method
  readonly scopes?: ReadonlyArray<Scope>
  readonly anonymous?: boolean
  readonly repeatable?: Repeatable
  readonly paging?: boolean
  readonly sensitive?: boolean
  readonly stage?: "beta" | "deprecated"
  readonly documentation?: string
  readonly names?: Readonly<Record<string, string>>
}

/** What holds of an operation that says nothing else. */
const unsaid = {
  query: undefined,
  headers: [],
  statuses: [],
  success: undefined,
  failures: [],
  scopes: [],
  anonymous: false,
  paging: false,
  sensitive: false,
  stage: "stable",
  documentation: undefined
} as const

/**
 * Builds an operation. What is repeatable by its method need not be said.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <
  const Name extends string,
  const Path extends string,
  Failures extends FailureClass = never,
  Query = never,
  Body = never,
  Success = never,
  const K extends Kind = "json",
  const Headers extends HeaderName = never
>(
  options: Traits & {
    readonly name: Name
    readonly path: Path
    readonly query?: Schema.Codec<Query>
    readonly body?: Schema.Codec<Body>
    readonly multipart?: Schema.Codec<Body>
    readonly success?: Schema.Codec<Success>
    readonly headers?: ReadonlyArray<Headers>
    readonly kind?: K
    readonly statuses?: ReadonlyArray<201 | 206 | 304 | 308>
    readonly failures?: ReadonlyArray<Failures>
  }
): Operation<Name, Path, Query, Body, Success, K, Failures, Headers> => {
  const { body, multipart, ...told } = options
  return {
    ...unsaid,
    kind: "json" as K, // the default of the type parameter
    repeatable: told.method === "POST" ? "never" : "always",
    names: told.paging === true ? { maxResults: "pageSize" } : {},
    ...told,
    body: body !== undefined
      ? { kind: "json", schema: body }
      : multipart && { kind: "multipart", schema: multipart }
  }
}
