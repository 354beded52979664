/** A file on its way out: whole, or the part that `Range` asks for. */
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { type Answer, answer, type AnswerBody, type HeaderList, noBody } from "../http/message.ts"
import { BadRequest, RangeNotSatisfiable } from "../http/Refusal.ts"
import type * as Model from "../store/model.ts"

export interface ServedFile {
  readonly name: string
  readonly size: number
  /** In base64. */
  readonly md5: string
  readonly bytes: (range?: Model.ByteRange) => Stream.Stream<Uint8Array>
}

const mediaTypes: Readonly<Record<string, string>> = {
  csv: "text/csv; charset=utf-8",
  html: "text/html; charset=utf-8",
  jpg: "image/jpeg",
  json: "application/json",
  ndjson: "application/x-ndjson",
  parquet: "application/vnd.apache.parquet",
  pdf: "application/pdf",
  png: "image/png",
  txt: "text/plain; charset=utf-8",
  xml: "application/xml",
  zip: "application/zip"
}

const mediaTypeOf = (name: string): string => {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase()
  return Object.hasOwn(mediaTypes, ending) ? mediaTypes[ending]! : "application/octet-stream"
}

/** A name between quotes, in characters that a header can have. */
const quoted = (name: string): string =>
  `"${name.replaceAll(/[^\x20-\x7e]/g, "_").replaceAll(/["\\]/g, (character) => `\\${character}`)}"`

const headersOf = ({ md5, name, size }: ServedFile): HeaderList => [
  ["content-type", mediaTypeOf(name)],
  ["content-disposition", `attachment; filename=${quoted(name.slice(name.lastIndexOf("/") + 1))}`],
  ["content-digest", `md5=:${md5}:`],
  ["digest", `md5=${md5}`],
  ["x-redivis-filename", encodeURIComponent(name)],
  ["accept-ranges", "bytes"],
  ["content-length", String(size)]
]

export const fileHead = (file: ServedFile): Answer => answer(200, headersOf(file))

const pattern = /^bytes=(?:(\d+)-(\d*)|-(\d+))$/

/** What of a file of this size is asked for; `undefined` where the header is none of bytes. */
const rangeOf = (header: string, size: number): Model.ByteRange | undefined => {
  const match = pattern.exec(header.trim())
  if (match === null) return undefined
  const [, first, last, suffix] = match
  if (first === undefined) return { from: Math.max(0, size - Number(suffix)), to: size }
  return { from: Number(first), to: last === "" ? size : Math.min(size, Number(last) + 1) }
}

const streamed = (stream: Stream.Stream<Uint8Array>): AnswerBody => ({ kind: "stream", stream })

export const fileAnswer = (
  file: ServedFile,
  header: string | undefined
): Effect.Effect<Answer, BadRequest | RangeNotSatisfiable> => {
  const headers = headersOf(file)
  if (header === undefined) {
    return Effect.succeed(answer(200, headers, file.size === 0 ? noBody : streamed(file.bytes())))
  }
  const range = rangeOf(header, file.size)
  const named = `The range ${JSON.stringify(header.slice(0, 100))} names no bytes of a file of ${file.size}`
  if (range !== undefined && range.from >= file.size) {
    return Effect.fail(new RangeNotSatisfiable({ description: named, size: file.size }))
  }
  if (range === undefined || range.from >= range.to) return Effect.fail(new BadRequest({ description: named }))
  const own = headers.filter(([name]) => name !== "content-length" && name !== "content-digest" && name !== "digest")
  return Effect.succeed(
    answer(206, [
      ...own,
      ["content-length", String(range.to - range.from)],
      ["content-range", `bytes ${range.from}-${range.to - 1}/${file.size}`],
      ["x-goog-hash", `md5=${file.md5}`]
    ], streamed(file.bytes(range)))
  )
}
