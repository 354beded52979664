/** Uploads, from bytes and from streams. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Table from "@effect-redivis/core/Table"
import * as Transfer from "@effect-redivis/core/Transfer"
import * as Upload from "@effect-redivis/core/Upload"
import * as Version from "@effect-redivis/core/Version"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Stream from "effect/Stream"
import { equal, failsWith, isTrue, matches } from "./assert.ts"
import { browsers, type Case, type CaseContext, isBrowser, Place } from "./Case.ts"
import { during, fault } from "./control.ts"
import { leave } from "./redirects.ts"
import { organization, shared } from "./seeds.ts"

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

const holder = shared(Effect.gen(function*() {
  const owner = yield* organization("uploads")
  yield* Dataset.create({ organization: owner }, { name: "Holder" })
  return owner
}))

/** An empty table of its own for a case. */
const makeTable = (
  name: string
): Effect.Effect<string, Table.CreateError | Dataset.CreateError | HttpClientError, CaseContext> =>
  Effect.gen(function*() {
    const owner = yield* holder
    yield* Table.create(`${owner}.holder`, { name })
    return `${owner}.holder.${name}`
  })

const fiftyThousand = 50_000

/** About 1.7 MB. */
const manyRows = (): Uint8Array => {
  const lines = ["id,square,word"]
  for (let id = 0; id < fiftyThousand; id++) lines.push(`${id},${id * id},${id % 10 === 0 ? "" : `word number ${id}`}`)
  return encode(`${lines.join("\n")}\n`)
}

const chunksOf = (bytes: Uint8Array, size: number): Stream.Stream<Uint8Array> =>
  Stream.fromIterable(
    Array.from(
      { length: Math.ceil(bytes.length / size) },
      (_, index) => bytes.subarray(index * size, (index + 1) * size)
    )
  )

/** A place in storage, as `Upload.create` asks for one: for all at once, or from 32 MiB on for slices. */
const makePlace = (table: string, size: number, resumable: boolean) =>
  Effect.gen(function*() {
    const { endpoint, token } = yield* Place
    const response = yield* HttpClientRequest.post(`${endpoint}/tables/${table}/tempUploads`).pipe(
      HttpClientRequest.bearerToken(token),
      HttpClientRequest.bodyJsonUnsafe({ tempUploads: [{ name: "x.csv", size, resumable }] }),
      HttpClient.execute
    )
    const { results: [place] } = JSON.parse(yield* response.text) as { results: [Transfer.Target] } // as the contract says
    return place
  }).pipe(Effect.provideService(HttpClient.TracerPropagationEnabled, false))

const operationsOf = (
  requests: ReadonlyArray<{ readonly operation: string | undefined }>
): ReadonlyArray<string> => [...new Set(requests.flatMap(({ operation }) => operation ?? []))]

export const uploads: ReadonlyArray<Case> = [
  {
    name: "an upload that replaces another adds to the rows of the version before, until the table replaces them",
    runtimes: ["node22", "node26"],
    run: Effect.gen(function*() {
      const owner = yield* organization("merging")
      const dataset = `${owner}.merged`
      const table = `${dataset}:next.rows`
      yield* Dataset.create({ organization: owner }, { name: "merged" })
      yield* Table.create(dataset, { name: "rows" })
      yield* Upload.create(`${dataset}.rows`, { name: "a.csv", data: encode("x\n1\n2\n") })
      yield* Version.release(dataset)
      yield* Version.create(dataset)
      const inherited = yield* Table.get(table)
      equal(yield* Stream.runCollect(Upload.list(table)), [], "the uploads of rows that it has from before")
      yield* Upload.create(table, { name: "a.csv", data: encode("x\n3\n") })
      const appended = yield* Table.get(table)
      equal(appended.numRows, 3)
      yield* Upload.remove(table, "a.csv")
      equal((yield* Table.get(table)).hash, inherited.hash, "the hash of the same rows")
      yield* Upload.create(table, { name: "a.csv", data: encode("x\n4\n") })
      const replaced = yield* Table.get(table)
      equal(replaced.numRows, 3)
      isTrue(replaced.hash !== appended.hash, "the hash of other rows is another")
      equal((yield* Table.update(table, { uploadMergeStrategy: "replace" })).numRows, 1)
      equal(yield* Stream.runCollect(Table.rows(table)), [{ x: 4 }])
    })
  },
  {
    name: "a small file goes along with its request",
    run: Effect.gen(function*() {
      const table = yield* makeTable("small")
      const { requests, value } = yield* during(Upload.create(table, {
        name: "Vögel 100% (été).csv",
        data: encode("a;b\n1;-\n2;x\n"),
        type: "delimited",
        delimiter: ";",
        nullMarkers: ["-"],
        metadata: { a: { label: "The first" } }
      }))
      matches(value, { name: "Vögel 100% (été).csv", status: "completed", numRows: 2, type: "delimited" })
      equal(operationsOf(requests), ["uploads.post", "uploads.get"])
      matches(requests[0]?.body.json as object, { name: "Vögel 100% (été).csv", nullMarkers: ["-"] })
      equal(yield* Stream.runCollect(Table.rows(table)), [{ a: 1, b: null }, { a: 2, b: "x" }])
      equal(yield* Upload.get(table, "Vögel 100% (été).csv"), value)
      equal(yield* Upload.wait({ uri: value.uri }), value)
      yield* failsWith(Upload.get(table, "nothing.csv"), "NotFound")
    })
  },
  {
    name: "50,000 rows go through storage without the token, and come back as they were",
    run: Effect.gen(function*() {
      const table = yield* makeTable("many")
      const data = manyRows()
      const { requests, value } = yield* during(Upload.create(table, { name: "many.csv", data }))
      matches(value, { status: "completed", numRows: fiftyThousand })
      equal(operationsOf(requests), ["tables.createTempUploads", "storage.put", "uploads.post", "uploads.get"])
      const put = requests.find(({ operation }) => operation === "storage.put")
      equal([put?.body.bytes, put?.headers["content-length"]], [data.length, String(data.length)])
      isTrue(put?.headers["authorization"] === undefined, "no token goes to storage")
      isTrue(put?.headers["x-redivis-client"] === undefined, "storage is told nothing")
      let next = 0
      yield* Stream.runForEach(Table.rows(table), (row) =>
        Effect.sync(() => {
          isTrue(
            row["id"] === next && row["square"] === next * next &&
              row["word"] === (next % 10 === 0 ? null : `word number ${next}`),
            `row ${next} is ${JSON.stringify(row)}`
          )
          next++
        }))
      equal(next, fiftyThousand)
    })
  },
  {
    name: "a stream of bytes is uploaded with its length",
    run: Effect.gen(function*() {
      const table = yield* makeTable("streamed")
      const data = encode(`n\n${Array.from({ length: 20_000 }, (_, n) => `${n}\n`).join("")}`)
      const { requests, value } = yield* during(
        Upload.create(table, { name: "s.csv", data: { stream: chunksOf(data, 10_000), size: data.length } })
      )
      matches(value, { status: "completed", numRows: 20_000 })
      const put = requests.find(({ operation }) => operation === "storage.put")
      equal([put?.body.bytes, put?.headers["content-length"]], [data.length, String(data.length)])
    })
  },
  {
    name: "bytes go to a resumable place in slices, each of which is acknowledged",
    run: Effect.gen(function*() {
      const table = yield* makeTable("sliced")
      const size = 9 * 1024 * 1024
      const place = yield* makePlace(table, size, true)
      const { requests } = yield* during(
        Transfer.upload(place, { stream: chunksOf(new Uint8Array(size).fill(120), 1_000_000), size })
      )
      equal(
        requests.map((
          { body, headers, operation, status }
        ) => [operation, body.bytes, headers["content-range"], status]),
        [
          ["storage.start", 0, undefined, 201],
          ["storage.chunk", 8388608, `bytes 0-8388607/${size}`, 308],
          ["storage.chunk", 1048576, `bytes 8388608-9437183/${size}`, 200]
        ]
      )
      isTrue(requests.every(({ headers }) => headers["authorization"] === undefined), "no token goes to storage")
    })
  },
  {
    name: "100 MB of a page go to storage in slices, and are imported",
    runtimes: browsers,
    run: Effect.gen(function*() {
      const table = yield* makeTable("large")
      // with the line for the column's name 100 lines of a million bytes, and two
      const line = encode(`${"x".repeat(999_999)}\n`)
      const stream = Stream.concat(
        Stream.succeed(encode("x\n")),
        Stream.map(Stream.range(1, 100), () => line)
      )
      const size = 100_000_002
      const { requests, value } = yield* during(Upload.create(table, { name: "large.csv", data: { stream, size } }))
      matches(value, { status: "completed", numRows: 100 })
      const slices = requests.filter(({ operation }) => operation === "storage.chunk")
      equal(slices.reduce((sum, { body }) => sum + body.bytes, 0), size)
      // eleven of 8 MiB, and what is left
      equal(slices.map(({ status }) => status), [...Array.from({ length: 11 }, () => 308), 200])
    })
  },
  ...["storage.put", "storage.start", "storage.chunk"].map((match): Case => ({
    name: `bytes whose place redirects ${match} elsewhere are a TransportError, and nothing more is sent there`,
    run: Effect.gen(function*() {
      const { runtime } = yield* Place
      const size = 300_000
      const place = yield* makePlace(yield* makeTable(match.replace(".", "_")), size, match !== "storage.put")
      for (const status of [301, 303, 308]) {
        const arrived = yield* leave(match, {}, status)
        const { requests, value } = yield* during(failsWith(
          Transfer.upload(place, { stream: chunksOf(new Uint8Array(size).fill(120), 100_000), size }),
          "TransportError"
        ))
        equal(value.reason, "Redirect")
        equal(requests.filter(({ operation }) => operation === match).length, 1, "it is not tried again")
        // a page sees that it was led on once it was
        equal((yield* arrived).length, isBrowser(runtime) ? 1 : 0, `${status} leads ${match} elsewhere`)
      }
    }).pipe(Effect.scoped)
  })),
  {
    name: "a stream that gives more or fewer bytes than it said is an IntegrityError, and nothing is imported",
    run: Effect.gen(function*() {
      const table = yield* makeTable("missized")
      const data = encode("x\n1\n2\n3\n")
      for (const size of [data.length - 1, data.length + 1]) {
        const { requests, value } = yield* during(failsWith(
          Upload.create(table, { name: "x.csv", data: { stream: chunksOf(data, 3), size } }),
          "IntegrityError"
        ))
        equal(value.reason, "Size")
        isTrue(!operationsOf(requests).includes("uploads.post"), "nothing is imported")
      }
    })
  },
  {
    name: "an upload of a name that is taken is kept, replaced, or given another name, as is asked for",
    run: Effect.gen(function*() {
      const table = yield* makeTable("taken")
      const csv = (rows: string) => encode(`x\n${rows}`)
      const first = yield* Upload.create(table, { name: "a.csv", data: csv("1\n") })
      const kept = yield* during(Upload.create(table, { name: "a.csv", data: csv("2\n"), onConflict: "keep" }))
      equal(kept.value, first)
      equal(operationsOf(kept.requests), ["uploads.get"])
      equal(yield* Stream.runCollect(Table.rows(table)), [{ x: 1 }])
      const replaced = yield* during(Upload.create(table, { name: "a.csv", data: csv("3\n"), onConflict: "replace" }))
      equal(operationsOf(replaced.requests), ["uploads.get", "uploads.delete", "uploads.post"])
      equal(yield* Stream.runCollect(Table.rows(table)), [{ x: 3 }])
      const renamed = yield* Upload.create(table, { name: "a.csv", data: csv("4\n") })
      isTrue(renamed.name !== "a.csv", "it has another name")
      equal((yield* Stream.runCollect(Table.rows(table))).length, 2)
      yield* Upload.create(table, { name: "b.csv", data: csv("5\n"), onConflict: "replace" })
      equal((yield* Stream.runCollect(Upload.list(table))).length, 3)
    })
  },
  {
    name: "a source that fails is the upload's failure",
    run: Effect.gen(function*() {
      const table = yield* makeTable("broken")
      const stream = Stream.concat(Stream.succeed(encode("x\n1\n")), Stream.fail({ _tag: "Unreadable" as const }))
      yield* failsWith(Upload.create(table, { name: "x.csv", data: { stream, size: 100 } }), "Unreadable")
    })
  },
  {
    name: "bytes that storage did not take are sent again",
    run: Effect.gen(function*() {
      const table = yield* makeTable("again")
      const data = encode(`x\n${`${"x".repeat(10_000)}\n`.repeat(110)}`)
      yield* fault({ match: "storage.put", times: 1, do: { status: 503 } })
      const { requests, value } = yield* during(Upload.create(table, { name: "x.csv", data }))
      matches(value, { status: "completed", numRows: 110 })
      equal(requests.filter(({ operation }) => operation === "storage.put").map(({ status }) => status), [503, 200])
    }).pipe(Effect.scoped)
  },
  {
    name: "an import that fails is a JobFailed that says why, and one that lasts a DeadlineExceeded",
    run: Effect.gen(function*() {
      const table = yield* makeTable("failing")
      const failure = yield* failsWith(
        Upload.create(table, { name: "x.parquet", data: encode("no parquet"), type: "parquet" }),
        "JobFailed"
      )
      equal(failure.kind, "upload")
      isTrue((failure.errorMessage ?? "") !== "", "it says why")
      const upload = yield* Upload.create(table, { name: "y.csv", data: encode("x\n1\n"), wait: false })
      yield* fault({
        match: "uploads.get",
        do: { status: 200, body: { name: "y.csv", uri: upload.uri, status: "running" } }
      })
      const late = yield* failsWith(Upload.wait({ uri: upload.uri }, { deadline: "1 second" }), "DeadlineExceeded")
      equal([late.id, late.status], [upload.uri, "running"])
    }).pipe(Effect.scoped)
  }
]
