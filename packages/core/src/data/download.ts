/** Bytes of a file: on over breaks from where they broke off, and held against the size and the hash that the server tells. */
import type * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Exit from "effect/Exit"
import * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type Bytes, isHidden } from "../client/call/execute.ts"
import { again as tryAgain, type Steps } from "../client/retrying.ts"
import { IntegrityError, InvalidInput, type RedivisError, type TransportError } from "../contract/RedivisError.ts"
import { makeMd5 } from "./md5.ts"

/** Which bytes of a file are wanted. */
export interface Range {
  /**
   * The first byte that is wanted.
   *
   * @default 0
   */
  readonly offset?: number | undefined
  /**
   * Bytes at most.
   *
   * @default all that follow
   */
  readonly length?: number | undefined
}

/** Opens an answer; `range` as the header has it, `undefined` for the whole file. */
type Open<E> = (range: string | undefined) => Effect.Effect<Bytes, E, Scope.Scope>

/** What the answers of one download tell of the file. */
interface Known {
  /** Bytes of the whole file. */
  total: number | undefined
  /** Its md5, in base64. */
  md5: string | undefined
  resumable: boolean
  /** Nothing but statuses says what comes: the browser holds it against the length by itself. */
  isHidden: boolean
}

const isCount = (value: number | undefined): boolean =>
  value === undefined || (Number.isSafeInteger(value) && value >= 0)

export const checkRange = (operation: string, range: Range): InvalidInput | undefined => {
  const field = isCount(range.offset) ? isCount(range.length) ? undefined : "length" : "offset"
  return field === undefined
    ? undefined
    : new InvalidInput({ operation, field, reason: "must be a whole number of bytes, 0 or more" })
}

/** Whether the body is another text than the file, so that neither its size nor its hash can be held against it. */
const isEncoded = (headers: Bytes["headers"]): boolean =>
  ["content-encoding", "x-goog-stored-content-encoding"].some((name) => (headers[name] ?? "identity") !== "identity")

const md5Of = (headers: Bytes["headers"]): string | undefined =>
  /\bmd5=:([^:]+):/.exec(headers["content-digest"] ?? "")?.[1] ??
    /\bmd5=([\w+/]+=*)/.exec(headers["x-goog-hash"] ?? "")?.[1]

const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined

/** What a download can fail with, beside what opening it does. */
export type Trouble = TransportError | InvalidInput | IntegrityError

/** Which part an answer says that it is; `null` where it does not say it, `undefined` where it is all of the file. */
const partOf = ({ headers, status }: Answer): RegExpExecArray | null | undefined =>
  status === 206 ? /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers["content-range"] ?? "") : undefined

type Answer = Omit<Bytes, "pull">

/** What is wrong with the part that came, where the bytes from `at` on were asked for. */
export const misplaced = (answer: Answer, at: number): string | undefined => {
  if (isHidden(answer) || isEncoded(answer.headers)) return undefined
  const part = partOf(answer)
  return part === null
    ? "a part came that does not say which one it is"
    : part === undefined || Number(part[1]) === at
    ? undefined
    : `the bytes from ${at} on were asked for, and those from ${part[1]} on came`
}

/** The range as the header has it. */
export const rangeOf = (at: number, to: number | undefined): string | undefined =>
  at === 0 && to === undefined ? undefined : `bytes=${at}-${to === undefined ? "" : to - 1}`

interface Reading<E> {
  /** Opens the first answer, once. */
  readonly begin: Effect.Effect<Bytes, E>
  /** The next bytes; opens the first answer itself where nobody has. */
  readonly next: Pull.Pull<Arr.NonEmptyReadonlyArray<Uint8Array>, E>
}

const reading = <E extends RedivisError>(
  operation: string,
  open: Open<E>,
  range: Range
): Effect.Effect<Reading<E | Trouble>, InvalidInput, Scope.Scope> => {
  type Failure = E | Trouble
  const wrong = checkRange(operation, range)
  if (wrong !== undefined) return Effect.fail(wrong)
  return Effect.map(Effect.scope, (scope) => {
    const from = range.offset ?? 0
    const to = range.length === undefined ? undefined : from + range.length
    const known: Known = { total: undefined, md5: undefined, resumable: false, isHidden: false }
    const hash = from === 0 && to === undefined ? makeMd5() : undefined
    /** The next byte that is wanted. */
    let at = from
    /** Breaks since something came. */
    let breaks = 0
    let brokenSince = 0
    let answer: { readonly bytes: Bytes; readonly scope: Scope.Closeable; skip: number } | undefined

    const refuse = (reason: IntegrityError["reason"], detail: string): IntegrityError => {
      const located = answer === undefined ? {} : { url: answer.bytes.url, status: answer.bytes.status }
      return new IntegrityError({ operation, method: "GET", ...located, reason, detail })
    }

    const close: Effect.Effect<void> = Effect.suspend(() => {
      const ended = answer
      answer = undefined
      return ended === undefined ? Effect.void : Scope.close(ended.scope, Exit.void)
    })

    /** Takes over what an answer tells of the file, unless it is not the one that was asked for. */
    const learn = (bytes: Bytes, isFirst: boolean): IntegrityError | undefined => {
      const { headers } = bytes
      known.isHidden = isHidden(bytes)
      if (known.isHidden) return undefined
      if (isEncoded(headers)) return isFirst ? undefined : refuse("Size", "the file is sent otherwise than it began")
      const wrong = misplaced(bytes, at)
      if (wrong !== undefined) return refuse("Size", wrong)
      const part = partOf(bytes)
      if (!isFirst && !part && at > 0) return refuse("Size", `the bytes from ${at} on were asked for, and all came`)
      const total = numberOf(part ? part[2] : headers["content-length"])
      if (known.total !== undefined && total !== undefined && total !== known.total) {
        return refuse("Size", `the file had ${known.total} bytes when it was begun, and now has ${total}`)
      }
      known.total ??= total
      known.resumable ||= Boolean(part) || headers["accept-ranges"] === "bytes"
      if (!part) known.md5 = md5Of(headers)
      return undefined
    }

    const begin = (isFirst: boolean): Effect.Effect<Bytes, Failure> =>
      Effect.gen(function*() {
        const inner = yield* Scope.fork(scope)
        const bytes = yield* Scope.provide(open(rangeOf(at, to)), inner)
        // a server that takes no ranges sends all of it
        answer = { bytes, scope: inner, skip: bytes.status === 206 ? 0 : at }
        const refused = learn(bytes, isFirst)
        return refused === undefined ? bytes : yield* refused
      })

    const steps: Steps = {}
    const again = (error: Failure): Pull.Pull<Arr.NonEmptyReadonlyArray<Uint8Array>, Failure> =>
      Effect.gen(function*() {
        yield* close
        if (breaks++ === 0) brokenSince = yield* Clock.currentTimeMillis
        const isNext = yield* tryAgain({
          operation,
          error,
          attempt: breaks,
          steps,
          since: brokenSince,
          isRepeatable: known.resumable
        })
        if (!isNext) return yield* Effect.fail(error)
        yield* begin(false)
        return yield* next
      })

    const finish: Pull.Pull<never, Failure> = Effect.suspend((): Pull.Pull<never, Failure> => {
      const expected = known.md5
      const found = hash === undefined || expected === undefined ? expected : Base64.encode(hash.digest())
      return found === expected || hash === undefined
        ? Effect.andThen(close, Cause.done())
        : Effect.fail(refuse("Hash", `the md5 of the file is ${expected}, and that of what came ${found}`))
    })

    const end: Pull.Pull<Arr.NonEmptyReadonlyArray<Uint8Array>, Failure> = Effect.suspend(() => {
      const last = Math.min(to ?? Number.POSITIVE_INFINITY, known.total ?? Number.POSITIVE_INFINITY)
      return at >= last || !Number.isFinite(last) || known.isHidden
        ? finish
        : again(refuse("Size", `${last - from} bytes were to come, and ${at - from} came`))
    })

    const take = (chunk: Uint8Array): Pull.Pull<Arr.NonEmptyReadonlyArray<Uint8Array>, Failure> => {
      const skipped = Math.min(answer!.skip, chunk.length)
      answer!.skip -= skipped
      const wanted = chunk.subarray(skipped, to === undefined ? undefined : Math.max(skipped, skipped + to - at))
      if (wanted.length === 0) return next
      breaks = 0
      at += wanted.length
      if (known.total !== undefined && at > known.total) {
        return Effect.fail(refuse("Size", `the file has ${known.total} bytes, and more came`))
      }
      hash?.update(wanted)
      return Effect.succeed([wanted])
    }

    const next: Pull.Pull<Arr.NonEmptyReadonlyArray<Uint8Array>, Failure> = Effect.suspend(() =>
      to !== undefined && at >= to
        ? finish
        : answer === undefined
        ? Effect.flatMap(begin(true), () => next)
        : Effect.matchEffect(answer.bytes.pull, {
          onFailure: again,
          onSuccess: (chunk) => chunk === undefined ? end : take(chunk)
        })
    )
    return { begin: begin(true), next }
  })
}

/**
 * The bytes as they come.
 *
 * An answer that breaks off is gone on with by another request, where the
 * server said that it takes ranges, and only on a 206 that begins where it was
 * asked to. What came is complete when the size fits, and for a whole file the
 * hash, as far as the server told them.
 */
export const download = <E extends RedivisError>(
  operation: string,
  open: Open<E>,
  range: Range = {}
): Stream.Stream<Uint8Array, E | Trouble> =>
  range.length === 0 && checkRange(operation, range) === undefined
    ? Stream.empty
    : Stream.unwrap(Effect.map(
      reading(operation, open, range),
      ({ next }) => Stream.fromPull(Effect.succeed(next))
    ))

/** The same, once the first answer is there. */
export const beginDownload = <E extends RedivisError>(
  operation: string,
  open: Open<E>,
  range: Range
): Effect.Effect<Bytes<E | Trouble>, E | Trouble, Scope.Scope> =>
  Effect.flatMap(reading(operation, open, range), ({ begin, next }) =>
    Effect.map(begin, (bytes) => ({
      ...bytes,
      pull: Pull.catchDone(
        Effect.map(next, ([chunk]): Uint8Array | undefined => chunk),
        () => Effect.succeed(undefined)
      )
    })))
