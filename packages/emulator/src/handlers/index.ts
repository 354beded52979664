/** One handler for each operation of the contract; one that is missing does not compile. */
import type { Operation, operations } from "@effect-redivis/core/Contract"
import * as DataSources from "./dataSources.ts"
import * as Access from "./access.ts"
import * as Datasets from "./datasets.ts"
import * as Exports from "./exports.ts"
import type { Handler } from "./handler.ts"
import * as Members from "./members.ts"
import * as Notebooks from "./notebooks.ts"
import * as Parameters from "./parameters.ts"
import * as Queries from "./queries.ts"
import * as RawFiles from "./rawFiles.ts"
import * as ReadSessions from "./readSessions.ts"
import * as Scripts from "./scripts.ts"
import * as Secrets from "./secrets.ts"
import * as Tables from "./tables.ts"
import * as Transforms from "./transforms.ts"
import * as Uploads from "./uploads.ts"
import * as Users from "./users.ts"
import * as Variables from "./variables.ts"
import * as Versions from "./versions.ts"
import * as Workflows from "./workflows.ts"

type Op = typeof operations[number]

type Handlers = { readonly [Name in Op["name"]]: Handler<Extract<Op, { readonly name: Name }> & Operation.Any> }

export const handlers: Handlers = {
  "users.me": Users.me,
  "datasets.listByUser": Datasets.listByUser,
  "datasets.listByOrganization": Datasets.listByOrganization,
  "datasets.headByOrganization": Datasets.headByOrganization,
  "datasets.get": Datasets.get,
  "datasets.head": Datasets.head,
  "datasets.postByUser": Datasets.postByUser,
  "datasets.postByOrganization": Datasets.postByOrganization,
  "datasets.patch": Datasets.patch,
  "datasets.delete": Datasets.remove,
  "versions.list": Versions.list,
  "versions.get": Versions.get,
  "versions.post": Versions.post,
  "versions.release": Versions.release,
  "versions.head": Versions.head,
  "versions.patch": Versions.patch,
  "versions.unrelease": Versions.unrelease,
  "versions.delete": Versions.remove,
  "versions.undelete": Versions.undelete,
  "access.listByDataset": Access.listByDataset,
  "access.listByMember": Access.listByMember,
  "access.get": Access.get,
  "members.list": Members.list,
  "members.get": Members.get,
  "members.head": Members.head,
  "members.patch": Members.patch,
  "members.postComment": Members.comment,
  "secrets.getByUser": Secrets.getByUser,
  "secrets.getByOrganization": Secrets.getByOrganization,
  "tables.listByDataset": Tables.listByDataset,
  "tables.listByWorkflow": Tables.listByWorkflow,
  "tables.get": Tables.get,
  "tables.head": Tables.head,
  "tables.post": Tables.post,
  "tables.patch": Tables.patch,
  "tables.delete": Tables.remove,
  "tables.createTempUploads": Tables.createTempUploads,
  "tables.listRows": Tables.listRows,
  "variables.listByTable": Variables.listByTable,
  "variables.listByUpload": Variables.listByUpload,
  "variables.listByQuery": Variables.listByQuery,
  "variables.getByTable": Variables.getByTable,
  "variables.headByTable": Variables.headByTable,
  "variables.patchByTable": Variables.patchByTable,
  "variables.statisticsByTable": Variables.statisticsByTable,
  "variables.getByUpload": Variables.getByUpload,
  "variables.headByUpload": Variables.headByUpload,
  "variables.patchByUpload": Variables.patchByUpload,
  "variables.statisticsByUpload": Variables.statisticsByUpload,
  "variables.getByQuery": Variables.getByQuery,
  "variables.headByQuery": Variables.headByQuery,
  "variables.patchByQuery": Variables.patchByQuery,
  "variables.statisticsByQuery": Variables.statisticsByQuery,
  "variables.bulkPatchByTable": Variables.bulkPatchByTable,
  "variables.bulkPatchByDataset": Variables.bulkPatchByDataset,
  "variables.bulkPatchByWorkflow": Variables.bulkPatchByWorkflow,
  "uploads.list": Uploads.list,
  "uploads.post": Uploads.post,
  "uploads.get": Uploads.get,
  "uploads.head": Uploads.head,
  "uploads.delete": Uploads.remove,
  "uploads.insertRows": Uploads.insertRows,
  "queries.post": Queries.post,
  "queries.get": Queries.get,
  "queries.listRows": Queries.listRows,
  "readSessions.postByTable": ReadSessions.postByTable,
  "readSessions.postByUpload": ReadSessions.postByUpload,
  "readSessions.postByQuery": ReadSessions.postByQuery,
  "readSessions.getStream": ReadSessions.getStream,
  "exports.postByTable": Exports.postByTable,
  "exports.postByUpload": Exports.postByUpload,
  "exports.postByQuery": Exports.postByQuery,
  "exports.get": Exports.get,
  "exports.download": Exports.download,
  "rawFiles.listByTable": RawFiles.listByTable,
  "rawFiles.listByQuery": RawFiles.listByQuery,
  "rawFiles.post": RawFiles.post,
  "rawFiles.get": RawFiles.get,
  "rawFiles.head": RawFiles.head,
  "tables.script": Scripts.byTable,
  "uploads.script": Scripts.byUpload,
  "queries.script": Scripts.byQuery,
  "workflows.listByUser": Workflows.listByUser,
  "workflows.listByOrganization": Workflows.listByOrganization,
  "workflows.get": Workflows.get,
  "workflows.head": Workflows.head,
  "parameters.list": Parameters.list,
  "parameters.post": Parameters.post,
  "parameters.get": Parameters.get,
  "parameters.head": Parameters.head,
  "parameters.patch": Parameters.patch,
  "parameters.delete": Parameters.remove,
  "dataSources.list": DataSources.list,
  "dataSources.post": DataSources.post,
  "dataSources.get": DataSources.get,
  "dataSources.head": DataSources.head,
  "dataSources.patch": DataSources.patch,
  "transforms.list": Transforms.list,
  "transforms.get": Transforms.get,
  "transforms.head": Transforms.head,
  "transforms.patch": Transforms.patch,
  "transforms.run": Transforms.run,
  "transforms.cancel": Transforms.cancel,
  "notebooks.list": Notebooks.list,
  "notebooks.get": Notebooks.get,
  "notebooks.head": Notebooks.head,
  "notebooks.patch": Notebooks.patch,
  "notebooks.run": Notebooks.run,
  "notebooks.stop": Notebooks.stop,
  "notebookJobs.createTempUploads": Notebooks.createTempUploads,
  "notebookJobs.putOutputTable": Notebooks.putOutputTable
}
