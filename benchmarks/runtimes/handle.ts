/** What each runtime is asked to do, by the path of a request. */
import type * as Redivis from "@effect-redivis/core/Redivis"
import * as Table from "@effect-redivis/core/Table"
import * as User from "@effect-redivis/core/User"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"

const table = "owner.dataset.table"

const piece = 262_144

/** The fastest way there is to look at each byte, and how many those were. */
const loop = async (body: ReadableStream<Uint8Array>): Promise<number> => {
  let bytes = 0
  const byob = ((): ReadableStreamBYOBReader | undefined => {
    try {
      return body.getReader({ mode: "byob" })
    } catch {
      return undefined
    }
  })()
  if (byob !== undefined) {
    let buffer = new ArrayBuffer(piece)
    for (;;) {
      const { done, value } = await byob.read(new Uint8Array(buffer))
      if (done) return bytes
      bytes += value.length
      buffer = value.buffer
    }
  }
  const reader = body.getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) bytes += read.value.length
  return bytes
}

type Handle = (url: string) => Promise<Response>

/** Answers by `layer`, which lives as long as the process. */
export const makeHandle = (
  layerOf: (options: Redivis.Options) => Layer.Layer<Redivis.Redivis, unknown>
): Handle => {
  let run: (<A, E>(effect: Effect.Effect<A, E, Redivis.Redivis>) => Promise<A>) | undefined
  return async (url) => {
    const { pathname, searchParams } = new URL(url)
    const endpoint = searchParams.get("endpoint") ?? ""
    if (run === undefined) {
      const runtime = ManagedRuntime.make(layerOf({ endpoint, token: Redacted.make("token") }))
      run = (effect) => runtime.runPromise(effect)
    }
    const own = (): Promise<Response> => fetch(`${endpoint}/tables/${table}/rows?format=csv`)
    const counted = (count: unknown): Response => new Response(String(count))
    let count = 0
    switch (pathname) {
      case "/own":
        return new Response((await own()).body)
      case "/untouched":
        return run(Table.response(table))
      case "/checked":
        return run(Table.response(table, { checked: true }))
      case "/stream":
        return run(Effect.map(Stream.toReadableStreamEffect(Table.csv(table)), (body) => new Response(body)))
      case "/loop":
        return counted(await loop((await own()).body!)) // the server sends one
      case "/csv":
        await run(Stream.runForEach(Table.csv(table), (chunk) => Effect.sync(() => void (count += chunk.length))))
        return counted(count)
      case "/rows":
        await run(Stream.runForEachArray(Table.rows(table), (rows) => Effect.sync(() => void (count += rows.length))))
        return counted(count)
      case "/calls":
        await run(Effect.forEach(Array.from({ length: 200 }), () => User.me(), { discard: true }))
        return counted(200)
      default:
        return new Response(null, { status: 404 })
    }
  }
}
