/** What an answer may decide: where the client goes, and how much it reads. Nothing of an answer is used but through here. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Configuration } from "./configuration.ts"
import { orWhenLate } from "./time.ts"
import type { TransportFailure, TransportResponse } from "./transport.ts"

/** Not every browser that runs the rest has `URL.canParse`. */
export const urlOf = (text: string, from?: string): URL | undefined => {
  const url = Result.try(() => new URL(text, from))
  return Result.isSuccess(url) ? url.success : undefined
}

/**
 * A URL that an answer from `from` names, where it may be followed: by http or
 * https, without credentials, and in the clear only from what came so.
 */
export const urlIn = (text: unknown, from: string): URL | undefined => {
  const url = typeof text === "string" ? urlOf(text, from) : undefined
  return url !== undefined && url.username === "" && url.password === "" &&
      (url.protocol === "https:" || (url.protocol === "http:" && !/^https:/i.test(from)))
    ? url
    : undefined
}

/** The text of a body up to so many bytes, and whether that was all. */
const readUpTo = (
  { body, pull }: TransportResponse,
  most: number,
  read: { text: string; isWhole: boolean }
): Effect.Effect<void, TransportFailure> => {
  const decoder = new TextDecoder()
  let room = most
  /** Whether more is wanted. */
  const take = (chunk: Uint8Array | undefined): boolean => {
    read.isWhole = chunk === undefined
    read.text += decoder.decode(chunk?.subarray(0, room), { stream: !read.isWhole })
    room -= chunk?.length ?? Infinity
    return room >= 0
  }
  if (body === undefined) {
    const more: Effect.Effect<void, TransportFailure> = Effect.flatMap(
      pull,
      (chunk) => take(chunk) ? more : Effect.void
    )
    return more
  }
  // an Effect for each piece costs more than reading it
  return Effect.callback((resume) => {
    const reader = body()?.getReader()
    const more = (): unknown =>
      reader?.read().then(
        ({ value }) => take(value) ? more() : resume(Effect.void),
        (cause) => resume(Effect.fail({ cause }))
      ) ?? (take(undefined), resume(Effect.void))
    more()
  })
}

/** The text of an answer; `undefined` where it is longer than the client takes. */
export const readText = (
  response: TransportResponse,
  { maxAnswerBytes }: Configuration
): Effect.Effect<string | undefined, TransportFailure> =>
  Effect.suspend(() => {
    const { headers } = response
    // what is told in full and sent as it is, the runtime reads faster
    if (
      Number(headers["content-length"]) <= maxAnswerBytes && !headers["content-encoding"] &&
      !headers["transfer-encoding"]
    ) {
      return Effect.map(response.text, (text) => text.length > maxAnswerBytes ? undefined : text)
    }
    const read = { text: "", isWhole: false }
    return Effect.map(readUpTo(response, maxAnswerBytes, read), () => read.isWhole ? read.text : undefined)
  })

const mostErrorBytes = 65_536
const longestErrorRead = 5_000

/** What was read of a body. */
export interface Beginning {
  readonly text: string
  /** Whether it is the whole body, and the connection is free. */
  readonly isWhole: boolean
}

/** Reads the beginning of a body as text, up to a bound in size and time; what cannot be read is missing. */
export const readBeginning = (response: TransportResponse): Effect.Effect<Beginning> =>
  Effect.suspend(() => {
    const read = { text: "", isWhole: false }
    const ended = () => Effect.void
    return Effect.map(
      Effect.catch(orWhenLate(readUpTo(response, mostErrorBytes, read), longestErrorRead, ended), ended),
      () => read
    )
  })
