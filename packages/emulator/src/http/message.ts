/** Requests and answers of the emulator, whatever carries them: a socket, or a call in the same process. */
import * as Data from "effect/Data"
import type * as Stream from "effect/Stream"
import * as ExactJson from "./exactJson.ts"

/** The sender went away before the body was whole. */
export class BodyBroken extends Data.TaggedError("BodyBroken")<{ readonly cause?: unknown }> {}

export interface ServerRequest {
  readonly method: string
  /** Path and query as they came, not decoded. */
  readonly target: string
  /** Names in lower case; what is repeated is joined by ", ". */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Stream.Stream<Uint8Array, BodyBroken>
}

export type HeaderList = ReadonlyArray<readonly [name: string, value: string]>

export type AnswerBody =
  | { readonly kind: "none" }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "stream"; readonly stream: Stream.Stream<Uint8Array> }

export interface Answer {
  readonly status: number
  /** Names may repeat. */
  readonly headers: HeaderList
  readonly body: AnswerBody
}

/** After some bytes of a body, the connection is closed, or nothing more comes. */
export interface Break {
  readonly after: number
  readonly how: "cut" | "stall"
}

/** What is to happen to an answer on its way: whole, broken, or no answer at all. */
export type Delivery =
  | { readonly kind: "answer"; readonly answer: Answer; readonly break?: Break | undefined }
  | { readonly kind: "drop" }

/** One request under way, told by its carrier how it ended. */
export interface Exchange {
  readonly delivery: Delivery
  /** The answer has left whole. */
  readonly finished: () => void
  /** It has not, and will not. */
  readonly aborted: () => void
}

const encoder = new TextEncoder()

export const noBody: AnswerBody = { kind: "none" }

export const textBody = (text: string): AnswerBody => ({ kind: "bytes", bytes: encoder.encode(text) })

export const answer = (status: number, headers: HeaderList = [], body: AnswerBody = noBody): Answer => ({
  status,
  headers,
  body
})

export const json = (status: number, value: unknown, headers: HeaderList = []): Answer =>
  answer(
    status,
    [["content-type", "application/json; charset=utf-8"], ...headers],
    textBody(ExactJson.stringify(value))
  )

export const text = (status: number, value: string, contentType = "text/plain; charset=utf-8"): Answer =>
  answer(status, [["content-type", contentType]], textBody(value))

/** The headers with those of a name replaced by new ones; none removes them. */
export const withHeader = (headers: HeaderList, name: string, ...values: ReadonlyArray<string>): HeaderList => {
  const lower = name.toLowerCase()
  return [
    ...headers.filter(([known]) => known.toLowerCase() !== lower),
    ...values.map((value) => [name, value] as const)
  ]
}

export const headerOf = (headers: HeaderList, name: string): string | undefined =>
  headers.find(([known]) => known.toLowerCase() === name)?.[1]
