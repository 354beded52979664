/** Answers that are being read where there are few connections, and calls that have no answer meanwhile. */
import { assert, describe, it } from "@effect/vitest"
import * as Console from "effect/Console"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Platform from "../src/client/Platform.ts"
import * as Redivis from "../src/client/Redivis.ts"
import * as Retry from "../src/client/Retry.ts"
import * as Table from "../src/resources/Table.ts"
import * as User from "../src/resources/User.ts"

const bytes = new TextEncoder().encode("a,b\n")

/** Bodies that stand still after some bytes; calls have no answer. */
const fetch: Redivis.Fetch = (url, { signal }) =>
  new URL(url).pathname.endsWith("/rows")
    ? Promise.resolve(new Response(new ReadableStream({ start: (controller) => controller.enqueue(bytes) })))
    : new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new Error("aborted"))))

const clientOf = (host: string, bodies: number) =>
  Redivis.layerFetch({ endpoint: `https://${host}/api/v1`, fetch, timeout: 20_000, idleTimeout: "10 minutes" }).pipe(
    Layer.provide(Layer.succeed(Platform.CurrentPlatform, { ...Platform.defaultPlatform, bodies }))
  )

/** Begins to read so many bodies, and leaves them where their first bytes have come. */
const standing = Effect.fnUntraced(function*(count: number) {
  for (let index = 0; index < count; index++) {
    const isBegun = yield* Deferred.make<void>()
    const body = Stream.runForEach(
      Table.csv("o.d.t"),
      () => Effect.andThen(Deferred.succeed(isBegun, undefined), Effect.never)
    )
    yield* Effect.forkScoped(body)
    yield* Deferred.await(isBegun)
  }
})

/** Calls beside so many bodies, for so long: what is logged, and what the calls failed with by then. */
const seen = ({ bodies, calls = 1, connections = 4, elsewhere = 0, millis }: {
  readonly bodies: number
  readonly calls?: number
  readonly millis: number
  /** What the platform takes for a call's bodies. */
  readonly connections?: number
  /** Bodies of another origin. */
  readonly elsewhere?: number
}) =>
  Effect.gen(function*() {
    const logged: Array<string> = []
    const console: Console.Console = {
      ...globalThis.console,
      log: (...parts) => logged.push(`out ${parts.join(" ")}`),
      error: (...parts) => logged.push(`err ${parts.join(" ")}`)
    }
    yield* Effect.provide(standing(elsewhere), clientOf("other.example", connections))
    const failures = yield* Effect.gen(function*() {
      yield* standing(bodies)
      const call = Effect.flip(Retry.withPolicy(User.me(), { maxAttempts: 1 }))
      const fiber = yield* Effect.forkChild(
        Effect.all(Array.from({ length: calls }, () => call), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust(millis)
      fiber.interruptUnsafe()
      const exit = yield* Fiber.await(fiber)
      return Exit.isSuccess(exit) ? exit.value : []
    }).pipe(
      Effect.provide(clientOf("one.example", connections)),
      Effect.provideService(Console.Console, console)
    )
    return { logged, failures }
  }).pipe(Effect.scoped)

describe("a call beside answers that are being read, where there are six connections", () => {
  it.effect("tells once, after five seconds, how many there are, what they do and what helps", () =>
    Effect.gen(function*() {
      const { logged } = yield* seen({ bodies: 7, calls: 3, millis: 19_000 })
      assert.strictEqual(logged.length, 1)
      assert.match(
        logged[0]!,
        /^err .* WARN .*Redivis: users\.me has had no answer for 5 s\. 7 answers .*HTTP\/1\.1.*: read fewer at once/
      )
    }))

  for (
    const [name, options] of Object.entries({
      "five answers": { bodies: 5, millis: 19_000 },
      "less than five seconds": { bodies: 7, millis: 4900 },
      "as many answers of another origin": { bodies: 1, elsewhere: 7, millis: 19_000 },
      "as many connections as are wanted": { bodies: 40, connections: 32, millis: 19_000 },
      "no call that waits": { bodies: 7, calls: 0, millis: 60_000 }
    })
  ) {
    it.effect(`tells nothing with ${name}`, () =>
      Effect.map(seen(options), ({ logged }) => assert.deepStrictEqual(logged, [])))
  }

  it.effect("says it where its time is over, too", () =>
    Effect.gen(function*() {
      for (const bodies of [6, 7]) {
        const { failures: [failure] } = yield* seen({ bodies, millis: 20_000 })
        assert.deepInclude(failure, { _tag: "TransportError", reason: "Timeout", openBodies: bodies })
        assert.include(failure!.message, `${bodies} answers being read hold connections. Over HTTP/1.1 those are all`)
      }
      const { failures: [beside] } = yield* seen({ bodies: 2, millis: 20_000 })
      assert.match(beside!.message, /2 answers being read hold connections\.$/)
    }))
})
