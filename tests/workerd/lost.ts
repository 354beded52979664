/**
 * A worker that loses fibers: what a request of it left behind ends, without a
 * word, with the request's own answer.
 */
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Retry from "@effect-redivis/core/Retry"
import * as Table from "@effect-redivis/core/Table"
import * as User from "@effect-redivis/core/User"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"

interface Bindings {
  readonly ENDPOINT: string
}

const times = <A>(count: number, make: () => A): Array<A> => Array.from({ length: count }, make)

const later = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))

/** The ways to leave calls behind; each gives the answer that ends its request. */
const ways: Readonly<
  Record<string, (start: () => Promise<unknown>, count: number, millis: number) => Promise<Response>>
> = {
  raced: async (start, count, millis) => {
    const calls = times(count, start)
    await Promise.race([Promise.all(calls), later(millis)])
    return new Response("late")
  },
  forgotten: async (start, count) => {
    for (const call of times(count, start)) call.catch(() => {})
    // until the first of them have left
    await later(50)
    return new Response("ok")
  },
  // begun while the answer is already on its way
  "thrown away after the answer": async (start, count) => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const writer = writable.getWriter()
    void (async () => {
      await writer.write(new TextEncoder().encode("ok"))
      for (const call of times(count, start)) call.catch(() => {})
      await later(100)
      await writer.close()
    })()
    return new Response(readable)
  },
  // the request fails, and its calls with it
  "lost by a throw": async (start, count) => {
    for (const call of times(count, start)) call.catch(() => {})
    await later(100)
    throw new Error("broken")
  }
}

export default {
  async fetch(request: Request, { ENDPOINT: endpoint }: Bindings): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    const count = Number(searchParams.get("count") ?? 1)
    const timeout = Number(searchParams.get("timeout") ?? 30_000)
    const token = Redacted.make(searchParams.get("token") ?? "")
    const run = <A, E>(effect: Effect.Effect<A, E, Redivis.Redivis>): Promise<A> =>
      Effect.runPromise(Effect.provide(effect, Redivis.layerFetch({ endpoint, token, timeout })))
    const call = Retry.withPolicy(User.me(), { maxAttempts: 1 })
    const lose = ways[decodeURIComponent(pathname.slice(1))]
    if (lose !== undefined) return lose(() => run(call), count, Number(searchParams.get("millis") ?? 200))
    if (pathname === "/streams") {
      // each is read up to its first bytes
      const opened = times(count, () =>
        new Promise<void>((resolve) => {
          const body = Stream.runForEach(Table.csv("o.d.t"), () => Effect.andThen(Effect.sync(resolve), Effect.never))
          run(body).catch(() => {})
        }))
      await Promise.all(opened)
      return new Response("ok")
    }
    const calls = Effect.all(times(count, () => Effect.result(call)), { concurrency: "unbounded" })
    const results = await run(calls)
    return Response.json(results.map((result) => result._tag === "Failure" ? result.failure.message : "answered"))
  }
}
