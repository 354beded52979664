/** Streams that went wrong: drawn by fast-check from well-formed ones, message by message and byte by byte. */
import * as FastCheck from "fast-check"
import { bodyLengthAt, lastLengthAt, messagesOf } from "./messages.ts"
import { emptyStreams, flatStreams, mixedStreams, type NamedStream } from "./wholeStreams.ts"
import * as W from "./writing.ts"

const kind = W.fields.dictionary(W.fields.utf8("kind"), 4)
const dictionary = (...texts: ReadonlyArray<string>): Uint8Array =>
  W.dictionaryBatch(4, texts.length, W.columns.texts(texts))
const indices = (...values: ReadonlyArray<number | null>): Uint8Array =>
  W.recordBatch(values.length, [W.columns.numbers(values, Int8Array)])

/** What the others lack: dictionaries that are replaced, empty batches between others, many columns. */
const moreStreams: ReadonlyArray<NamedStream> = [
  [
    "a dictionary that is replaced",
    W.concat(W.schema([kind]), dictionary("a", "bé"), indices(0, 1), dictionary("c"), indices(0, null), W.end),
    false
  ],
  [
    "empty batches between others",
    W.concat(W.schema([kind]), dictionary("a"), indices(), indices(0), indices(), indices(0), indices(), W.end),
    true
  ],
  [
    "many columns",
    W.concat(
      W.schema(Array.from({ length: 60 }, (_, i) => i % 2 === 0 ? W.fields.int(`c${i}`, 32) : W.fields.utf8(`c${i}`))),
      W.recordBatch(
        2,
        Array.from({ length: 60 }, (_, i) => i % 2 === 0 ? W.columns.numbers([i, null]) : W.columns.texts(["x", "é"]))
      ),
      W.end
    ),
    false
  ]
]

export const streams: ReadonlyArray<NamedStream> = [
  ...mixedStreams,
  ...emptyStreams,
  ...moreStreams,
  ...flatStreams
]

const messages = streams.map(([, bytes]) => messagesOf(bytes))

/** Places are drawn without regard to how long a stream is, and taken modulo its length. */
const place = FastCheck.nat()

const extremes = [2n ** 15n, 2n ** 16n - 1n, 2n ** 31n - 8n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n]

const interesting = FastCheck.oneof(
  FastCheck.constantFrom(0n, 1n, -1n, 2n, 7n, 8n, 63n, 64n, 127n, 255n, 256n),
  FastCheck.constantFrom(...extremes, 2n ** 40n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n))
)

/** What stands in place of a word, or is added to it, or whose place in the message is taken from. */
const replaced = FastCheck.oneof(
  FastCheck.record({ how: FastCheck.constant("set"), value: interesting }),
  FastCheck.record({
    how: FastCheck.constant("add"),
    value: FastCheck.constantFrom(1n, -1n, 2n, -2n, 4n, -4n, 8n, -8n, 16n, -16n, 64n, -64n)
  }),
  FastCheck.record({ how: FastCheck.constant("copy"), value: FastCheck.bigInt({ min: 0n, max: 4095n }) }),
  FastCheck.record({ how: FastCheck.constant("set"), value: FastCheck.bigInt({ min: 0n, max: 200n }) })
)

const step = FastCheck.oneof(
  {
    weight: 4,
    arbitrary: FastCheck.record({
      do: FastCheck.constant("flip"),
      at: place,
      by: FastCheck.integer({ min: 1, max: 255 })
    })
  },
  {
    weight: 12,
    arbitrary: FastCheck.record({
      do: FastCheck.constant("word"),
      message: place,
      at: place,
      width: FastCheck.constantFrom(1, 2, 4, 8),
      /** Whether the word is one of the metadata, where lengths and offsets are. */
      inMetadata: FastCheck.constantFrom(true, true, true, false),
      replaced
    })
  },
  {
    weight: 1,
    arbitrary: FastCheck.record({
      do: FastCheck.constant("claim"),
      message: place,
      more: FastCheck.constantFrom(8n, 64n, 2n ** 20n, 2n ** 31n, 2n ** 40n)
    })
  },
  { weight: 1, arbitrary: FastCheck.record({ do: FastCheck.constant("repeat"), message: place, to: place }) },
  { weight: 1, arbitrary: FastCheck.record({ do: FastCheck.constant("remove"), message: place }) },
  { weight: 1, arbitrary: FastCheck.record({ do: FastCheck.constant("exchange"), message: place, other: place }) },
  {
    weight: 3,
    arbitrary: FastCheck.record({
      do: FastCheck.constant("borrow"),
      stream: FastCheck.nat(streams.length - 1),
      from: place,
      to: place,
      replaces: FastCheck.boolean()
    })
  },
  {
    weight: 1,
    arbitrary: FastCheck.record({
      do: FastCheck.constant("splice"),
      stream: FastCheck.nat(streams.length - 1),
      message: place,
      from: place
    })
  },
  {
    weight: 2,
    arbitrary: FastCheck.record({
      do: FastCheck.constant("shorten"),
      message: place,
      by: FastCheck.integer({ min: 1, max: 130 })
    })
  },
  {
    weight: 2,
    arbitrary: FastCheck.record({
      do: FastCheck.constant("insert"),
      message: place,
      at: place,
      bytes: FastCheck.oneof(
        FastCheck.uint8Array({ maxLength: 20 }),
        FastCheck.constantFrom(8, 16, 64, 72, 128).map((length) => new Uint8Array(length))
      )
    })
  },
  {
    weight: 1,
    arbitrary: FastCheck.record({
      do: FastCheck.constant("double"),
      message: place,
      from: place,
      length: FastCheck.nat(200)
    })
  }
)

type Step = typeof step extends FastCheck.Arbitrary<infer A> ? A : never

const among = (index: number, count: number): number => count === 0 ? 0 : index % count

const setWord = (
  message: Uint8Array,
  { at, inMetadata, replaced, width }: Extract<Step, { readonly do: "word" }>
): void => {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  if (message.length < 8) return
  const end = inMetadata ? Math.min(message.length, 8 + Math.max(0, view.getInt32(4, true))) : message.length
  const words = Math.floor(end / width)
  if (words === 0) return
  const read = (word: number): bigint =>
    width === 8
      ? view.getBigInt64(word * 8, true)
      : BigInt(
        width === 4 ? view.getInt32(word * 4, true) : width === 2 ? view.getInt16(word * 2, true) : view.getInt8(word)
      )
  const word = at % words
  const value = replaced.how === "set"
    ? replaced.value
    : replaced.how === "add"
    ? read(word) + replaced.value
    : read(Number(replaced.value) % words)
  if (width === 8) view.setBigInt64(word * 8, BigInt.asIntN(64, value), true)
  else if (width === 4) view.setInt32(word * 4, Number(BigInt.asIntN(32, value)), true)
  else if (width === 2) view.setInt16(word * 2, Number(BigInt.asIntN(16, value)), true)
  else view.setInt8(word, Number(BigInt.asIntN(8, value)))
}

/** A body that is longer than what comes, and a last buffer that fills it: a lie that only the bytes give away. */
const claimMore = (message: Uint8Array, more: bigint): void => {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  try {
    const places = [bodyLengthAt(view, 0), lastLengthAt(view)]
    if (places.includes(0)) return
    for (const at of places) view.setBigInt64(at, view.getBigInt64(at, true) + more, true)
  } catch {
    // the message was changed before, and says nothing of itself any more
  }
}

const applied = (parts: ReadonlyArray<Uint8Array>, step: Step): ReadonlyArray<Uint8Array> => {
  const index = "message" in step ? among(step.message, parts.length) : 0
  const part = parts[index]
  if (part === undefined) return parts
  const at = "at" in step ? among(step.at, part.length + 1) : 0
  switch (step.do) {
    case "flip": {
      const whole = W.concat(...parts)
      if (whole.length > 0) whole[step.at % whole.length]! ^= step.by
      return [whole]
    }
    case "word": {
      const changed = part.slice()
      setWord(changed, step)
      return parts.with(index, changed)
    }
    case "claim": {
      const changed = part.slice()
      claimMore(changed, step.more)
      return parts.with(index, changed)
    }
    case "repeat":
      return parts.toSpliced(among(step.to, parts.length + 1), 0, part)
    case "remove":
      return parts.toSpliced(index, 1)
    case "exchange": {
      const other = among(step.other, parts.length)
      return parts.with(index, parts[other] ?? part).with(other, part)
    }
    case "borrow": {
      const borrowed = messages[step.stream]!
      return parts.toSpliced(
        among(step.to, parts.length + 1),
        step.replaces ? 1 : 0,
        borrowed[among(step.from, borrowed.length)]!
      )
    }
    case "splice": {
      const other = messages[step.stream]!
      return [...parts.slice(0, index), ...other.slice(among(step.from, other.length))]
    }
    case "shorten":
      return parts.with(index, part.slice(0, Math.max(0, part.length - step.by)))
    case "insert":
      return parts.with(index, W.concat(part.slice(0, at), step.bytes, part.slice(at)))
    case "double": {
      const from = among(step.from, part.length)
      return parts.with(index, W.concat(part.slice(0, from + step.length), part.slice(from)))
    }
  }
}

const seldom = <A>(arbitrary: FastCheck.Arbitrary<A>): FastCheck.Arbitrary<A | undefined> =>
  FastCheck.oneof(
    { weight: 7, arbitrary: FastCheck.constant(undefined) },
    { weight: 1, arbitrary }
  )

/** How a stream arrives: lengths of its pieces, again and again. */
const pieces = FastCheck.array(FastCheck.oneof(FastCheck.nat(20), FastCheck.nat(3000)), { minLength: 1, maxLength: 6 })

export interface Fuzzed {
  readonly name: string
  /** Whether the bytes are those of the well-formed stream. */
  readonly isWhole: boolean
  readonly bytes: Uint8Array
  readonly options: { readonly sentinel: boolean; readonly maxRows: number | undefined }
  readonly pieces: ReadonlyArray<number>
  readonly otherPieces: ReadonlyArray<number>
  /** Chooses what variables the columns are read as. */
  readonly variable: number
}

export const fuzzed: FastCheck.Arbitrary<Fuzzed> = FastCheck.record({
  stream: FastCheck.nat(streams.length - 1),
  steps: FastCheck.array(step, { maxLength: 4 }),
  cut: seldom(place),
  sentinel: FastCheck.constantFrom(false, false, false, true),
  maxRows: seldom(FastCheck.nat(10)),
  pieces,
  otherPieces: pieces,
  variable: FastCheck.nat(7)
}).map(({ cut, maxRows, otherPieces, pieces, sentinel, steps, stream, variable }) => {
  const [name, , hasSentinel] = streams[stream]!
  // a message that is changed is copied, a byte that is flipped is one of a copy
  const changed = W.concat(...steps.reduce(applied, messages[stream]!))
  const isWhole = steps.length === 0 && cut === undefined
  return {
    name,
    isWhole,
    bytes: cut === undefined ? changed : changed.slice(0, cut % (changed.length + 1)),
    options: isWhole ? { sentinel: hasSentinel, maxRows: undefined } : { sentinel, maxRows },
    pieces,
    otherPieces,
    variable
  }
})
