/** Workflows as far as datasets do not need them; their tables are made by `tables.ts`. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { accountKey, toAccount } from "./accounts.ts"
import type { Database, Parameter, Row } from "./Database.ts"
import { checkName, describe, pickNamed } from "./datasets.ts"
import * as Decode from "./decode.ts"
import { isReferenceId, isTaken, makeReferenceId, makeResourceId, normalName } from "./identifiers.ts"
import type * as Model from "./model.ts"
import type { Relations } from "./relations.ts"
import type { Accounts, Workflows } from "./Store.ts"
import { StoreConflict, StoreInvalid, StoreNotFound } from "./StoreError.ts"

const toWorkflow = (row: Row): Model.Workflow => ({
  id: Decode.text(row, "id"),
  referenceId: Decode.text(row, "reference_id"),
  owner: toAccount({ ...row, name: row["owner_name"] }),
  name: Decode.text(row, "name"),
  description: Decode.textOrNull(row, "description"),
  publicAccessLevel: Decode.word(row, "public_access_level"),
  studyAccessLevel: Decode.wordOrNull(row, "study_access_level"),
  study: Decode.textOrNull(row, "study"),
  tableCount: Decode.number(row, "table_count"),
  transformCount: Decode.number(row, "transform_count"),
  notebookCount: Decode.number(row, "notebook_count"),
  createdAt: Decode.number(row, "created_at"),
  lastActive: Decode.number(row, "last_active")
})

export const makeWorkflows = (
  database: Database,
  accounts: Accounts,
  relations: Relations
): Omit<Workflows, "putTable"> => {
  const load = (where: string, parameters: ReadonlyArray<Parameter>): Effect.Effect<ReadonlyArray<Model.Workflow>> =>
    Effect.map(
      database.rows(
        `SELECT w.*, a.kind, a.name AS owner_name, a.full_name, a.contact_email, a.orcid, a.ror, a.doi_prefix,
           (SELECT count(*) FROM registry.tables t WHERE t.version_id = w.id) AS table_count,
           (SELECT count(*) FROM registry.nodes n WHERE n.workflow_id = w.id AND n.kind = 'transform')
             AS transform_count,
           (SELECT count(*) FROM registry.nodes n WHERE n.workflow_id = w.id AND n.kind = 'notebook') AS notebook_count
         FROM registry.workflows w JOIN registry.accounts a ON a.key = w.owner_key
         WHERE ${where} ORDER BY w.position`,
        parameters
      ),
      (rows) => rows.map(toWorkflow)
    )

  const getById: Workflows["getById"] = (id) =>
    Effect.flatMap(load("w.id = $1", [id]), ([workflow]) =>
      workflow === undefined
        ? Effect.fail(new StoreNotFound({ kind: "workflow", reference: id }))
        : Effect.succeed(workflow))

  return {
    create: (ownerName, workflow) =>
      database.write(Effect.gen(function*() {
        const owner = yield* accounts.get(ownerName)
        yield* checkName(workflow.name)
        const others = yield* load("w.owner_key = $1", [accountKey(owner.name)])
        if (isTaken(workflow.name, others)) {
          return yield* new StoreConflict({
            reason: "nameTaken",
            message: `${owner.name} has a workflow named ${workflow.name} already`
          })
        }
        const hasId = (id: string) => others.some(({ referenceId }) => referenceId === id)
        if (
          workflow.referenceId !== undefined && (!isReferenceId(workflow.referenceId) || hasId(workflow.referenceId))
        ) {
          return yield* new StoreInvalid({
            field: "referenceId",
            message: `${workflow.referenceId} is taken, or no id`
          })
        }
        const referenceId = workflow.referenceId ?? makeReferenceId(hasId)
        const id = makeResourceId(referenceId)
        yield* database.run(
          `INSERT INTO registry.workflows (id, owner_key, reference_id, name, name_key, description,
             public_access_level, study_access_level, study, created_at, last_active)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)`,
          [
            id,
            accountKey(owner.name),
            referenceId,
            workflow.name,
            normalName(workflow.name),
            workflow.description ?? null,
            workflow.publicAccessLevel ?? "none",
            workflow.studyAccessLevel ?? null,
            workflow.study ?? null,
            yield* Clock.currentTimeMillis
          ]
        )
        return yield* getById(id)
      })),
    get: (lookup, options) =>
      Effect.gen(function*() {
        if (lookup.owner === undefined) {
          return yield* new StoreInvalid({ field: "reference", message: "must name the owner" })
        }
        const found = pickNamed(
          yield* load("w.owner_key = $1", [accountKey(lookup.owner)]),
          lookup,
          options,
          (workflow) => workflow
        )
        if (found === undefined) {
          return yield* new StoreNotFound({ kind: "workflow", reference: describe(lookup) })
        }
        return found
      }),
    getById,
    list: (ownerName) =>
      Effect.flatMap(accounts.get(ownerName), (owner) => load("w.owner_key = $1", [accountKey(owner.name)])),
    remove: (id) =>
      database.write(Effect.gen(function*() {
        yield* getById(id)
        for (const table of ["tables", "notes"]) {
          yield* database.run(`DELETE FROM registry.${table} WHERE version_id = $1`, [id])
        }
        yield* database.run(
          "DELETE FROM registry.node_jobs WHERE node_id IN (SELECT id FROM registry.nodes WHERE workflow_id = $1)",
          [id]
        )
        for (const table of ["parameters", "data_sources", "nodes"]) {
          yield* database.run(`DELETE FROM registry.${table} WHERE workflow_id = $1`, [id])
        }
        yield* database.run("DELETE FROM registry.workflows WHERE id = $1", [id])
        yield* relations.collectAll
      }))
  }
}
