/** Bodies that a page reads leave it time for its timers, and come whole. */
import { assert, it } from "@effect/vitest"
import type { TransportResponse } from "@effect-redivis/core/Redivis"
import * as Effect from "effect/Effect"
import { smooth } from "../../packages/browser/src/smooth.ts"

const size = 3_000_001

it.live("a chunk of megabytes comes in parts, with turns of the page between them, and whole", () =>
  Effect.gen(function*() {
    const chunk = new Uint8Array(size).map((_, index) => index % 251)
    const chunks = [chunk, new Uint8Array(0), undefined]
    const response: TransportResponse = {
      url: "http://127.0.0.1/",
      status: 200,
      headers: {},
      text: Effect.succeed(""),
      pull: Effect.sync(() => chunks.shift())
    }
    const { pull } = yield* smooth({ send: () => Effect.succeed(response) }).send(
      { method: "GET", url: response.url, headers: {}, body: undefined },
      new AbortController().signal
    )
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const parts: Array<Uint8Array> = []
    for (let part = yield* pull; part !== undefined; part = yield* pull) {
      parts.push(part)
      // what a page does with each: ten milliseconds of work
      const until = performance.now() + 10
      while (performance.now() < until);
    }
    clearInterval(timer)
    assert.isTrue(parts.every(({ length }) => length <= 262_144))
    assert.isTrue(Buffer.concat(parts).equals(chunk))
    assert.isAtLeast(turns, 6)
  }))
