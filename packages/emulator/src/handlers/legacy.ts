/** How official clients of today and of the past call an operation beside its own method and path. */
import type { OperationName, table } from "@effect-redivis/core/Contract"
import type { Query } from "../http/input.ts"

export interface Alias {
  readonly operation: OperationName
  /** Else the operation's own. */
  readonly method?: string | undefined
  /** Else the operation's own, whose parameters it names. */
  readonly path?: string | undefined
  /** The body as the operation takes it, where the query says it all. */
  readonly bodyOf?: ((query: Query) => unknown) | undefined
  /** What is answered in place of the operation's success. */
  readonly answerOf?: ((success: never) => unknown) | undefined
}

/** The place of a resumable session that begins with its first bytes. */
const toSession = (url: string): string => url.replace("/temp/", "/resumable/")

export const aliases: ReadonlyArray<Alias> = [
  // the documentation prints POST, and the JavaScript client sends it
  { operation: "datasets.patch", method: "POST" },
  // as the R client sends it
  { operation: "versions.unrelease", path: "/datasets/:dataset/versions/current/release" },
  // workflows were called projects, and are so in the JavaScript client
  { operation: "tables.listByWorkflow", path: "/projects/:workflow/tables" },
  // as the documentation prints it, with `name:id` or the id
  { operation: "readSessions.postByUpload", path: "/uploads/:upload/readSessions" },
  // before temporary uploads came in lists, each was asked for by its size, and was a session at once
  {
    operation: "tables.createTempUploads",
    path: "/tables/:table/resumableUpload",
    bodyOf: (query) => ({
      tempUploads: [{ size: Number(query["size"]?.at(-1) ?? Number.NaN), name: "upload", resumable: true }]
    }),
    answerOf: ({ results: [made] }: { readonly results: ReadonlyArray<table.TempUpload> }) => ({
      kind: "resumableUpload",
      id: made!.id,
      url: toSession(made!.url)
    })
  }
]
