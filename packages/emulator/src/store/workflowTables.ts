/** Tables of workflows, which have rows from the start. */
import * as Effect from "effect/Effect"
import * as Contents from "./contents.ts"
import type { Database } from "./Database.ts"
import type { Files } from "./files.ts"
import { makeId, normalName } from "./identifiers.ts"
import * as Imports from "./imports/read.ts"
import type { Relations } from "./relations.ts"
import type { Workflows } from "./Store.ts"
import type { TableWrites } from "./tables.ts"
import { importFile, keepIf } from "./uploads.ts"

export const makePutTable = (
  database: Database,
  files: Files,
  tables: TableWrites,
  workflows: Pick<Workflows, "getById">,
  relations: Relations
): Workflows["putTable"] =>
(workflowId, table) =>
  Effect.gen(function*() {
    yield* workflows.getById(workflowId)
    const fileId = `workflow-${makeId()}`
    yield* files.create(fileId, table.bytes)
    const { content } = yield* importFile(
      database,
      files.pathOf(fileId),
      table.type ?? Imports.typeOfName(table.fileName),
      table.options ?? {}
    ).pipe(Effect.ensuring(files.remove(fileId)))
    return yield* keepIf(
      database,
      content,
      database.write(Effect.gen(function*() {
        yield* workflows.getById(workflowId)
        yield* database.run("DELETE FROM registry.tables WHERE version_id = $1 AND name_key = $2", [
          workflowId,
          normalName(table.name)
        ])
        yield* Contents.register(database, content, null)
        const relation = yield* relations.make([{ contentId: content.id, numRows: content.numRows }], { isTable: true })
        const id = yield* tables.insert(workflowId, workflowId, {
          name: table.name,
          description: table.description ?? null,
          isFileIndex: false,
          strategy: null,
          referenceId: table.referenceId,
          relation
        })
        yield* relations.collectAll
        const all = yield* tables.listOfWorkflow(workflowId)
        return all.find((made) => made.id === id)!
      }))
    )
  })
