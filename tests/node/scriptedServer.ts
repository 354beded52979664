/** A server of `node:http` that records what comes, byte for byte where it matters, and answers as a test says. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Http from "node:http"
import type { AddressInfo, Socket } from "node:net"

export interface Received {
  readonly method: string
  /** As it stood in the request line, percent-encoded as it was. */
  readonly target: string
  readonly headers: Http.IncomingHttpHeaders
  readonly body: Buffer<ArrayBuffer>
  /** Settles when the connection that it came by is closed. */
  readonly closed: Promise<void>
}

export interface Reply {
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string | ReadonlyArray<string>>> | undefined
  /** Text and bytes as they are, anything else as JSON. */
  readonly body?: unknown
  /** Pieces of text that follow the body, so many milliseconds apart. */
  readonly drip?: { readonly pieces: ReadonlyArray<string>; readonly every: number } | undefined
  /**
   * What comes after the body: its end; the connection's end although more was
   * promised; nothing at all.
   */
  readonly after?: "end" | "cut" | "stall" | undefined
}

/** `silence`: no answer, the connection stays; `hangup`: no answer, it closes. */
export type Answer = Reply | "silence" | "hangup"

export interface Scripted {
  readonly origin: string
  readonly endpoint: string
  readonly received: ReadonlyArray<Received>
  readonly openSockets: () => number
}

const bytesOf = (body: unknown): Buffer =>
  body === undefined
    ? Buffer.alloc(0)
    : typeof body === "string"
    ? Buffer.from(body)
    : body instanceof Uint8Array
    ? Buffer.from(body)
    : Buffer.from(JSON.stringify(body))

const isJson = (body: unknown): boolean =>
  body !== undefined && typeof body !== "string" && !(body instanceof Uint8Array)

const answer = (response: Http.ServerResponse, socket: Socket, reply: Answer): void => {
  if (reply === "silence") return
  if (reply === "hangup") {
    socket.destroy()
    return
  }
  const body = bytesOf(reply.body)
  const after = reply.after ?? "end"
  const headers: Record<string, string | Array<string>> = isJson(reply.body)
    ? { "content-type": "application/json" }
    : {}
  for (const [name, value] of Object.entries(reply.headers ?? {})) {
    headers[name.toLowerCase()] = typeof value === "string" ? value : [...value]
  }
  if (after === "cut" && headers["transfer-encoding"] === undefined) {
    headers["content-length"] ??= String(body.length + 100)
  }
  response.writeHead(reply.status ?? 200, headers)
  if (reply.drip !== undefined) {
    response.write(body)
    drip(response, reply.drip.pieces, reply.drip.every)
    return
  }
  if (after === "end") {
    response.end(body)
    return
  }
  response.flushHeaders()
  response.write(body, () => {
    if (after === "cut") socket.end()
  })
}

const drip = (response: Http.ServerResponse, pieces: ReadonlyArray<string>, every: number): void => {
  const [piece, ...rest] = pieces
  if (piece === undefined) {
    response.end()
    return
  }
  setTimeout(() => {
    response.write(piece)
    drip(response, rest, every)
  }, every)
}

/** Listens until its scope closes. The `index` of a request counts from 0. */
export const serve = (
  reply: (received: Received, index: number) => Answer
): Effect.Effect<Scripted, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(() => {
        const received: Array<Received> = []
        const sockets = new Set<Socket>()
        const server = Http.createServer((request, response) => {
          const { socket } = request
          const closed = new Promise<void>((resolve) => {
            socket.once("close", () => resolve())
          })
          const chunks: Array<Buffer> = []
          request.on("data", (chunk: Buffer) => chunks.push(chunk))
          request.on("end", () => {
            const one: Received = {
              method: request.method ?? "",
              target: request.url ?? "",
              headers: request.headers,
              body: Buffer.concat(chunks),
              closed
            }
            received.push(one)
            answer(response, socket, reply(one, received.length - 1))
          })
        })
        server.on("connection", (socket) => {
          sockets.add(socket)
          socket.on("close", () => sockets.delete(socket))
        })
        return new Promise<{ readonly server: Http.Server; readonly scripted: Scripted }>((resolve) => {
          server.listen(0, "127.0.0.1", () => {
            // a server that listens on a port has an address of this kind
            const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
            resolve({
              server,
              scripted: { origin, endpoint: `${origin}/api/v1`, received, openSockets: () => sockets.size }
            })
          })
        })
      }),
      ({ server }) =>
        Effect.promise(() =>
          new Promise<void>((resolve) => {
            server.close(() => resolve())
            server.closeAllConnections()
          })
        )
    ),
    ({ scripted }) => scripted
  )

/** Answers in turn; the last one stays. */
export const inTurn = (...replies: ReadonlyArray<Answer>) => (_: Received, index: number): Answer =>
  replies[Math.min(index, replies.length - 1)] ?? "hangup"

/** The origin of a port that nothing listens on. */
export const nobody: Effect.Effect<string> = Effect.promise(() =>
  new Promise((resolve) => {
    const server = Http.createServer()
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo // as above
      server.close(() => resolve(`http://127.0.0.1:${port}`))
    })
  })
)
