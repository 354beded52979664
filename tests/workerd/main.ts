/**
 * The table of cases inside a worker: asked with an assignment, it answers with
 * one line a case; asked at `/errand`, it runs that beside the cases.
 */
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Effect from "effect/Effect"
import type { Errand } from "../cases/Case.ts"
import { runErrandWith } from "../cases/errand.ts"
import { cases } from "../cases/index.ts"
import { type Assignment, runCases } from "../cases/runCases.ts"

const runErrand = runErrandWith(Redivis.layerFetch)

const runTable = (assignment: Assignment, ownUrl: string): Response => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  const encoder = new TextEncoder()
  void Effect.runPromise(runCases({
    cases,
    assignment,
    version: navigator.userAgent,
    clients: {
      layer: Redivis.layerFetch,
      layerConfig: Redivis.layerFetchConfig,
      runErrand: async (errand) => {
        const response = await fetch(new URL("/errand", ownUrl), { method: "POST", body: JSON.stringify(errand) })
        const text = await response.text()
        if (response.status !== 200) throw new Error(text)
        return Number(text)
      }
    },
    print: (line) => {
      void writer.write(encoder.encode(`${line}\n`))
    }
  })).then(() => writer.close(), (reason) => writer.abort(reason))
  return new Response(readable)
}

export default {
  async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname !== "/errand") {
      return runTable(await request.json() as Assignment, request.url) // sent by start.ts
    }
    const errand = await request.json() as Errand // sent by runErrand above
    return runErrand(errand).then(
      (calls) => new Response(String(calls)),
      (reason) => new Response(String(reason), { status: 500 })
    )
  }
}
