/** A source of rows that writes aside what it gives, as it comes. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"
import { log } from "../../client/call/log.ts"
import type * as variable from "../../contract/variable.ts"
import type { RowSource } from "../rows/source.ts"
import type { Digest } from "./digest.ts"
import { type Block, encodeManifest, type Manifest } from "./format.ts"
import { endOfStream, MessageCutter, type RawMessage } from "./messages.ts"
import type { Draft, RowCacheError } from "./store.ts"

/** So many bytes are written, and later read and checked, together at least. */
const blockBytes = 262_144

/** A stream of the session, over however many answers it came. */
interface Recorded {
  /** Its schema, which each answer begins with. */
  schema: Uint8Array | undefined
  /** Rows that are written; those of `last` are not among them. */
  rows: number
  /** The record batch that came last: a break may have taken it back. */
  last: RawMessage | undefined
  readonly blocks: Array<Block>
  gathered: Array<Uint8Array>
  gatheredBytes: number
  hasEnded: boolean
}

export interface Recording {
  /** Gives what the source does. */
  readonly source: RowSource
  /** Ends the entry, once all rows have come. Whether there is one to be committed. */
  readonly end: Effect.Effect<boolean, RowCacheError>
}

const concatenate = (parts: ReadonlyArray<Uint8Array>, length: number): Uint8Array => {
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const lengthOf = (parts: ReadonlyArray<Uint8Array>): number => parts.reduce((sum, { length }) => sum + length, 0)

const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, index) => byte === other[index])

interface Options {
  readonly key: string
  readonly draft: Draft
  /** Gives back what the draft takes. */
  readonly drop: Effect.Effect<void>
  /** Is run where the rows take more than `maxBytes`. */
  readonly passOver: Effect.Effect<void>
  readonly digest: Digest
  readonly seal: Digest
  /** Whether the credentials are still those that the entry is for. */
  readonly isSameAccount: Effect.Effect<boolean>
  readonly maxBytes: number
  /** Rows that are wanted, of those that the table has. */
  readonly numRows: number
  /** Whether they are all. */
  readonly isAll: boolean
}

/** Records what a source gives from the variables of the table to the last byte of the last stream. */
export const record = (source: RowSource, options: Options): Recording => {
  const { digest, draft, key, maxBytes, seal } = options
  const streams = new Map<string, Recorded>()
  let known: ReadonlyArray<variable.Variable> = []
  const writing = Semaphore.makeUnsafe(1)
  let variables: Manifest["variables"] | undefined
  let numRows = 0
  let written = 0
  /** Bytes that all streams have gathered. */
  let pending = 0
  let isAbandoned = false
  let isDropped = false
  let isTooLarge = false

  /** Writes no more, since nothing will come of it. */
  const abandon = (): void => {
    isAbandoned = true
    streams.clear()
  }

  const passOver = (): void => {
    isTooLarge = true
    abandon()
  }

  /** What can no longer be kept takes neither disk nor memory until the reading has ended. */
  const dropAbandoned: Effect.Effect<void> = writing.withPermits(1)(Effect.suspend(() => {
    if (!isAbandoned || isDropped) return Effect.void
    isDropped = true
    return isTooLarge ? Effect.andThen(options.passOver, options.drop) : options.drop
  }))

  const write = (stream: Recorded): Effect.Effect<void, RowCacheError> => {
    const bytes = concatenate(stream.gathered, stream.gatheredBytes)
    pending -= bytes.length
    stream.gathered = []
    stream.gatheredBytes = 0
    return Effect.flatMap(digest(bytes), (found) =>
      writing.withPermits(1)(Effect.suspend(() => {
        if (isAbandoned) return Effect.void
        const block = { offset: written, length: bytes.length, digest: found }
        written += bytes.length
        if (written > maxBytes) {
          passOver()
          return Effect.void
        }
        stream.blocks.push(block)
        return draft.write(bytes)
      })))
  }

  const gather = (stream: Recorded, parts: ReadonlyArray<Uint8Array>): void => {
    const length = lengthOf(parts)
    stream.gathered.push(...parts)
    stream.gatheredBytes += length
    pending += length
  }

  const settle = (stream: Recorded): void => {
    if (stream.last === undefined) return
    gather(stream, stream.last.parts)
    stream.rows += stream.last.rows
    stream.last = undefined
  }

  /** A message of an answer; false where the answers of a stream do not make one stream. */
  const add = (stream: Recorded, message: RawMessage): boolean => {
    if (message.kind === "schema") {
      const schema = concatenate(message.parts, lengthOf(message.parts))
      if (stream.schema !== undefined) return isSame(schema, stream.schema)
      stream.schema = schema
      gather(stream, [schema])
      return true
    }
    settle(stream)
    if (message.kind === "record batch") stream.last = message
    else gather(stream, message.parts)
    return true
  }

  const take = (
    stream: Recorded,
    cutter: MessageCutter,
    chunk: Uint8Array
  ): Effect.Effect<void, RowCacheError> => {
    if (isAbandoned) return Effect.void
    cutter.feed(chunk)
    const isUsable = Result.getOrElse(
      Result.try(() => {
        for (let message = cutter.next(); message !== undefined; message = cutter.next()) {
          if (!add(stream, message)) return false
        }
        return true
      }),
      () => false // the reading refuses it too
    )
    if (!isUsable) {
      abandon()
      return Effect.void
    }
    if (cutter.hasEnded) {
      settle(stream)
      stream.hasEnded = true
    }
    if (written + pending > maxBytes) {
      passOver()
      return Effect.void
    }
    return stream.hasEnded || stream.gatheredBytes >= blockBytes ? write(stream) : Effect.void
  }

  /** The next answer of a stream begins at a row; what came behind it before was not handed on. */
  const begin = (id: string, offset: number): Recorded | undefined => {
    const stream = streams.get(id)
    if (stream === undefined) return undefined
    if (stream.last !== undefined && (stream.last.rows === 0 || stream.rows + stream.last.rows !== offset)) {
      stream.last = undefined
    }
    settle(stream)
    stream.hasEnded = false
    if (stream.rows === offset) return stream
    abandon()
    return undefined
  }

  const lose = (error: RowCacheError): Effect.Effect<void> => {
    abandon()
    return log("Warn", `The rows are read, but not kept. ${error.message}`)
  }

  const lookWhose = Effect.map(options.isSameAccount, (isSame) => {
    if (!isSame) abandon()
  })

  /** A token source may change between two requests: rows that another account was sent are not kept. */
  const sent = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => isAbandoned ? self : Effect.andThen(lookWhose, Effect.tap(self, () => lookWhose)))

  const recorded: RowSource = {
    atOnce: source.atOnce,
    variables: Effect.tap(sent(source.variables), (found) => {
      known = found
      return dropAbandoned
    }),
    session: (body) =>
      Effect.tap(sent(source.session(body)), ({ session }) => {
        // a session in place of one that has expired: nobody knows that its rows are the same
        if (variables !== undefined) abandon()
        const byName = new Map(known.map(({ name, type }) => [name, { name, type }]))
        variables = (body.selectedVariables ?? [...byName.keys()]).flatMap((name) => byName.get(name) ?? [])
        numRows = session.numRows
        if (options.isAll ? numRows !== options.numRows : numRows < options.numRows) abandon()
        for (const { id } of isAbandoned ? [] : session.streams) {
          streams.set(id, {
            schema: undefined,
            rows: 0,
            last: undefined,
            blocks: [],
            gathered: [],
            gatheredBytes: 0,
            hasEnded: false
          })
        }
        return dropAbandoned
      }),
    stream: (id, offset) =>
      Effect.map(sent(source.stream(id, offset)), (answer) => {
        const stream = isAbandoned ? undefined : begin(id, offset)
        if (stream === undefined) return answer
        const cutter = new MessageCutter()
        return {
          ...answer,
          pull: Effect.tap(
            answer.pull,
            (chunk) =>
              chunk === undefined
                ? Effect.void
                : Effect.andThen(
                  Effect.catch(take(stream, cutter, chunk), lose),
                  Effect.suspend(() => isAbandoned ? dropAbandoned : Effect.void)
                )
          )
        }
      })
  }

  const end = Effect.gen(function*() {
    const manifest: Array<ReadonlyArray<Block>> = []
    for (const stream of streams.values()) {
      // one that nobody opened, since there were as many rows as were wanted already
      if (stream.schema === undefined) continue
      if (!stream.hasEnded) return false
      gather(stream, [endOfStream])
      yield* write(stream)
      manifest.push(stream.blocks)
    }
    if (isAbandoned || variables === undefined) return false
    const tail = yield* encodeManifest({ key, variables, numRows, streams: manifest }, seal)
    if (written + tail.length > maxBytes) {
      passOver()
      yield* dropAbandoned
      return false
    }
    yield* draft.write(tail)
    return true
  })

  return { source: recorded, end }
}
