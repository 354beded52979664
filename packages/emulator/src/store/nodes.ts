/** Transforms and notebooks, and their runs. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { checkSql } from "./checkSql.ts"
import { explain } from "../sql/runtimeErrors.ts"
import { compute, withTimeout } from "./compute.ts"
import type { Database, Row } from "./Database.ts"
import { checkName, describe, pickNamed } from "./datasets.ts"
import * as Decode from "./decode.ts"
import {
  isReferenceId,
  isTaken,
  makeId,
  makeReferenceId,
  makeResourceId,
  normalName,
  quoteText
} from "./identifiers.ts"
import type * as Model from "./model.ts"
import { makeOutputs, type OutputParts } from "./outputTables.ts"
import type { Nodes, Workflows } from "./Store.ts"
import { StoreConflict, StoreInvalid, StoreNotFound } from "./StoreError.ts"
import { keepIf } from "./uploads.ts"

const toJob = (row: Row): Model.NodeJob => ({
  id: Decode.text(row, "id"),
  nodeId: Decode.text(row, "node_id"),
  kind: Decode.word(row, "kind"),
  status: Decode.word(row, "status"),
  errorMessage: Decode.textOrNull(row, "error_message"),
  createdAt: Decode.number(row, "created_at"),
  finishedAt: Decode.numberOrNull(row, "finished_at")
})

export const makeNodes = (
  database: Database,
  workflows: Pick<Workflows, "get" | "getById">,
  parts: Omit<OutputParts, "database">
): Nodes => {
  const jobsOf = (rows: ReadonlyArray<Row>): Effect.Effect<ReadonlyMap<string, Model.NodeJob>> => {
    const ids = rows.flatMap((row) =>
      [Decode.textOrNull(row, "current_job_id"), Decode.textOrNull(row, "last_job_id")].filter((id) => id !== null)
    )
    return ids.length === 0 ? Effect.succeed(new Map()) : Effect.map(
      database.rows(`SELECT * FROM registry.node_jobs WHERE id IN (${ids.map(quoteText).join(", ")})`),
      (jobs) => new Map(jobs.map((row) => [Decode.text(row, "id"), toJob(row)]))
    )
  }

  const load = (rows: ReadonlyArray<Row>, workflow: Model.Workflow): Effect.Effect<ReadonlyArray<Model.WorkflowNode>> =>
    Effect.map(jobsOf(rows), (jobs) => {
      const jobAt = (row: Row, name: string): Model.NodeJob | null =>
        jobs.get(Decode.textOrNull(row, name) ?? "") ?? null
      return Decode.inOrder(rows, "position").map((row) => ({
        id: Decode.text(row, "id"),
        kind: Decode.word<Model.NodeKind>(row, "kind"),
        workflow,
        referenceId: Decode.text(row, "reference_id"),
        name: Decode.text(row, "name"),
        query: Decode.textOrNull(row, "query"),
        source: Decode.json<Model.WorkflowNode["source"]>(row, "source"),
        outputTableId: Decode.textOrNull(row, "output_table_id"),
        currentJob: jobAt(row, "current_job_id"),
        lastRunJob: jobAt(row, "last_job_id"),
        createdAt: Decode.number(row, "created_at"),
        updatedAt: Decode.number(row, "updated_at")
      }))
    })

  const listIn = (
    workflow: Model.Workflow,
    kind: Model.NodeKind
  ): Effect.Effect<ReadonlyArray<Model.WorkflowNode>> =>
    // a node and its jobs of one moment: a run must not have ended in one and go on in the other
    database.snapshot(Effect.flatMap(
      database.rows("SELECT * FROM registry.nodes WHERE workflow_id = $1 AND kind = $2", [workflow.id, kind]),
      (rows) => load(rows, workflow)
    ))

  const getById: Nodes["getById"] = (id) =>
    database.snapshot(Effect.gen(function*() {
      const [row] = yield* database.rows("SELECT * FROM registry.nodes WHERE id = $1", [id])
      if (row === undefined) return yield* new StoreNotFound({ kind: "node", reference: id })
      const workflow = yield* workflows.getById(Decode.text(row, "workflow_id"))
      return (yield* load([row], workflow))[0]!
    }))

  const jobById = (id: string): Effect.Effect<Model.NodeJob, StoreNotFound> =>
    Effect.flatMap(database.rows("SELECT * FROM registry.node_jobs WHERE id = $1", [id]), ([row]) =>
      row === undefined
        ? Effect.fail(new StoreNotFound({ kind: "job", reference: id }))
        : Effect.succeed(toJob(row)))

  const touch = (node: { readonly workflow: Model.Workflow }, now: number): Effect.Effect<void> =>
    database.run("UPDATE registry.workflows SET last_active = $2 WHERE id = $1", [node.workflow.id, now])

  const requireFree = Effect.fnUntraced(function*(
    workflow: Model.Workflow,
    kind: Model.NodeKind,
    name: string,
    except: string | undefined
  ) {
    yield* checkName(name)
    const others = (yield* listIn(workflow, kind)).filter(({ id }) => id !== except)
    if (isTaken(name, others)) {
      return yield* new StoreConflict({ reason: "nameTaken", message: `There is a ${kind} named ${name} already` })
    }
    return others
  })

  /** Only what has not ended ends. */
  const finish = (
    jobId: string,
    status: "completed" | "failed" | "cancelled",
    message?: string
  ): Effect.Effect<void> =>
    database.write(Effect.gen(function*() {
      const ended = yield* database.rows(
        `UPDATE registry.node_jobs SET status = $2, error_message = $3, finished_at = $4
         WHERE id = $1 AND status IN ('queued', 'running') RETURNING node_id`,
        [jobId, status, message ?? null, yield* Clock.currentTimeMillis]
      )
      if (ended.length === 0) return
      yield* database.run(
        "UPDATE registry.nodes SET current_job_id = NULL, last_job_id = $1 WHERE current_job_id = $1",
        [jobId]
      )
    }))

  const job: Nodes["job"] = (jobId) =>
    Effect.gen(function*() {
      const found = yield* jobById(jobId)
      return { job: found, node: yield* getById(found.nodeId) }
    })

  const outputs = makeOutputs({ ...parts, database })

  return {
    list: (workflowId, kind) =>
      Effect.flatMap(
        Effect.option(workflows.getById(workflowId)),
        (workflow) => workflow._tag === "None" ? Effect.succeed([]) : listIn(workflow.value, kind)
      ),
    get: (kind, lookup, options) =>
      Effect.gen(function*() {
        if (lookup.container === undefined) {
          return yield* new StoreInvalid({ field: "reference", message: "must name the workflow" })
        }
        const workflow = yield* workflows.get(lookup.container, options)
        const found = pickNamed(yield* listIn(workflow, kind), lookup, options, (node) => node)
        if (found === undefined) {
          return yield* new StoreNotFound({ kind, reference: `${describe(lookup.container)}.${lookup.name ?? ""}` })
        }
        return found
      }),
    getById,
    create: (workflowId, node) =>
      database.write(Effect.gen(function*() {
        const workflow = yield* workflows.getById(workflowId)
        const others = yield* requireFree(workflow, node.kind, node.name, undefined)
        const hasId = (id: string) => others.some(({ referenceId }) => referenceId === id)
        if (node.referenceId !== undefined && (!isReferenceId(node.referenceId) || hasId(node.referenceId))) {
          return yield* new StoreInvalid({ field: "referenceId", message: `${node.referenceId} is taken, or no id` })
        }
        const referenceId = node.referenceId ?? makeReferenceId(hasId)
        const id = makeResourceId(referenceId)
        yield* database.run(
          `INSERT INTO registry.nodes (id, workflow_id, kind, reference_id, name, name_key, query, source, output_name,
             created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)`,
          [
            id,
            workflowId,
            node.kind,
            referenceId,
            node.name,
            normalName(node.name),
            node.query ?? null,
            JSON.stringify(node.source ?? null),
            node.outputName ?? null,
            yield* Clock.currentTimeMillis
          ]
        )
        return yield* getById(id)
      })),
    update: (id, change) =>
      database.write(Effect.gen(function*() {
        const node = yield* getById(id)
        const { name = node.name, query = node.query, source = node.source } = change
        if (node.kind === "transform" && node.currentJob !== null) {
          return yield* new StoreConflict({
            reason: "running",
            message: "The transform is already running: cancel it first"
          })
        }
        if (name !== node.name) yield* requireFree(node.workflow, node.kind, name, id)
        const now = yield* Clock.currentTimeMillis
        yield* database.run(
          "UPDATE registry.nodes SET name = $2, name_key = $3, query = $4, source = $5, updated_at = $6 WHERE id = $1",
          [id, name, normalName(name), query, JSON.stringify(source), now]
        )
        yield* touch(node, now)
        return yield* getById(id)
      })),
    start: (id) =>
      database.write(Effect.gen(function*() {
        const node = yield* getById(id)
        if (node.currentJob !== null) {
          return yield* new StoreConflict({ reason: "running", message: `The ${node.kind} is already running` })
        }
        const jobId = makeId()
        const now = yield* Clock.currentTimeMillis
        yield* database.run(
          "INSERT INTO registry.node_jobs (id, node_id, kind, status, created_at) VALUES ($1, $2, $3, $4, $5)",
          // nothing keeps a notebook waiting, since its code does not run here
          [jobId, id, node.kind, node.kind === "notebook" ? "running" : "queued", now]
        )
        yield* database.run("UPDATE registry.nodes SET current_job_id = $2 WHERE id = $1", [id, jobId])
        yield* touch(node, now)
        return yield* jobById(jobId)
      })),
    job,
    end: finish,
    execute: (jobId, translated, timeout) =>
      Effect.gen(function*() {
        const { node } = yield* job(jobId)
        yield* database.write(
          database.run("UPDATE registry.node_jobs SET status = 'running' WHERE id = $1 AND status = 'queued'", [jobId])
        )
        yield* checkSql(database, translated).pipe(
          Effect.andThen(database.buildAtLength((session) => compute(session, translated))),
          withTimeout(timeout),
          Effect.flatMap((content) =>
            keepIf(
              database,
              content,
              database.write(Effect.gen(function*() {
                yield* outputs.show(node.id, content, {})
                yield* finish(jobId, "completed")
              }))
            )
          ),
          Effect.catchTags({
            QueryFailed: ({ message }) => finish(jobId, "failed", message),
            DuckFault: ({ message }) => finish(jobId, "failed", explain(message)),
            // the name that a seed asked for, or the node itself
            StoreConflict: ({ message }) => finish(jobId, "failed", message),
            StoreInvalid: ({ message }) => finish(jobId, "failed", message)
          }),
          Effect.onInterrupt(() => finish(jobId, "cancelled")),
          Effect.tapDefect((defect) => finish(jobId, "failed", explain(String(defect))))
        )
      }),
    putOutput: (jobId, output) =>
      Effect.gen(function*() {
        const { job: found, node } = yield* job(jobId)
        const isNewest = (node.currentJob ?? node.lastRunJob)?.id === jobId
        if (!isNewest || (found.status !== "running" && found.status !== "completed")) {
          return yield* new StoreConflict({ reason: "notRunning", message: "This run of the notebook has ended" })
        }
        return yield* outputs.import(node, jobId, output, finish(jobId, "completed"))
      })
  }
}
