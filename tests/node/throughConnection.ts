/**
 * Calls the API and sends to its storage over what the environment or the program sets up: in any runtime. Arguments:
 * runtime, `environment` or `given`, endpoint, table, proxy (may be empty). Prints what it uploaded.
 */
import type * as Redivis from "@effect-redivis/core/Redivis"
import * as Retry from "@effect-redivis/core/Retry"
import * as Upload from "@effect-redivis/core/Upload"
import * as User from "@effect-redivis/core/User"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Fs from "node:fs"
import * as Path from "node:path"

declare const Deno: {
  readonly createHttpClient: (options: object) => { readonly close: () => void }
}

const [runtime, way, endpoint, table = "", proxy = ""] = process.argv.slice(2)
const options: Redivis.Options = { endpoint, token: Redacted.make(process.env["REDIVIS_API_TOKEN"] ?? "") }

const read = (name: string): string => Fs.readFileSync(Path.join(import.meta.dirname, "certificate", name), "utf8")
const [ca, cert, key] = [read("authority.pem"), read("client.pem"), read("client-key.pem")]

interface Set {
  readonly layer: Layer.Layer<Redivis.Redivis, unknown>
  readonly close: () => unknown
}

const onNode = async (): Promise<Set> => {
  const { layer } = await import("@effect-redivis/node/NodeRedivis")
  if (way === "environment") return { layer: layer(options), close: () => {} }
  const { Agent, ProxyAgent } = await import("@effect/platform-node/Undici")
  const dispatcher = proxy === ""
    ? new Agent({ connect: { ca, cert, key } })
    : new ProxyAgent({ uri: proxy, requestTls: { ca, cert, key } })
  return { layer: layer({ ...options, dispatcher }), close: () => dispatcher.close() }
}

const onBun = async (): Promise<Set> => {
  const { layer } = await import("@effect-redivis/node/NodeRedivis")
  if (way === "environment") return { layer: layer(options), close: () => {} }
  const fetch: Redivis.Fetch = (url, init) => {
    // Bun's own properties
    const taken = { ...init, tls: { ca, cert, key }, ...proxy === "" ? {} : { proxy } }
    return globalThis.fetch(url, taken)
  }
  return { layer: layer({ ...options, fetch }), close: () => {} }
}

const onDeno = async (): Promise<Set> => {
  const { layer } = await import("@effect-redivis/deno/DenoRedivis")
  if (way === "environment") return { layer: layer(options), close: () => {} }
  const client = Deno.createHttpClient({
    caCerts: [ca],
    cert,
    key,
    poolMaxIdlePerHost: 0,
    ...proxy === "" ? {} : { proxy: { url: proxy } }
  })
  return { layer: layer({ ...options, client }), close: () => client.close() }
}

const line = "x".repeat(99)
const rows = 12_000
const data = new TextEncoder().encode(`text\n${`${line}\n`.repeat(rows)}`)

const { close, layer } = await (runtime === "node" ? onNode() : runtime === "bun" ? onBun() : onDeno())
const program = Effect.gen(function*() {
  const { name } = yield* User.me()
  return { name, uploaded: yield* Upload.create(table, { name: "rows.csv", data, onConflict: "rename" }) }
}).pipe(Retry.withPolicy({ maxAttempts: 1 }))

const once = Effect.match(Effect.provide(program, layer), {
  onFailure: (error) => ({ failed: String(error) }),
  onSuccess: ({ name, uploaded }) => ({ name, rows: uploaded.numRows })
})

console.log(JSON.stringify(await Effect.runPromise(once)))
// what the program gave is not the layer's to close
if (way === "given") console.log(JSON.stringify(await Effect.runPromise(once)))
await close()
