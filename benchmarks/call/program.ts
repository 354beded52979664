/** Prints the CPU of a call in microseconds: `fetch` for plain fetch, `off` and `on` for the client with and without tracing. */
import * as Dataset from "@effect-redivis/core/Dataset"
import { CurrentPlatform, defaultPlatform } from "@effect-redivis/core/Platform"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as SchemaJITCompiler from "effect/schema/SchemaJITCompiler"
import * as Tracer from "effect/Tracer"
import { cpuOf } from "../measure.ts"

const body = JSON.stringify({
  kind: "dataset",
  id: "1234",
  qualifiedReference: "demo.penguins:7br5:v1_1",
  scopedReference: "penguins:7br5:v1_1",
  referenceId: "7br5",
  name: "Penguins",
  url: "https://example.org/datasets/7br5",
  uri: "/datasets/demo.penguins:7br5:v1_1",
  owner: { kind: "organization", name: "demo", fullName: "Demonstrations" },
  description: "Measurements of penguins of the Palmer archipelago.",
  accessLevel: "data",
  publicAccessLevel: "data",
  createdAt: 1700000000000,
  updatedAt: 1700000000000,
  tableCount: 3,
  numBytes: 1234567,
  links: [{ title: "Source", url: "https://example.org" }],
  version: { kind: "version", tag: "v1.1", isReleased: true },
  nextVersion: null
})

const headers = {
  "content-type": "application/json",
  "x-ratelimit-limit": "1000000000",
  "x-ratelimit-remaining": "999999999",
  "x-ratelimit-reset": String(Date.now() + 60_000),
  date: new Date().toUTCString()
}

const fake = (_url: string, _init: RequestInit): Promise<Response> => Promise.resolve(new Response(body, { headers }))

const endpoint = "https://example.org/api/v1"
const calls = 2000

const viaFetch = async (): Promise<unknown> => {
  let last: unknown
  for (let index = 0; index < calls; index++) {
    const response = await fake(`${endpoint}/datasets/demo.penguins`, {
      headers: { authorization: "Bearer token" }
    })
    last = JSON.parse(await response.text())
  }
  return last
}

const layer = Redivis.layerFetch({ endpoint, token: Redacted.make("token"), fetch: fake }).pipe(
  Layer.provide(Layer.succeed(CurrentPlatform, { ...defaultPlatform, compile: SchemaJITCompiler.enable }))
)

const runtime = ManagedRuntime.make(layer)

const many = Effect.gen(function*() {
  let last: unknown
  for (let index = 0; index < calls; index++) {
    last = yield* Dataset.get("demo.penguins")
  }
  return last
})

/** As exporters have it, but that it exports nothing. */
const tracer = Tracer.make({ span: (options) => new Tracer.NativeSpan(options) })

const contenders: Readonly<Record<string, () => Promise<unknown>>> = {
  fetch: viaFetch,
  off: () => runtime.runPromise(Effect.withTracerEnabled(many, false)),
  on: () => runtime.runPromise(Effect.withTracer(many, tracer))
}

// one in a process: what one leaves behind would be collected in the time of the next
const name = process.argv[2] ?? "off"
const spent = await cpuOf([{ name, run: contenders[name]! }], { rounds: 15, warmUp: 5 })
console.log(spent.get(name)! / calls)
await runtime.dispose()
