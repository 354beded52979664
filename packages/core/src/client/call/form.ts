/** Bodies of several parts. Who sends one says so to the executor, so that no other worker carries it. */
import { jsonBody, type Write } from "./request.ts"

interface Form {
  readonly metadata: { readonly name: string }
  readonly data?: Uint8Array<ArrayBuffer>
}

/** A form of its parts `metadata` and `data`; without data the metadata's JSON alone. */
export const formBody: Write = (body) => {
  const { data, metadata } = body as Form // held against the schema of a multipart operation
  if (data === undefined) return jsonBody(metadata)
  const parts = new FormData()
  parts.append("metadata", new Blob([JSON.stringify(metadata)], { type: "application/json" }), "metadata")
  parts.append("data", new Blob([data]), metadata.name)
  return { kind: "form", form: parts }
}
