/**
 * Recorded answers of the live service (`tests/live`, one file each) against
 * the client, which must read them, and the emulator, which must answer alike.
 * Where it does not, `tests/live/differences.json` says so and why.
 */
import { operations } from "@effect-redivis/core/Contract"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import type { Json } from "../../scripts/forms.ts"
import type { Recording } from "../../scripts/recording.ts"
import { compareBodies, compareHeaders, type Difference, untyped } from "./liveShapes.ts"
import { anonymousBytes, inputOf, requestOf, seed, tokens } from "./liveWorld.ts"
import { openBytes } from "../../packages/core/src/client/service.ts"
import { against } from "./scriptedClient.ts"

const folder = new URL("../live/", import.meta.url)

const read = (name: string): unknown => JSON.parse(Fs.readFileSync(new URL(name, folder), "utf8"))

const differencesFile = "differences.json"

const recordings = Fs.readdirSync(folder)
  .filter((name) => name.endsWith(".json") && name !== differencesFile)
  .map((name) => ({ name: name.slice(0, -".json".length), recording: read(name) as Recording })) // by hand, or by the script

/** Asks until what the server works at is done: what was recorded was. */
const settled = <A extends { readonly text: string }, R>(ask: Effect.Effect<A, never, R>): Effect.Effect<A, never, R> =>
  Effect.flatMap(
    ask,
    (answered) =>
      /"status":\s*"(?:queued|running)"/.test(answered.text)
        ? Effect.andThen(Effect.yieldNow, settled(ask))
        : Effect.succeed(answered)
  )

interface Named extends Difference {
  /** The recordings that show it. */
  readonly in: ReadonlyArray<string>
  readonly reason: string
}

/** By how long they last: those that stay, and those that go with what is being mended. */
const named = Object.values(read(differencesFile) as Readonly<Record<string, ReadonlyArray<Named>>>).flat() // by hand

const namedIn = (recording: string): ReadonlyArray<Difference> =>
  named.filter((difference) => difference.in.includes(recording)).map(({ at, emulator, recorded }) => ({
    at,
    recorded,
    emulator
  }))

const inOrder = (differences: ReadonlyArray<Difference>): ReadonlyArray<Difference> =>
  differences.toSorted((one, other) => one.at < other.at ? -1 : 1)

// ---------------------------------------------------------------------------------------------------------------------

describe("the recordings", () => {
  it("say where they were read, and each named difference of which it is and why it is", () => {
    const names = recordings.map(({ name }) => name)
    for (const { recording: { source } } of recordings) {
      assert.match(source.date, /^\d{4}-\d{2}-\d{2}$/)
      assert.include(["recorded", "printed"], source.strength)
    }
    for (const difference of named) {
      assert.includeMembers(names, [...difference.in])
      assert.isNotEmpty(difference.in)
      assert.isNotEmpty(difference.reason)
    }
  })
})

/** What the client makes of a status that it calls an error by. */
const tagOf = ({ response }: Recording): string => {
  const text = JSON.stringify(response.body ?? "")
  switch (response.status) {
    case 400:
      return /cannot export more/i.test(text) ? "QuotaExceeded" : "BadRequest"
    case 401:
      return "Unauthorized"
    case 403:
      return text.includes("insufficient_scope") ? "InsufficientScope" : "Forbidden"
    case 404:
      return "NotFound"
    case 429:
      return "TooManyRequests"
    case 500:
      return "InternalServerError"
    case 503:
      return "ServiceUnavailable"
    default:
      return "UnexpectedStatus"
  }
}

/** The client, to which every operation is alike. */
interface AnyExecutor {
  readonly execute: (operation: object, input: object) => Effect.Effect<unknown, unknown>
}

const openAny = openBytes as unknown as (
  executor: AnyExecutor,
  operation: object,
  input: object
) => Effect.Effect<unknown, unknown, Scope.Scope>

const decodable = recordings.filter(({ recording: { request, response } }) =>
  request.operation !== undefined && response.status !== undefined && response.body !== undefined
)

describe("the client", () => {
  it.live.each(decodable)("reads $name", ({ recording }) =>
    Effect.gen(function*() {
      const { body, headers, status } = recording.response
      const operation = operations.find(({ name }) => name === recording.request.operation)!
      const asked = inputOf(recording)
      const { result } = yield* against(
        () => ({ status, headers: headers ?? {}, body }),
        Effect.flatMap(Redivis.Redivis, (redivis) => {
          const executor = redivis as unknown as AnyExecutor
          // the answers were redacted to this version
          const input = { params: JSON.parse(JSON.stringify(asked.params).replaceAll(":v1_0", ":v1_1")) }
          return operation.kind === "bytes"
            ? Effect.scoped(openAny(executor, operation, input))
            : executor.execute(operation, input)
        })
      )
      if (status! < 300) {
        assert.deepStrictEqual([result._tag, result._tag === "Success" ? result.success : result], ["Success", body])
      } else {
        assert.strictEqual(result._tag, "Failure")
        if (result._tag === "Failure") assert.propertyVal(result.failure, "_tag", tagOf(recording))
      }
    }))
})

layer(Emulator.layer({ seed, anonymousBytes, rateLimitHeaders: "seconds" }), { excludeTestServices: true })(
  "the emulator",
  (it) => {
    const ask = ({ request }: Recording, path: string, method: string, query: Readonly<Record<string, string>>) =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const token = tokens[request.token]
        return yield* Effect.promise(async (signal) => {
          const text = new URLSearchParams(query).toString()
          const response = await fetch(`${emulator.baseUrl}${path}${text === "" ? "" : `?${text}`}`, {
            method,
            signal,
            headers: token === undefined ? {} : { authorization: `Bearer ${token}` }
          })
          return { status: response.status, headers: response.headers, text: await response.text() }
        })
      })

    const answerTo = (recording: Recording) =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const asked = requestOf(recording)
        if (asked === undefined || asked.method !== "GET") return undefined
        const { pageToken, ...query } = recording.request.query ?? {}
        if (pageToken !== undefined) {
          const before = yield* ask(recording, asked.path, asked.method, query)
          Object.assign(query, { pageToken: String(JSON.parse(before.text).nextPageToken) })
        }
        const { readBytes } = recording.request.given ?? {}
        if (readBytes !== undefined) yield* emulator.setUsage({ user: "reader", readBytes })
        return yield* settled(ask(recording, asked.path, asked.method, query)).pipe(
          Effect.ensuring(emulator.setUsage({ user: "reader", readBytes: 0 }))
        )
      })

    const differencesOf = (recording: Recording) =>
      Effect.map(answerTo(recording), (answered): ReadonlyArray<Difference> => {
        const { body, partial, status } = recording.response
        const types = recording.request.operation !== undefined && body !== undefined && (status ?? 400) < 300
          ? untyped(recording.request.operation, body)
          : []
        if (answered === undefined) return types
        if (status !== undefined && status !== answered.status) {
          return [...types, { at: "status", recorded: String(status), emulator: String(answered.status) }]
        }
        const bodies = body === undefined
          ? []
          : compareBodies(body, JSON.parse(answered.text) as Json, partial ?? false) // JSON as it came
        return [...types, ...compareHeaders(recording, answered.headers), ...bodies]
      })

    it.effect.each(recordings)(
      "answers as $name, but for the differences that are named",
      ({ name, recording }) =>
        Effect.gen(function*() {
          assert.deepStrictEqual(inOrder(yield* differencesOf(recording)), inOrder(namedIn(name)))
        })
    )
  }
)
