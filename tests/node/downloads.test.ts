/** Files on their way down: whole or in part, on over breaks, and never other bytes than were asked for. */
import * as RawFile from "@effect-redivis/core/RawFile"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { gzipSync } from "node:zlib"
import { against, quickly, token } from "./scriptedClient.ts"
import { type Answer, type Reply, serve } from "./scriptedServer.ts"

const file = Buffer.from("0123456789abcdefghij")

const md5 = createHash("md5").update(file).digest("base64")

const read = (options?: RawFile.BytesOptions) =>
  quickly(Effect.map(Stream.runCollect(RawFile.bytes("f", options)), (chunks) => Buffer.concat(chunks).toString()))

const whole = (reply: Reply = {}): Reply => ({
  body: file,
  ...reply,
  headers: { "accept-ranges": "bytes", "content-digest": `md5=:${md5}:`, ...reply.headers }
})

/** The first bytes of the file, before the connection ends. */
const broken = (bytes: number, headers: Readonly<Record<string, string>> = {}): Reply =>
  whole({ body: file.subarray(0, bytes), after: "cut", headers: { "content-length": String(file.length), ...headers } })

const part = (from: number, to: number, total: number | string = file.length): Reply => ({
  status: 206,
  headers: { "content-range": `bytes ${from}-${to - 1}/${total}` },
  body: file.subarray(from, to)
})

const rangesOf = (received: ReadonlyArray<{ readonly headers: { readonly range?: string | undefined } }>) =>
  received.map(({ headers }) => headers.range)

/** What a download against these answers gives or fails with, and the ranges that were asked for. */
const downloading = (answers: ReadonlyArray<Answer>, options?: RawFile.BytesOptions) =>
  Effect.map(against(answers, read(options)), ({ received, result }) => ({
    text: result._tag === "Success" ? result.success : undefined,
    tag: result._tag === "Failure" ? result.failure._tag : undefined,
    reason: result._tag === "Failure" && "reason" in result.failure ? result.failure.reason : undefined,
    ranges: rangesOf(received)
  }))

describe("a download", () => {
  it.live("of a whole file asks for no range and holds it against its md5", () =>
    Effect.gen(function*() {
      const { ranges, text } = yield* downloading([whole()])
      assert.deepStrictEqual([text, ranges], [file.toString(), [undefined]])
    }))

  it.live.each(["content-digest", "x-goog-hash"])(
    "of other bytes than the md5 in %s says fails",
    (name) =>
      Effect.gen(function*() {
        const other = name === "x-goog-hash"
          ? "crc32c=AAAAAA==,md5=AAAAAAAAAAAAAAAAAAAAAA=="
          : "md5=:AAAAAAAAAAAAAAAAAAAAAA==:"
        const { reason, tag } = yield* downloading([{ body: file, headers: { [name]: other } }])
        assert.deepStrictEqual([tag, reason], ["IntegrityError", "Hash"])
      })
  )

  it.live("goes on where the connection broke, as often as it does", () =>
    Effect.gen(function*() {
      const { ranges, text } = yield* downloading([
        broken(5),
        { ...part(5, 11), after: "cut", headers: { ...part(5, 20).headers, "content-length": "15" } },
        part(11, 20)
      ])
      assert.deepStrictEqual([text, ranges], [file.toString(), [undefined, "bytes=5-", "bytes=11-"]])
    }))

  it.live("that breaks before anything came is begun again", () =>
    Effect.gen(function*() {
      const { ranges, text } = yield* downloading([broken(0), whole()])
      assert.deepStrictEqual([text, ranges], [file.toString(), [undefined, undefined]])
    }))

  it.live("is not begun again where the server takes no ranges", () =>
    Effect.gen(function*() {
      const { ranges, tag } = yield* downloading([broken(5, { "accept-ranges": "none" }), whole()])
      assert.deepStrictEqual([tag, ranges.length], ["TransportError", 1])
    }))

  it.live.each<readonly [string, Reply]>([
    ["begins elsewhere", part(6, 20)],
    ["is the whole file", whole()],
    ["does not say where it begins", { status: 206, body: file.subarray(5) }],
    ["is of a file that has grown", part(5, 20, 21)]
  ])("does not go on with an answer that %s", ([, answer]) =>
    Effect.gen(function*() {
      const { reason, tag } = yield* downloading([broken(5), answer])
      assert.deepStrictEqual([tag, reason], ["IntegrityError", "Size"])
    }))

  it.live("finds that the file was changed between its parts", () =>
    Effect.gen(function*() {
      const { reason, tag } = yield* downloading([
        broken(5),
        { ...part(5, 20), body: Buffer.from("fifteen others!") }
      ])
      assert.deepStrictEqual([tag, reason], ["IntegrityError", "Hash"])
    }))

  it.live("gives up after as many breaks as there may be attempts", () =>
    Effect.gen(function*() {
      const dead: Reply = { ...part(5, 5), after: "cut", headers: { ...part(5, 20).headers, "content-length": "15" } }
      const { ranges, tag } = yield* downloading([broken(5), dead, dead, dead, dead, dead, dead])
      assert.deepStrictEqual([tag, ranges.length], ["TransportError", 5])
    }))

  it.live("of a part asks for its range", () =>
    Effect.gen(function*() {
      const { ranges, text } = yield* downloading([part(4, 9)], { offset: 4, length: 5 })
      assert.deepStrictEqual([text, ranges], ["45678", ["bytes=4-8"]])
    }))

  it.live("of a part goes on inside of it", () =>
    Effect.gen(function*() {
      const { ranges, text } = yield* downloading([
        { ...part(4, 6), after: "cut", headers: { ...part(4, 9).headers, "content-length": "5" } },
        part(6, 9)
      ], { offset: 4, length: 5 })
      assert.deepStrictEqual([text, ranges], ["45678", ["bytes=4-8", "bytes=6-8"]])
    }))

  it.live("of a part is cut from the whole where that is what comes", () =>
    Effect.gen(function*() {
      const { text } = yield* downloading([whole()], { offset: 4, length: 5 })
      assert.strictEqual(text, "45678")
    }))

  it.live("of another part than was asked for fails", () =>
    Effect.gen(function*() {
      const { reason, tag } = yield* downloading([part(3, 8)], { offset: 4, length: 5 })
      assert.deepStrictEqual([tag, reason], ["IntegrityError", "Size"])
    }))

  it.live("of a part that reaches beyond the end is shorter", () =>
    Effect.gen(function*() {
      const { text } = yield* downloading([part(15, 20)], { offset: 15, length: 50 })
      assert.strictEqual(text, "fghij")
    }))

  it.live("holds a compressed body against nothing that is said of its bytes", () =>
    Effect.gen(function*() {
      const zipped = gzipSync(file)
      const { text } = yield* downloading([{
        body: zipped,
        headers: {
          "content-encoding": "gzip",
          "content-length": String(zipped.length),
          "x-goog-hash": `md5=${createHash("md5").update(zipped).digest("base64")}`
        }
      }])
      assert.strictEqual(text, file.toString())
    }))

  it.live("takes its range to the storage that it is led to, and not the token", () =>
    Effect.gen(function*() {
      const storage = yield* serve(() => part(4, 9))
      const { received, result } = yield* against(
        [{ status: 302, headers: { location: `${storage.origin}/f` } }],
        read({ offset: 4, length: 5 })
      )
      assert.strictEqual(result._tag === "Success" ? result.success : result.failure._tag, "45678")
      assert.strictEqual(received[0]?.headers.authorization, `Bearer ${token}`)
      assert.deepStrictEqual(
        storage.received.map(({ headers }) => [headers.range, headers.authorization]),
        [["bytes=4-8", undefined]]
      )
    }))

  it.live("of nothing, or of what is no number of bytes, sends no request", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* downloading([], { length: 0 })).text, "")
      for (const options of [{ offset: -1 }, { offset: 0.5 }, { length: Number.NaN }]) {
        const { ranges, tag } = yield* downloading([], options)
        assert.deepStrictEqual([tag, ranges], ["InvalidInput", []])
      }
    }))
})
