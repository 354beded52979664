/** Recordings: what `docs/recording.md` says, done; and that a recording keeps the shape of an answer and nothing that it says. */
import * as Emulator from "@effect-redivis/emulator/Emulator"
import { afterAll, assert, beforeAll, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "fast-check"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fencesOfMarkdown } from "../../scripts/checkDocs.ts"
import type { Json } from "../../scripts/forms.ts"
import { type Answered, answersIn, type Recording, redact, writeAll } from "../../scripts/recording.ts"
import { tests } from "../runner/places.ts"
import { environment, layer as penguins, run } from "./documents.ts"
import { compareBodies, compareHeaders } from "./liveShapes.ts"

const source: Recording["source"] = { date: "2026-01-01", strength: "recorded" }

// ---------------------------------------------------------------------------------------------------------------------

/** Texts that nobody would write but the test. */
const secret = FastCheck.stringMatching(/^[qxzjk]{8,12}$/)

const otherCase = FastCheck.tuple(secret, FastCheck.boolean()).map(([text, isUpper]) =>
  isUpper ? text[0]!.toUpperCase() + text.slice(1) : text
)

const id = FastCheck.tuple(FastCheck.stringMatching(/^[qxzjk]{4}$/), FastCheck.stringMatching(/^[qxzjk]{9}$/))
  .map((parts) => parts.join("-"))

/** Every form that a text of the API has, with secrets for names. */
const planted: FastCheck.Arbitrary<string> = FastCheck.oneof(
  otherCase,
  id,
  secret.map((text) => `${text}@example.org`),
  secret.map((text) => `A sentence about ${text}, "quoted"\n\tand long.`),
  FastCheck.tuple(otherCase, secret).map(([owner, name]) => `${owner}.${name}:ab12:v1_0`),
  FastCheck.tuple(secret, secret).map(([owner, name]) =>
    `/tables/${owner}.${name}:ab12:next.${name}/variables/${owner}`
  ),
  FastCheck.tuple(id, otherCase).map(([id, name]) => `https://redivis.com/datasets/${id}?v=1.0&variable=${name}`),
  secret.map((text) => `https://${text}.example/${text}?token=${text}`),
  secret.map((text) => `/datasets/${text}%20${text}/versions/v1.0`),
  secret.map((text) => `10.12345/${text}`),
  id.map((text) => `${text}.${"q".repeat(22)}`)
)

const leaf: FastCheck.Arbitrary<Json> = FastCheck.oneof(
  { weight: 4, arbitrary: planted },
  {
    weight: 1,
    arbitrary: FastCheck.constantFrom(null, true, false, 0, -12, 0.25, 1_700_000_000_123, "", "v2.0", "data")
  }
)

const key = FastCheck.constantFrom(
  "kind",
  "id",
  "name",
  "description",
  "qualifiedReference",
  "uri",
  "url",
  "type",
  "status",
  "referenceId",
  "createdAt",
  "accessLevel",
  "error_description",
  "brandNewProperty"
)

const { body } = FastCheck.letrec<{ body: Json; list: Json; object: Json }>((tie) => ({
  body: FastCheck.oneof({ maxDepth: 4 }, leaf, tie("list"), tie("object")),
  list: FastCheck.array(tie("body"), { maxLength: 4 }),
  object: FastCheck.dictionary(key, tie("body"), { maxKeys: 5 })
}))

const headerName = FastCheck.constantFrom(
  "etag",
  "last-modified",
  "content-type",
  "x-ratelimit-reset",
  "x-ratelimit-remaining",
  "retry-after",
  "x-redivis-warning",
  "x-redivis-filename",
  "access-control-allow-headers",
  "access-control-allow-origin",
  "access-control-max-age",
  "digest",
  "set-cookie",
  "authorization",
  "location"
)

const secretsIn = (
  value: unknown
): ReadonlyArray<string> => [...new Set(JSON.stringify(value).toLowerCase().match(/[qxzjk]{4,}/g) ?? [])]

const answer = (more: Partial<Answered>): Answered => ({
  method: "GET",
  url: "https://redivis.com/api/v1/datasets/a.b",
  status: 200,
  headers: {},
  ...more
})

describe("a recording", () => {
  const headersOf = FastCheck.dictionary(headerName, planted)

  const holds = <A>(arbitrary: FastCheck.Arbitrary<A>, f: (value: A) => void): void =>
    FastCheck.assert(FastCheck.property(arbitrary, f), { numRuns: 300 })

  it("has nothing of the texts that were answered, nor of the request", () =>
    holds(FastCheck.record({ body, headers: headersOf, name: secret, token: planted }), (planted) => {
      const { body, headers, name, token } = planted
      const url = `https://${name}.example/api/v1/datasets/${name}.${name}/tables?pageToken=${
        encodeURIComponent(token)
      }&filter=${name}&${name}=1&maxResults=7`
      const { recording } = redact(answer({ url, headers, body: JSON.stringify(body) }), source)
      assert.deepStrictEqual(secretsIn(recording), [])
      assert.strictEqual(recording.request.operation, "tables.listByDataset")
      assert.strictEqual(recording.request.query?.["maxResults"], "7")
    }))

  it("has the shape of the answer", () =>
    holds(body, (body) => {
      const kept = redact(answer({ body: JSON.stringify(body) }), source).recording.response.body
      if (body === "" || kept === undefined) return
      assert.deepStrictEqual(compareBodies(body, kept, false), [])
      assert.deepStrictEqual(compareBodies(kept, body, false), [])
    }))

  it("has the forms of the headers", () =>
    holds(headersOf, (headers) => {
      const { recording } = redact(
        answer({ headers: { ...headers, "etag": "W/\"1f-Ab+c/9\"", "x-ratelimit-reset": "1747221060" } }),
        source
      )
      const forms = compareHeaders(recording, new Headers({ "etag": "W/\"2-x\"", "x-ratelimit-reset": "1847221060" }))
      assert.notIncludeMembers(forms.map(({ at }) => at), ["header etag", "header x-ratelimit-reset"])
      assert.notProperty(recording.response.headers, "authorization")
      assert.notProperty(recording.response.headers, "set-cookie")
    }))

  it("has of names of properties those alone that can be the API's", () => {
    const { recording, unknown } = redact(
      answer({ body: JSON.stringify({ "name": "a", "newName": 1, "Ada Lovelace": 2, "ada_1815": 3, "ada@a.org": 4 }) }),
      source
    )
    assert.deepStrictEqual(Object.keys(recording.response.body as object), ["name", "newName", "key1", "key2", "key3"])
    assert.deepStrictEqual(unknown, ["newName"])
  })

  it("says of a body that is no JSON that there was one", () => {
    const { recording } = redact(answer({ body: "<html>Ada</html>" }), source)
    assert.strictEqual(recording.response.body, "text")
  })

  it("has one item of a list for each shape, and the same value for the same original", () => {
    const item = (id: string, label: string | null) => ({
      id,
      referenceId: id.slice(0, 4),
      label,
      uri: `/datasets/o.d:${id.slice(0, 4)}`
    })
    const items = [item("ab12-abcdefghi", null), item("cd34-abcdefghi", null), item("ab12-abcdefghi", "x")]
    const { recording } = redact(answer({ body: JSON.stringify({ results: items }) }), source)
    assert.deepStrictEqual(recording.response.body, {
      results: [
        { id: "r001-x00000001", referenceId: "r001", label: null, uri: "/datasets/name_1.name_2:r001" },
        { id: "r001-x00000001", referenceId: "r001", label: "Text 1", uri: "/datasets/name_1.name_2:r001" }
      ]
    })
  })
})

describe("a comparison", () => {
  const differences = (recorded: Json, emulator: Json, isPartial = false) =>
    compareBodies(recorded, emulator, isPartial).map(({ at, emulator, recorded }) => `${at}: ${recorded}, ${emulator}`)

  it("finds what is missing, what is there beside, and other types and forms", () => {
    assert.deepStrictEqual(differences({ name: "a", url: null }, { name: "b" }), ["body.url: null, absent"])
    assert.deepStrictEqual(differences({ name: "a" }, { name: "b", doi: null }), ["body.doi: absent, null"])
    assert.deepStrictEqual(differences({ name: "a" }, { name: 1 }), ["body.name: text, number"])
    assert.deepStrictEqual(differences({ tag: "v1.0" }, { tag: "1.0" }), ["body.tag: tag, number as text"])
    assert.deepStrictEqual(differences({ kind: "table" }, { kind: "dataset" }), ["body.kind: table, dataset"])
    assert.deepStrictEqual(differences({ id: "ab12-abcdefghi" }, { id: "0".repeat(24) }), [
      "body.id: id, 24 hex digits"
    ])
    assert.deepStrictEqual(differences({ createdAt: 1.7e12 }, { createdAt: 1.7e9 }), [
      "body.createdAt: milliseconds of the epoch, number"
    ])
    assert.deepStrictEqual(differences({ uri: "/datasets/o.d:ab12:v1_0" }, { uri: "/datasets/O.d:ab12:v1.0" }), [
      "body.uri: /datasets/<name>.<name>:<reference id>:vN_N, /datasets/<Name>.<name>:<reference id>:vN.N"
    ])
    assert.deepStrictEqual(differences({ results: [{ a: 1 }, { b: 1 }] }, { results: [{ a: 1, b: 1 }] }), [
      "body.results[].a: sometimes, number",
      "body.results[].b: sometimes, number"
    ])
    assert.deepStrictEqual(differences({ valueLabels: null }, { valueLabels: [] }), [
      "body.valueLabels: null, empty list"
    ])
    assert.deepStrictEqual(differences({ a: [{ b: 1 }] }, { a: [] }), ["body.a: list, empty list"])
    assert.deepStrictEqual(differences({ version: { tag: "v1.0" } }, { version: null }), ["body.version: object, null"])
  })

  it("takes other values of one form, and null where something may be, for the same", () => {
    assert.deepStrictEqual(differences({ name: "a", label: null, n: 1 }, { name: "b c", label: "x", n: 0.5 }), [])
    assert.deepStrictEqual(differences({ version: null }, { version: { tag: "v1.0" } }), [])
    assert.deepStrictEqual(differences({ links: [] }, { links: [{ title: "a" }] }), [])
    assert.deepStrictEqual(differences({ error: "forbidden" }, { error: "forbidden", status: 403 }, true), [])
  })
})

// ---------------------------------------------------------------------------------------------------------------------

// beside what `tests` has installed, as beside what a user has
const folder = Path.join(tests, ".types", `recording-${process.pid}`)

beforeAll(() => void Fs.mkdirSync(folder, { recursive: true }))
afterAll(() => Fs.rmSync(folder, { recursive: true, force: true }))

layer(penguins, { excludeTestServices: true })("docs/recording.md", (it) => {
  it.effect("records answers, which become files of their shapes", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const [program, ...others] = fencesOfMarkdown("docs/recording.md")
      assert.strictEqual(others.length, 0)
      Fs.writeFileSync(Path.join(folder, "record.ts"), program!.code)
      const { code, log } = yield* run(process.execPath, ["record.ts"], { cwd: folder, env: environment(emulator) })
      assert.strictEqual(code, 0, log)
      const text = Fs.readFileSync(Path.join(folder, "answers.jsonl"), "utf8")
      assert.notInclude(text, emulator.token)
      const answers = answersIn(text)
      assert.deepStrictEqual(answers.map(({ status, url }) => [status, url.slice(emulator.baseUrl.length)]), [
        [200, "/datasets/demo.penguins"],
        [200, "/datasets/demo.penguins/tables?maxResults=100"],
        [200, "/tables/demo.penguins.birds/variables?maxResults=100"]
      ])
      const written = writeAll(answers, { folder, date: "2026-01-01", token: "valid" })
      assert.deepStrictEqual(written.map(({ file }) => Path.basename(file)), [
        "datasets.get-200.json",
        "tables.listByDataset-200.json",
        "variables.listByTable-200.json"
      ])
      for (const [index, { file }] of written.entries()) {
        const kept = Fs.readFileSync(file, "utf8")
        for (const name of ["penguins", "birds", "demo", "species"]) assert.notInclude(kept.toLowerCase(), name)
        const { response } = JSON.parse(kept) as Recording
        assert.deepStrictEqual(compareBodies(JSON.parse(answers[index]!.body!) as Json, response.body!, false), [])
        assert.property(response.headers, "x-ratelimit-remaining")
      }
    }), 90_000)

  it("reads a cassette of VCR too", () => {
    const cassette = {
      http_interactions: [{
        request: { method: "get", uri: "https://redivis.com/api/v1/users/me" },
        response: {
          status: { code: 200, message: "OK" },
          headers: { "Content-Type": ["application/json"] },
          body: { encoding: "ASCII-8BIT", base64_string: Buffer.from("{\"name\":\"ada\"}").toString("base64") }
        }
      }]
    }
    assert.deepStrictEqual(answersIn(JSON.stringify(cassette)), [{
      method: "GET",
      url: "https://redivis.com/api/v1/users/me",
      status: 200,
      headers: { "content-type": "application/json" },
      body: "{\"name\":\"ada\"}"
    }])
  })
})
