/** Bytes that are handed on as a `Response`. */
import * as Export from "@effect-redivis/core/Export"
import * as Query from "@effect-redivis/core/Query"
import * as RawFile from "@effect-redivis/core/RawFile"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Retry from "@effect-redivis/core/Retry"
import * as Table from "@effect-redivis/core/Table"
import * as User from "@effect-redivis/core/User"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, failsWith, isTrue, matches } from "./assert.ts"
import { type Case, inBrowsers, isBrowser, Place, unseenEnds } from "./Case.ts"
import { apart, within } from "./clients.ts"
import { during, exposeHeaders, fault, open, setRowOrder, until } from "./control.ts"
import { organization, shared } from "./seeds.ts"

const once = Retry.withPolicy({ maxAttempts: 1 })

const content = "0123456789".repeat(100)

const owner = shared(organization("responses", [
  { name: "Data", tables: [{ name: "t", rows: Array.from({ length: 500 }, (_, n) => ({ n, word: `w${n}` })) }] },
  { name: "Scans", versions: [{ released: false, tables: [{ name: "files", isFileIndex: true }] }] }
]))

const table = Effect.map(owner, (name) => `${name}.data.t`)

const file = shared(
  Effect.flatMap(
    owner,
    (name) =>
      RawFile.create(`${name}.scans:next.files`, { name: "digits.txt", data: new TextEncoder().encode(content) })
  )
)

/** Both ways. */
const ways = [undefined, { checked: true }] as const

const textOf = (response: Response) => Effect.promise(() => response.text())

/** So many bytes have come before it stands still. */
const standstill = 100

const readToStandstill = (reader: ReadableStreamDefaultReader<Uint8Array>): Effect.Effect<void> =>
  Effect.gen(function*() {
    for (let bytes = 0; bytes < standstill;) {
      const { done, value } = yield* Effect.promise(() => reader.read())
      isTrue(!done, `${bytes} bytes came`)
      bytes += value.length
    }
  })

const readerOf = ({ body }: Response): ReadableStreamDefaultReader<Uint8Array> => {
  isTrue(body !== null, "there is a body")
  return body.getReader()
}

/** What a body breaks with. Read so, since the methods of a `Response` tell some runtimes' own words in its place. */
const breakOf = (response: Response): Effect.Effect<unknown> => {
  const reader = readerOf(response)
  const more = (): Promise<unknown> =>
    reader.read().then(
      ({ done }) => done ? Promise.reject(new Error("it came whole")) : more(),
      (reason: unknown) => reason
    )
  return Effect.promise(more)
}

/** Nothing is being sent any more. */
const ended = until(open, ({ unfinishedResponses }) => unfinishedResponses === 0)

export const responses: ReadonlyArray<Case> = [
  {
    name: "rows are handed on in a Response, in each format",
    run: Effect.gen(function*() {
      const reference = yield* table
      yield* setRowOrder(5)
      const csv = yield* Stream.mkString(Stream.decodeText(Table.csv(reference)))
      const lines = yield* Stream.mkString(Stream.decodeText(Table.ndjson(reference, { variables: ["n"] })))
      const query = yield* Query.run(`select * from \`${reference}\` limit 1`)
      for (const way of ways) {
        const response = yield* Table.response(reference, way)
        equal([response.status, response.headers.get("content-type")?.split(";")[0]], [200, "text/csv"])
        equal(yield* textOf(response), csv)
        equal(
          yield* textOf(yield* Table.response(reference, { ...way, format: "jsonl", variables: ["n"] })),
          lines
        )
        equal((yield* textOf(yield* Query.response(query, way))).split("\n").length, 3)
      }
    }).pipe(Effect.scoped)
  },
  {
    name: "a Response has headers that tell of its bytes, and no cookies",
    run: Effect.gen(function*() {
      const reference = yield* table
      yield* exposeHeaders
      yield* fault({
        match: "tables.listRows",
        do: {
          headers: {
            "set-cookie": ["session=secret", "other=secret"],
            "x-internal": "secret",
            "www-authenticate": "secret",
            "content-disposition": "attachment; filename=\"t.csv\"",
            "cache-control": "no-store"
          }
        }
      })
      for (const way of ways) {
        const response = yield* Table.response(reference, way)
        isTrue(!JSON.stringify([...response.headers]).includes("secret"), "what is not of the bytes stays here")
        equal(response.headers.get("cache-control"), "no-store")
        yield* textOf(response)
      }
    }).pipe(Effect.scoped)
  },
  {
    name: "what is wrong before the bytes of a Response is a typed failure",
    run: Effect.gen(function*() {
      const name = yield* owner
      const reference = yield* table
      for (const way of ways) {
        matches(yield* failsWith(Table.response(`${name}.data.nothing`, way), "NotFound"), { status: 404 })
        yield* failsWith(Query.response("999999", way), "NotFound")
        yield* failsWith(RawFile.response("aaaa-aaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaa", way), "NotFound")
        yield* failsWith(Export.response("nothing", way), "NotFound")
        const { requests } = yield* during(Effect.all([
          failsWith(Table.response(reference, { ...way, maxResults: -1 }), "InvalidInput"),
          failsWith(RawFile.response("aaaa", { ...way, offset: -1 }), "InvalidInput"),
          failsWith(RawFile.response("aaaa", { ...way, length: 0 }), "InvalidInput")
        ]))
        equal(requests, [])
        yield* Effect.scoped(Effect.gen(function*() {
          yield* fault({ match: "tables.listRows", do: { status: 403 } })
          yield* failsWith(Table.response(reference, way), "Forbidden")
        }))
      }
    })
  },
  {
    name: "a Response whose answer breaks off breaks, and is never short",
    skip: { webkit: unseenEnds },
    run: Effect.gen(function*() {
      const reference = yield* table
      yield* fault({ match: "tables.listRows", do: { cutAfter: 700 } })
      yield* breakOf(yield* Table.response(reference))
      const reason = yield* breakOf(yield* Table.response(reference, { checked: true }))
      matches(reason as { readonly _tag: string; readonly reason: string }, {
        _tag: "TransportError",
        reason: "BodyBroken"
      })
      yield* ended
    }).pipe(Effect.scoped)
  },
  {
    name: "a Response comes as its bytes do, and who cancels it ends it at the server",
    run: Effect.gen(function*() {
      const reference = yield* table
      yield* fault({ match: "tables.listRows", do: { stallAfter: standstill } })
      for (const way of ways) {
        const reader = readerOf(yield* Table.response(reference, way))
        yield* readToStandstill(reader)
        yield* until(open, ({ unfinishedResponses }) => unfinishedResponses === 1)
        yield* Effect.promise(() => reader.cancel())
        yield* ended
        // also before anything of it was read
        const { body } = yield* Table.response(reference, way)
        yield* Effect.promise(() => body?.cancel() ?? Promise.resolve())
        yield* ended
      }
    }).pipe(Effect.scoped)
  },
  {
    name: "a Response holds no place of the calls: forty that nobody reads leave the next call its turn",
    // as many connections as are needed
    runtimes: ["node22", "node26", "deno", "bun"],
    run: Effect.gen(function*() {
      const reference = yield* table
      yield* fault({ match: "tables.listRows", do: { stallAfter: standstill } })
      yield* Effect.gen(function*() {
        const held = yield* Effect.all(
          Array.from({ length: 40 }, (_, index) => Table.response(reference, ways[index % 2])),
          {
            concurrency: 8
          }
        )
        yield* Redivis.withTimeout(once(User.me()), "10 seconds")
        yield* Effect.all(held.map(({ body }) => Effect.promise(() => body?.cancel() ?? Promise.resolve())))
      }).pipe(apart({ maxConcurrent: 4 }))
      yield* ended
    }).pipe(Effect.scoped)
  },
  {
    name: "a Response of 204 or 304 has no body",
    run: Effect.gen(function*() {
      const reference = yield* table
      for (const status of [204, 304]) {
        yield* Effect.scoped(Effect.gen(function*() {
          yield* fault({ match: "tables.listRows", do: { status, empty: true } })
          for (const way of ways) {
            const response = yield* Table.response(reference, way)
            equal([response.status, response.body], [status, null])
          }
        }))
      }
    })
  },
  {
    name: "a Response that is watched fails where nothing comes for too long, and one that is not waits on",
    run: Effect.gen(function*() {
      const reference = yield* table
      yield* fault({ match: "tables.listRows", do: { stallAfter: standstill } })
      yield* Effect.gen(function*() {
        const reader = readerOf(yield* Table.response(reference))
        yield* readToStandstill(reader)
        const reason = yield* breakOf(yield* Table.response(reference, { checked: true }))
        matches(reason as { readonly _tag: string; readonly reason: string }, {
          _tag: "TransportError",
          reason: "IdleTimeout"
        })
        const next = reader.read().then(() => "more", () => "broken")
        equal(
          yield* Effect.promise(() => Promise.race([next, Promise.resolve().then(() => "nothing yet")])),
          "nothing yet"
        )
        yield* Effect.promise(() => reader.cancel())
      }).pipe(within({ idleTimeout: "200 millis" }))
      yield* ended
    }).pipe(Effect.scoped)
  },
  {
    name: "a file, and a part of it, is handed on in a Response",
    run: Effect.gen(function*() {
      const { runtime } = yield* Place
      const { id } = yield* file
      for (const way of ways) {
        const whole = yield* RawFile.response(id, way)
        equal([whole.status, yield* textOf(whole)], [200, content])
        const part = yield* RawFile.response(id, { ...way, offset: 5, length: 7 })
        equal([part.status, yield* textOf(part)], [206, content.slice(5, 12)])
        // a page is not told which part it has
        equal(part.headers.get("content-range"), isBrowser(runtime) ? null : "bytes 5-11/1000")
        yield* failsWith(RawFile.response(id, { ...way, offset: 5000 }), "BadRequest")
      }
    })
  },
  {
    name: "an export is handed on in a Response",
    run: Effect.gen(function*() {
      const reference = yield* table
      const exported = yield* Export.run({ table: reference }, { format: "csv" })
      const bytes = yield* Stream.mkString(Stream.decodeText(Export.download(exported)))
      for (const way of ways) {
        const response = yield* Export.response(exported, way)
        equal([response.status, yield* textOf(response)], [200, bytes])
        yield* failsWith(Export.response(exported, { ...way, part: 7 }), "BadRequest")
      }
    })
  },
  {
    name: "a watched Response of a file goes on where its connection breaks, and breaks where it is another one",
    skip: inBrowsers("a page is told neither the size nor the hash of a file"),
    run: Effect.gen(function*() {
      const { id } = yield* file
      yield* fault({ match: "rawFiles.get", times: 1, do: { cutAfter: 300 } })
      equal(yield* textOf(yield* RawFile.response(id, { checked: true })), content)
      yield* fault({ match: "rawFiles.get", times: 1, do: { cutAfter: 300 } })
      yield* breakOf(yield* RawFile.response(id))
      yield* fault({ match: "rawFiles.get", times: 1, do: { corrupt: 500 } })
      const reason = yield* breakOf(yield* RawFile.response(id, { checked: true }))
      matches(reason as { readonly _tag: string; readonly reason: string }, { _tag: "IntegrityError", reason: "Hash" })
    }).pipe(Effect.scoped)
  }
]
