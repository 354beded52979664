/** What goes over the wire, held against `tests/wire`, which was written by hand and knows nothing of the contract. */
import { operations } from "@effect-redivis/core/Contract"
import type * as ReadSession from "@effect-redivis/core/ReadSession"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { handlers } from "../../packages/emulator/src/handlers/index.ts"
import { version } from "../../packages/core/src/client/call/version.ts"
import { type Received, serve } from "./scriptedServer.ts"
import { exampleOf, functionOf, pathOf, replyTo, type Row, run, storage, titleOf, tokenOf, wire } from "./wireTable.ts"
import { type Answered, ask, placeholders, seed } from "./wireWorld.ts"

const titled = wire.rows.map((row) => ({ name: titleOf(row), row }))

const names: ReadonlyArray<string> = operations.map((operation) => operation.name)

describe("the table of the wire", () => {
  it("has a row for each operation, and for nothing else", () => {
    assert.sameMembers([...new Set(wire.rows.map((row) => row.operation))], [...names])
  })

  it("gives each operation a name of its own", () => {
    assert.strictEqual(new Set(names).size, names.length)
  })

  it.each(titled)("names a public function for $name", ({ row }) => {
    assert.isFunction(functionOf(row.call.function))
  })

  it.each(names)("has a handler of the emulator for %s", (name) => {
    assert.isTrue(Object.hasOwn(handlers, name))
  })

  it("says of each row where it was read", () => {
    assert.deepStrictEqual(
      wire.rows.filter((row) => !/^(wire|endpoints|conventions|resources|types|structure) /.test(row.source)),
      []
    )
  })
})

// ---------------------------------------------------------------------------------------------------------------------

/** The query's keys and values, each as it stands between `&`. */
const queryOf = (target: string): Record<string, string> => {
  const text = target.split("?")[1]
  const pairs: Record<string, string> = {}
  for (const part of text === undefined ? [] : text.split("&")) {
    const [key = "", value = ""] = part.split("=").map(decodeURIComponent)
    assert.notProperty(pairs, key, "a key that is repeated")
    pairs[key] = value
  }
  return pairs
}

const expectedHeaders = (row: Row): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(wire.headers).map(([name, value]) => [name, value.replace("<version>", version)])
  ),
  authorization: `Bearer ${tokenOf(row)}`,
  ...row.requestHeaders
})

const assertBody = (row: Row, received: Received) =>
  Effect.promise(async () => {
    const type = received.headers["content-type"]
    if (row.multipart !== undefined) {
      assert.match(type ?? "", /^multipart\/form-data; boundary=/)
      const form = await new Response(received.body, { headers: { "content-type": type ?? "" } }).formData()
      assert.deepStrictEqual([...form.keys()], ["metadata", "data"])
      const metadata = form.get("metadata")
      const data = form.get("data")
      if (!(metadata instanceof Blob) || !(data instanceof Blob)) throw new Error("the parts are files")
      assert.strictEqual(metadata.type, "application/json")
      assert.deepStrictEqual(JSON.parse(await metadata.text()), row.multipart.metadata)
      assert.strictEqual(await data.text(), row.multipart.data)
    } else if (row.body !== undefined) {
      assert.match(type ?? "", /^application\/json(;|$)/)
      assert.deepStrictEqual(JSON.parse(received.body.toString("utf8")), row.body)
    } else {
      assert.isUndefined(type)
      assert.strictEqual(received.body.length, 0)
    }
  })

/** What the function should succeed with. */
const expectedResult = (row: Row, origin: string): unknown => {
  const isItself = typeof row.result === "string" && row.result === row.answer.text
  if (isItself || (typeof row.result === "object" && row.result !== null)) return row.result
  const { base64, body, text } = typeof row.result === "string" && /^of \w+\.\w+$/.test(row.result)
    ? exampleOf(row.result.slice("of ".length)).answer
    : row.answer
  if (typeof row.result === "boolean") return row.result
  if (row.operation.startsWith("secrets.")) return row.result
  if (row.result === null) return undefined
  if (text !== undefined) return Buffer.from(text)
  if (base64 !== undefined) return Buffer.from(base64, "base64")
  const parsed = JSON.parse(JSON.stringify(body).replaceAll(storage, origin))
  return row.call.function.endsWith(".listPage")
    ? { results: parsed.results, nextPageToken: parsed.nextPageToken ?? undefined }
    : parsed
}

/** A session is given more than its answer says: what its streams need to be read elsewhere. */
const asAnswered = (row: Row, result: unknown): unknown => {
  if (row.call.function !== "ReadSession.create") return result
  const session = result as ReadSession.ReadSession // what the function succeeds with
  return { ...session, streams: session.streams.map(({ estimatedRows, id }) => ({ id, estimatedRows })) }
}

describe("the client", () => {
  it.live.each(titled)("sends and reads as the table says: $name", ({ row }) =>
    Effect.gen(function*() {
      // rows of one path differ by their query, so this row's own answer comes first
      const server = yield* serve((request) => replyTo(request, [row, ...wire.rows]))
      const outcome = yield* Effect.result(
        run(row).pipe(
          Effect.provide(Redivis.layerFetch({ endpoint: server.endpoint, token: Redacted.make(tokenOf(row)) }))
        )
      )
      const found = server.received.filter(
        (request) => request.method === row.verb && pathOf(request.target) === wire.base + row.path
      )
      assert.strictEqual(
        found.length,
        1,
        `${row.verb} ${wire.base + row.path} among ${
          JSON.stringify(server.received.map(({ method, target }) => `${method} ${target}`))
        }`
      )
      const [request] = found
      assert.deepStrictEqual(queryOf(request!.target), { ...row.query })
      for (const [name, value] of Object.entries(expectedHeaders(row))) {
        assert.strictEqual(request!.headers[name], value, name)
      }
      yield* assertBody(row, request!)
      if (row.failure !== undefined) {
        assert.strictEqual(outcome._tag, "Failure")
        if (outcome._tag === "Failure") assert.deepInclude(outcome.failure, row.failure)
      } else {
        assert.strictEqual(outcome._tag, "Success", outcome._tag === "Failure" ? outcome.failure.message : "")
        if (outcome._tag === "Success") {
          assert.deepStrictEqual(asAnswered(row, outcome.success), expectedResult(row, server.origin))
        }
      }
    }))
})

// ---------------------------------------------------------------------------------------------------------------------

/** The paths of properties that the example has and the answer lacks; one item of a list stands for all. */
const missing = (example: unknown, answer: unknown, path = ""): ReadonlyArray<string> => {
  if (Array.isArray(example)) {
    const [first] = example
    if (!Array.isArray(answer)) return [`${path} is no list`]
    if (first === undefined) return []
    return answer.length === 0 ? [`${path} is empty`] : answer.flatMap((item) => missing(first, item, `${path}[]`))
  }
  if (typeof example !== "object" || example === null) return []
  if (typeof answer !== "object" || answer === null) return [`${path} is ${JSON.stringify(answer)}`]
  return Object.entries(example).flatMap(([key, value]) =>
    Object.hasOwn(answer, key) ? missing(value, Reflect.get(answer, key), `${path}.${key}`) : [`${path}.${key}`]
  )
}

const assertAnswer = (row: Row, answered: Answered): void => {
  const { base64, body, headers, status, text } = row.answer
  if (status >= 400) assert.strictEqual(answered.status, status)
  else if (status === 206 || status === 304) assert.strictEqual(answered.status, status)
  else assert.isTrue(answered.status >= 200 && answered.status < 300, `${answered.status} ${answered.text}`)
  for (const [name, value] of Object.entries(headers ?? {})) {
    const found = answered.headers.get(name)
    if (name === "x-redivis-error-payload") assert.doesNotThrow(() => JSON.parse(decodeURIComponent(found ?? "")))
    else assert.strictEqual(found, value, name)
  }
  if (body !== undefined) {
    assert.match(answered.headers.get("content-type") ?? "", /^application\/json/)
    assert.deepStrictEqual(missing(body, JSON.parse(answered.text)), [])
  } else if (text !== undefined) {
    assert.strictEqual(answered.text, text)
  } else if (base64 !== undefined) {
    assert.match(answered.headers.get("content-type") ?? "", /^application\/vnd\.apache\.arrow\.stream/)
    // the mark that every message of the format begins with, the last one too
    assert.strictEqual(Buffer.from(answered.bytes.subarray(0, 4)).toString("hex"), "ffffffff")
    assert.strictEqual(Buffer.from(answered.bytes.subarray(-8)).toString("hex"), "ffffffff00000000")
  } else {
    assert.strictEqual(answered.text, "")
  }
}

layer(Emulator.layerTestWith({ token: "full-token", seed }))("the emulator", (it) => {
  it.effect.each(titled)("answers as the table says: $name", ({ row }) =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      let literal = JSON.stringify(row)
      for (const [text, name] of Object.entries(row.placeholders ?? {})) {
        literal = literal.replaceAll(text, yield* placeholders(name))
      }
      assertAnswer(row, yield* ask(emulator.baseUrl, JSON.parse(literal)))
    }))
})
