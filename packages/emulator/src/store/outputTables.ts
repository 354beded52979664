/** The tables that transforms and notebooks make. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { open } from "node:fs/promises"
import * as Contents from "./contents.ts"
import type { Database } from "./Database.ts"
import * as Decode from "./decode.ts"
import type { Files } from "./files.ts"
import { isTaken, normalName, quoteName, variableKey } from "./identifiers.ts"
import type * as Model from "./model.ts"
import type { Relations } from "./relations.ts"
import type { Nodes, TempUploads } from "./Store.ts"
import { type ImportFailed, StoreConflict, StoreInvalid, StoreNotFound } from "./StoreError.ts"
import { namesIn, type TableWrites } from "./tables.ts"
import { fileOf } from "./tempUploads.ts"
import { importFile, keepIf } from "./uploads.ts"

export interface OutputParts {
  readonly database: Database
  readonly files: Files
  readonly tables: TableWrites
  readonly tempUploads: TempUploads
  readonly relations: Relations
}

export interface Outputs {
  /** Lets the output table of a node show a content. Only inside of a `write`. */
  readonly show: (nodeId: string, content: Contents.Content, options: {
    readonly name?: string | null | undefined
    readonly append?: boolean | undefined
  }) => Effect.Effect<string, StoreNotFound | StoreConflict | StoreInvalid>
  readonly import: (
    node: Model.WorkflowNode,
    jobId: string,
    output: Parameters<Nodes["putOutput"]>[1],
    /** Comes to pass with the table, or not at all. */
    also: Effect.Effect<void>
  ) => Effect.Effect<Model.Table, StoreNotFound | StoreConflict | StoreInvalid | ImportFailed>
}

const shape = "^\\s*(POINT|LINESTRING|POLYGON|MULTIPOINT|MULTILINESTRING|MULTIPOLYGON|GEOMETRYCOLLECTION)" +
  "\\s*(Z?M?\\s*EMPTY|Z?M?\\s*\\()"

/** What a file of no name is, by how it begins. */
const typeOf = (path: string): Effect.Effect<string> =>
  Effect.promise(async () => {
    const file = await open(path, "r")
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0)
      const start = buffer.subarray(0, bytesRead).toString("latin1")
      if (start.startsWith("PAR1")) return "parquet"
      return start.startsWith("ARROW1") || start.startsWith("\xff\xff\xff\xff") ? "arrow" : "delimited"
    } finally {
      await file.close()
    }
  })

export const makeOutputs = (parts: OutputParts): Outputs => {
  const { database, files, relations, tables, tempUploads } = parts

  /** `name`, else `name_1`, else `name_2`, … */
  const freeName = (workflowId: string, wanted: string): Effect.Effect<string> =>
    Effect.map(namesIn(database, workflowId, null), (others) => {
      let name = wanted
      for (let count = 1; isTaken(name, others); count++) name = `${wanted}_${count}`
      return name
    })

  const show: Outputs["show"] = (nodeId, content, { append, name }) =>
    Effect.gen(function*() {
      const [node] = yield* database.rows("SELECT * FROM registry.nodes WHERE id = $1", [nodeId])
      if (node === undefined) return yield* new StoreNotFound({ kind: "node", reference: nodeId })
      const workflowId = Decode.text(node, "workflow_id")
      yield* Contents.register(database, content, null)
      const own = { contentId: content.id, numRows: content.numRows }
      const tableId = Decode.textOrNull(node, "output_table_id")
      const [known] = tableId === null ? [] : yield* database.rows(
        "SELECT * FROM registry.tables WHERE version_id = $1 AND table_id = $2",
        [workflowId, tableId]
      )
      const before = known === undefined ? undefined : Decode.text(known, "relation_id")
      const inherited = append === true && before !== undefined ? yield* relations.segments(before) : []
      const relation = yield* relations.make([...inherited, own], { isTable: true })
      if (known === undefined || before === undefined) {
        const wanted = name ?? Decode.textOrNull(node, "output_name") ?? `${Decode.text(node, "name")}_output`
        const made = yield* tables.insert(workflowId, workflowId, {
          name: name === null || name === undefined ? yield* freeName(workflowId, wanted) : wanted,
          description: null,
          isFileIndex: false,
          strategy: null,
          referenceId: undefined,
          relation
        })
        yield* database.run("UPDATE registry.nodes SET output_table_id = $2 WHERE id = $1", [nodeId, made])
        return made
      }
      const wanted = name ?? Decode.text(known, "name")
      if (isTaken(wanted, yield* namesIn(database, workflowId, tableId))) {
        return yield* new StoreConflict({ reason: "nameTaken", message: `There is a table named ${wanted} already` })
      }
      yield* database.run(
        `UPDATE registry.tables SET relation_id = $3, num_rows = $4, num_bytes = $5, hash = $6, variable_count = $7,
           updated_at = $8, name = $9, name_key = $10
         WHERE version_id = $1 AND table_id = $2`,
        [
          workflowId,
          tableId,
          relation.id,
          relation.numRows,
          relation.numBytes,
          relation.hash,
          relation.variableCount,
          yield* Clock.currentTimeMillis,
          wanted,
          normalName(wanted)
        ]
      )
      yield* relations.collect([before])
      return Decode.text(known, "table_id")
    })

  /** The content with its geographies: those that are named, else columns of text in which nothing else stands. */
  const withGeographies = (
    content: Contents.Content,
    wanted: ReadonlyArray<string> | null | undefined
  ): Effect.Effect<Contents.Content, StoreInvalid> =>
    Effect.gen(function*() {
      const texts = content.columns.filter(({ type }) => type === "string" || type === "geography")
      const isText = (name: string) => texts.some((column) => variableKey(column.name) === variableKey(name))
      const wrong = wanted?.find((name) => !isText(name))
      if (wrong !== undefined) {
        return yield* new StoreInvalid({
          field: "geographyVariables",
          message: `the file has no column of text named ${wrong}`
        })
      }
      const keys = new Set(wanted?.map(variableKey))
      if (wanted === null || wanted === undefined) {
        for (const { name } of texts) {
          const [row] = yield* database.rows(
            `SELECT count(${quoteName(name)}) > 0 AND bool_and(regexp_matches(${quoteName(name)}, '${shape}', 'i'))
               AS is_geography FROM ${Contents.tableOf(content.id)}`
          )
          if (row?.["is_geography"] === true) keys.add(variableKey(name))
        }
      }
      return {
        ...content,
        columns: content.columns.map((column) =>
          keys.has(variableKey(column.name)) ? { ...column, type: "geography" as const } : column
        )
      }
    })

  const importInto: Outputs["import"] = (node, jobId, output, also) =>
    Effect.gen(function*() {
      const temporary = yield* tempUploads.get(output.tempUploadId).pipe(
        Effect.mapError(() =>
          new StoreInvalid({ field: "tempUploadId", message: `there is no temporary upload ${output.tempUploadId}` })
        )
      )
      if (temporary.tableId !== jobId) {
        return yield* new StoreInvalid({ field: "tempUploadId", message: "was made for another table or job" })
      }
      if (temporary.isUsed || !temporary.isComplete) {
        return yield* new StoreConflict({
          reason: "tempUpload",
          message: temporary.isUsed
            ? "These bytes have been used already"
            : `${temporary.received} of ${temporary.size} bytes were received`
        })
      }
      const path = files.pathOf(fileOf(temporary.id))
      const { content } = yield* importFile(database, path, yield* typeOf(path), {})
      return yield* keepIf(
        database,
        content,
        Effect.gen(function*() {
          const typed = yield* withGeographies(content, output.geographyVariables)
          const made = yield* database.write(Effect.gen(function*() {
            const used = yield* database.rows(
              "UPDATE registry.temp_uploads SET is_used = true WHERE id = $1 AND NOT is_used RETURNING id",
              [temporary.id]
            )
            if (used.length === 0) {
              return yield* new StoreConflict({ reason: "tempUpload", message: "These bytes have been used already" })
            }
            const tableId = yield* show(node.id, typed, output)
            yield* also
            const all = yield* tables.listOfWorkflow(node.workflow.id)
            return all.find(({ id }) => id === tableId)!
          }))
          yield* files.remove(fileOf(temporary.id))
          return made
        })
      )
    })

  return { show, import: importInto }
}
