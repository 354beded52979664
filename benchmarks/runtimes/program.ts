/** A server in Node, Deno or Bun that does what it is asked. Prints its port. */
import { makeHandle } from "./handle.ts"

declare const Deno: {
  readonly serve: (options: object, handle: (request: Request) => Promise<Response>) => unknown
}
declare const Bun: { readonly serve: (options: object) => { readonly port: number } }

const started = (port: number): void => console.log(port)

if ("Deno" in globalThis) {
  const { layer } = await import("@effect-redivis/deno/DenoRedivis")
  const handle = makeHandle(layer)
  Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: ({ port }: { readonly port: number }) => started(port) },
    ({ url }) => handle(url)
  )
} else {
  const { layer } = await import("@effect-redivis/node/NodeRedivis")
  const handle = makeHandle(layer)
  if ("Bun" in globalThis) {
    const { port } = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      idleTimeout: 120,
      fetch: ({ url }: Request) => handle(url)
    })
    started(port)
  } else {
    const Http = await import("node:http")
    const { Readable } = await import("node:stream")
    const server = Http.createServer((request, response) => {
      void handle(`http://localhost${request.url ?? ""}`).then(({ body, status }) => {
        response.writeHead(status)
        if (body === null) response.end()
        else Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]).pipe(response)
      })
    })
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      if (typeof address === "object" && address !== null) started(address.port)
    })
  }
}
