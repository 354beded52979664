/** Where entries are kept: sequences of bytes under keys, whole or absent. */
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { harmless } from "../../contract/harmless.ts"

/**
 * The place where entries are kept failed. Reading rows never fails with it:
 * without its cache it reads from the server.
 *
 * @category errors
 * @since 0.1.0
 */
export class RowCacheError
  extends Schema.TaggedError<RowCacheError>("@effect-redivis/core/RowCacheError")("RowCacheError", {
    /** What was tried, as `open` or `clear`. */
    method: Schema.String,
    cause: Schema.Defect()
  })
{
  override get message(): string {
    const { cause } = this
    const reason = typeof cause === "object" && cause !== null && "message" in cause ? cause.message : cause
    return harmless(`The row cache could not ${this.method}: ${String(reason)}. Check the place that its layer names.`)
  }
}

/**
 * An entry as it was when it was opened, whatever becomes of its key meanwhile.
 *
 * @category models
 * @since 0.1.0
 */
export interface Entry {
  /** In bytes. */
  readonly size: number
  /** So many bytes from `offset` on, which lie in the entry. */
  readonly read: (offset: number, length: number) => Effect.Effect<Uint8Array, RowCacheError>
}

/**
 * An entry that is being written. Nobody sees it before it is committed, and
 * nothing is left of it where its scope closes first.
 *
 * @category models
 * @since 0.1.0
 */
export interface Draft {
  /** Adds bytes at the end; they do not change afterwards. */
  readonly write: (bytes: Uint8Array) => Effect.Effect<void, RowCacheError>
  /**
   * Puts the entry in its place at once and whole, in that of one which was
   * there before. Those that were used least recently go, until all fit.
   */
  readonly commit: Effect.Effect<void, RowCacheError>
}

/**
 * Says that somebody reads a table for all who want it meanwhile, until its
 * scope closes.
 *
 * @category models
 * @since 0.1.0
 */
export interface Claim {
  readonly isMine: true
  /** Shows that its holder lives: the next `sign` is another one. */
  readonly beat: Effect.Effect<void, RowCacheError>
  /** Says that nothing will come of it, so that nobody waits for it. */
  readonly giveUp: Effect.Effect<void, RowCacheError>
}

/**
 * The claim of somebody else.
 *
 * @category models
 * @since 0.1.0
 */
export interface Claimed {
  readonly isMine: false
  /** Tells one claim of a key from the next one; empty where that is not known. */
  readonly holder: string
  /** What its last beat left. */
  readonly sign: string
  readonly isGivenUp: boolean
}

/**
 * A place for entries: what a layer of its own is made of. Keys are of letters
 * a to z and digits.
 *
 * @category models
 * @since 0.1.0
 */
export interface Store {
  /** The most that all entries together take, in bytes. */
  readonly maxBytes: number
  /** The entry of a key, which counts as used now; it stays readable until the scope closes, even where it is removed. */
  readonly open: (key: string) => Effect.Effect<Entry | undefined, RowCacheError, Scope.Scope>
  readonly create: (key: string) => Effect.Effect<Draft, RowCacheError, Scope.Scope>
  /**
   * Claims a key that nobody has claimed, or of which the claim still is as
   * `lost` has it: whose holder has shown nothing for so long is gone. Never
   * waits. Where it is left out, claims are made in the memory of the process.
   */
  readonly claim?:
    | ((key: string, lost: Claimed | undefined) => Effect.Effect<Claim | Claimed, RowCacheError, Scope.Scope>)
    | undefined
  readonly remove: (key: string) => Effect.Effect<void, RowCacheError>
  /** Removes all entries. */
  readonly clear: Effect.Effect<void, RowCacheError>
}
