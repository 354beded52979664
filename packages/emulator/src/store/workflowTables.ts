/** Tables of workflows, which have rows from the start. */
import * as Effect from "effect/Effect"
import * as Contents from "./contents.ts"
import type { Database } from "./Database.ts"
import type { Files } from "./files.ts"
import { isTaken, makeId } from "./identifiers.ts"
import * as Imports from "./imports/read.ts"
import type { Relations } from "./relations.ts"
import type { Workflows } from "./Store.ts"
import { namesIn, type TableWrites } from "./tables.ts"
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
        for (const known of yield* namesIn(database, workflowId, null)) {
          if (!isTaken(table.name, [known])) continue
          yield* database.run("DELETE FROM registry.tables WHERE version_id = $1 AND table_id = $2", [
            workflowId,
            known.id
          ])
        }
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
