/** `…/script`: programs that read the rows elsewhere. */
import { script } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import { BadRequest } from "../http/Refusal.ts"
import { normalName, variableKey } from "../store/identifiers.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import type { StoreConflict, StoreNotFound } from "../store/StoreError.ts"
import { type Handler, handler } from "./handler.ts"
import { findQuery } from "./queries.ts"
import { findTable } from "./reference.ts"
import { plainName, sasScript, type Script, stataScript } from "./scriptText.ts"

type Query = Parameters<typeof byTable.handle>[0]["query"]

/** The longest texts of variables, each as `name:10`. */
const lengthsOf = Effect.fnUntraced(function*(
  given: ReadonlyArray<string>
): Effect.fn.Return<ReadonlyMap<string, number>, BadRequest> {
  const lengths = new Map<string, number>()
  for (const item of given) {
    const [, name, length] = /^(.+):(\d{1,5})$/.exec(item) ?? []
    if (name === undefined || Number(length) < 1) {
      return yield* new BadRequest({
        description: `"stringVariableLengths": ${JSON.stringify(item)} is not name:length`
      })
    }
    lengths.set(variableKey(name), Number(length))
  }
  return lengths
})

const sasName = /^(?:[A-Za-z_]\w{0,7}\.)?[A-Za-z_]\w{0,31}$/

/** What SAS knows as ends of lines. */
const lineEnds: ReadonlySet<string> = new Set(["CRLF", "LF", "CR", "NL", "LFCR"])

const write = Effect.fnUntraced(function*(
  source: Model.RowSource,
  name: string,
  query: Query
): Effect.fn.Return<string, BadRequest | StoreNotFound | StoreConflict, Store> {
  const store = yield* Store
  const all = yield* store.variables.list(source)
  const wanted = query.selectedVariables ?? []
  const variables: Array<Model.Variable> = []
  for (const wantedName of wanted) {
    const found = all.find((variable) => variableKey(variable.name) === variableKey(wantedName))
    if (found === undefined) {
      return yield* new BadRequest({
        description: `"selectedVariables": there is no variable ${JSON.stringify(wantedName)}`
      })
    }
    variables.push(found)
  }
  const { sasDatasetName, termstr } = query
  if (sasDatasetName !== undefined && !sasName.test(sasDatasetName)) {
    return yield* new BadRequest({
      description:
        `"sasDatasetName": ${JSON.stringify(sasDatasetName)} is no name of SAS: letters, digits and _, at most ` +
        "32 of them, after a library and a dot or not"
    })
  }
  if (termstr !== undefined && !lineEnds.has(termstr.toUpperCase())) {
    return yield* new BadRequest({
      description: `"termstr": ${JSON.stringify(termstr)} is none of ${[...lineEnds].join(", ")}`
    })
  }
  const wanting: Script = {
    name: sasDatasetName ?? plainName(normalName(name)),
    filePath: query.filePath ?? `${normalName(name)}.csv`,
    termstr,
    lengths: yield* lengthsOf(query.stringVariableLengths ?? []),
    variables: wanted.length === 0 ? all : variables
  }
  return query.type === "sas" ? sasScript(wanting) : stataScript(wanting)
})

export const byTable: Handler<typeof script.byTable> = handler(
  script.byTable,
  Effect.fnUntraced(function*(input, call) {
    const { table } = yield* findTable(input.params.table, call, "metadata")
    return yield* write({ kind: "table", table }, table.name, input.query)
  })
)

export const byUpload: Handler<typeof script.byUpload> = handler(
  script.byUpload,
  Effect.fnUntraced(function*(input, call) {
    const store = yield* Store
    const { table } = yield* findTable(input.params.table, call, "metadata")
    const upload = yield* store.uploads.get(table, input.params.upload)
    return yield* write({ kind: "upload", uploadId: upload.id }, upload.name, input.query)
  })
)

export const byQuery: Handler<typeof script.byQuery> = handler(
  script.byQuery,
  Effect.fnUntraced(function*(input, call) {
    const query = yield* findQuery(input.params.query, call)
    return yield* write({ kind: "query", queryId: query.id }, "query", input.query)
  })
)
