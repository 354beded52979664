/** The table of cases inside a worker: asked with an assignment, it answers with one line a case. */
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { cases } from "../cases/index.ts"
import { type Assignment, runCases } from "../cases/runCases.ts"

export default {
  async fetch(request: Request): Promise<Response> {
    const assignment = await request.json() as Assignment // sent by start.ts
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const writer = writable.getWriter()
    const encoder = new TextEncoder()
    void Effect.runPromise(runCases({
      cases,
      assignment,
      version: navigator.userAgent,
      layer: Redivis.layerFetch({ endpoint: assignment.endpoint, token: Redacted.make(assignment.token) }),
      print: (line) => {
        void writer.write(encoder.encode(`${line}\n`))
      }
    })).then(() => writer.close(), (reason) => writer.abort(reason))
    return new Response(readable)
  }
}
