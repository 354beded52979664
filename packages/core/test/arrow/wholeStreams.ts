/** Well-formed streams from three writers: what the tests cut, damage and mutate. */
import * as Apache from "apache-arrow"
import {
  byApache,
  byFlechette,
  flatCases,
  handWritten,
  mixedByApache,
  mixedByFlechette,
  mixedStream
} from "./streams.ts"
import * as W from "./writing.ts"

export type NamedStream = readonly [name: string, bytes: Uint8Array, sentinel: boolean]

/** Several columns and batches, and dictionaries. */
export const mixedStreams: ReadonlyArray<NamedStream> = [
  ["the mixed stream with a sentinel", mixedStream(), true],
  ["the mixed stream padded to 64 bytes", mixedStream({ alignment: 64, bufferAlignment: 64 }), true],
  ["apache-arrow's mixed stream", mixedByApache(), false],
  ["flechette's mixed stream", mixedByFlechette(), false]
]

export const emptyStreams: ReadonlyArray<NamedStream> = [
  [
    "a stream without batches",
    W.concat(
      W.schema([W.fields.int("a", 64), W.fields.utf8("b"), W.fields.bool("c")], { pairs: [["key", "value"]] }),
      W.end
    ),
    false
  ],
  [
    "apache-arrow's stream without rows",
    Apache.tableToIPC(Apache.tableFromArrays({ a: new Float64Array(0) }), "stream"),
    false
  ],
  [
    "columns without bytes",
    W.concat(
      W.schema([W.fields.null("a"), W.fields.null("b")]),
      W.recordBatch(3, [W.columns.null(3), W.columns.null(3)]),
      W.end
    ),
    false
  ]
]

/** One column of each flat type. */
export const flatStreams: ReadonlyArray<NamedStream> = flatCases.flatMap((flat) =>
  [handWritten(flat), byApache(flat), byFlechette(flat)].flatMap((bytes, writer) =>
    bytes === undefined
      ? []
      : [[`${flat.name}, written by ${["hand", "apache-arrow", "flechette"][writer]}`, bytes, false] as const]
  )
)
