/** Workflows and what hangs on them, as the API shows them. */
import type { dataSource, notebook, parameter, table, transform, workflow } from "@effect-redivis/core/Contract"
import { Reference } from "@effect-redivis/core/Contract"
import type { WorkflowLevel } from "../policy/access.ts"
import type { Urls } from "../server.ts"
import type * as Model from "../store/model.ts"
import { workflowBase } from "./render.ts"

export const workflowListItem = (
  shown: Model.Workflow,
  level: WorkflowLevel,
  urls: Urls
): workflow.WorkflowListItem => ({
  ...workflowBase(shown, urls),
  createdAt: shown.createdAt,
  publicAccessLevel: shown.publicAccessLevel,
  studyAccessLevel: shown.studyAccessLevel,
  accessLevel: level,
  study: shown.study === null ? null : { kind: "study", name: shown.study }
})

export const workflowWhole = (shown: Model.Workflow, level: WorkflowLevel, urls: Urls): workflow.Workflow => ({
  ...workflowListItem(shown, level, urls),
  lastActive: shown.lastActive,
  tableCount: shown.tableCount,
  transformCount: shown.transformCount,
  notebookCount: shown.notebookCount,
  description: shown.description
})

export const parameterWhole = (shown: Model.Parameter, of: Model.Workflow, urls: Urls): parameter.Parameter => {
  const uri = `${workflowBase(of, urls).uri}/parameters/${encodeURIComponent(shown.name)}`
  return {
    kind: "parameter",
    uri,
    url: urls.origin + uri,
    id: shown.id,
    name: shown.name,
    type: shown.type,
    values: shown.values,
    createdAt: shown.createdAt,
    updatedAt: shown.updatedAt
  }
}

/** What a data source takes its tables from, as far as somebody may know of it. */
export interface ShownOrigin {
  readonly sourceDataset: NonNullable<dataSource.DataSource["sourceDataset"]> | null
  readonly sourceWorkflow: NonNullable<dataSource.DataSource["sourceWorkflow"]> | null
}

export const dataSourceListItem = (
  shown: Model.DataSource,
  origin: ShownOrigin,
  of: Model.Workflow,
  urls: Urls
): dataSource.DataSourceListItem => {
  const uri = `${workflowBase(of, urls).uri}/dataSources/${shown.id}`
  return {
    kind: "datasource",
    uri,
    id: shown.id,
    url: urls.origin + uri,
    createdAt: shown.createdAt,
    updatedAt: shown.updatedAt,
    isSample: shown.origin.kind === "dataset" && shown.origin.sample,
    ...origin
  }
}

const job = (shown: Model.NodeJob | null) =>
  shown === null ? null : {
    kind: `${shown.kind}Job`,
    id: shown.id,
    status: shown.status,
    errorMessage: shown.errorMessage,
    createdAt: shown.createdAt,
    finishedAt: shown.finishedAt
  }

/** The shape of both kinds in a listing. */
export const nodeListItem = (
  shown: Model.WorkflowNode,
  urls: Urls
): transform.TransformListItem & notebook.NotebookListItem => {
  const scoped = `${Reference.normalizeName(shown.name)}:${shown.referenceId}`
  const qualified = `${workflowBase(shown.workflow, urls).qualifiedReference}.${scoped}`
  const uri = `/${shown.kind}s/${qualified}`
  return {
    kind: shown.kind,
    id: shown.id,
    uri,
    url: urls.origin + uri,
    name: shown.name,
    qualifiedReference: qualified,
    scopedReference: scoped,
    referenceId: shown.referenceId,
    createdAt: shown.createdAt,
    updatedAt: shown.updatedAt
  }
}

/** Tables of a node that somebody may see. */
export interface NodeTables {
  readonly referencedTables: ReadonlyArray<table.TableBase>
  readonly sourceTable: table.TableBase | null
  readonly outputTable: table.TableBase | null
}

export const nodeWhole = (shown: Model.WorkflowNode, tables: NodeTables, urls: Urls): notebook.Notebook => ({
  ...nodeListItem(shown, urls),
  ...tables,
  currentJob: job(shown.currentJob),
  lastRunJob: job(shown.lastRunJob),
  workflow: workflowBase(shown.workflow, urls)
})
