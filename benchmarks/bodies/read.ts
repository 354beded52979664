/** Reads the served body once, or makes many calls, in one of several ways, and prints what it took. */
import type * as Redivis from "@effect-redivis/core/Redivis"
import * as Table from "@effect-redivis/core/Table"
import * as User from "@effect-redivis/core/User"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

const [way = "", what = "body", endpoint = ""] = process.argv.slice(2)
const calls = 2000

/** Reads the body, and gives how many bytes came. */
interface Way {
  readonly body: () => Promise<number>
  readonly call: (calls: number) => Promise<unknown>
}

const ofLayer = (layer: Layer.Layer<Redivis.Redivis, unknown>): Way => ({
  body: () => {
    let bytes = 0
    return Effect.runPromise(
      Stream.runForEach(Table.csv("owner.dataset.table"), (chunk) => Effect.sync(() => void (bytes += chunk.length)))
        .pipe(Effect.map(() => bytes), Effect.provide(layer))
    )
  },
  call: (calls) =>
    Effect.runPromise(
      Effect.gen(function*() {
        for (let index = 0; index < calls; index++) yield* User.me()
      }).pipe(Effect.provide(layer))
    )
})

const ways: Readonly<Record<string, () => Promise<Way>>> = {
  undici: async () => {
    const { Agent, request } = await import("undici")
    const dispatcher = new Agent({ bodyTimeout: 0 })
    return {
      body: async () => {
        const { body } = await request(`${endpoint}/tables/owner.dataset.table/rows?format=csv`, { dispatcher })
        let bytes = 0
        body.on("data", (chunk: Uint8Array) => {
          bytes += chunk.length
        })
        await new Promise((resolve, reject) => body.on("end", resolve).on("error", reject))
        return bytes
      },
      call: async (calls) => {
        for (let index = 0; index < calls; index++) {
          const { body } = await request(`${endpoint}/users/me`, { dispatcher })
          JSON.parse(await body.text())
        }
      }
    }
  },
  fetch: () =>
    Promise.resolve({
      body: async () => {
        const { body } = await fetch(`${endpoint}/tables/owner.dataset.table/rows?format=csv`)
        let bytes = 0
        const reader = body!.getReader() // a body of the server's
        for (let read = await reader.read(); !read.done; read = await reader.read()) bytes += read.value.length
        return bytes
      },
      call: async (calls) => {
        for (let index = 0; index < calls; index++) await (await fetch(`${endpoint}/users/me`)).json()
      }
    }),
  node: async () => {
    const NodeRedivis = await import("@effect-redivis/node/NodeRedivis")
    return ofLayer(NodeRedivis.layer({ endpoint }))
  },
  effect: async () => {
    const NodeRedivis = await import("@effect-redivis/node/NodeRedivis")
    const NodeHttpClient = await import("@effect/platform-node/NodeHttpClient")
    return ofLayer(Layer.provide(NodeRedivis.layerOver({ endpoint }), NodeHttpClient.layerUndici))
  },
  deno: async () => {
    const DenoRedivis = await import("@effect-redivis/deno/DenoRedivis")
    return ofLayer(DenoRedivis.layer({ endpoint }))
  }
}

const { body, call } = await ways[way]!()
// what is loaded with the first request is there
await call(what === "call" ? calls : 20)
const before = process.memoryUsage().rss
let peak = before
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss)
}, 20)
const cpu = process.cpuUsage()
const begun = performance.now()
const bytes = what === "body" ? await body() : (await call(calls), calls)
const seconds = (performance.now() - begun) / 1000
const { system, user } = process.cpuUsage(cpu)
clearInterval(watch)
console.log(JSON.stringify({ bytes, seconds, cpuSeconds: (user + system) / 1e6, peak: peak - before }))
process.exit(0)
