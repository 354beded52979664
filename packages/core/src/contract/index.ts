/**
 * The whole contract: every schema and every operation, for servers, documents
 * and tools. Client code never imports it, since a bundler would keep it whole.
 *
 * @since 0.1.0
 */
import * as access from "./access.ts"
import * as dataset from "./dataset.ts"
import * as dataSource from "./dataSource.ts"
import * as exports from "./export.ts"
import * as member from "./member.ts"
import * as notebook from "./notebook.ts"
import * as parameter from "./parameter.ts"
import * as query from "./query.ts"
import * as rawFile from "./rawFile.ts"
import * as readSession from "./readSession.ts"
import * as script from "./script.ts"
import * as secret from "./secret.ts"
import * as table from "./table.ts"
import * as transform from "./transform.ts"
import * as upload from "./upload.ts"
import * as user from "./user.ts"
import * as variable from "./variable.ts"
import * as version from "./version.ts"
import * as workflow from "./workflow.ts"

export { harmless } from "./harmless.ts"
export * as Operation from "./Operation.ts"
export * as RedivisError from "./RedivisError.ts"
export * as Reference from "./Reference.ts"
export {
  access,
  dataset,
  dataSource,
  exports,
  member,
  notebook,
  parameter,
  query,
  rawFile,
  readSession,
  script,
  secret,
  table,
  transform,
  upload,
  user,
  variable,
  version,
  workflow
}

/**
 * Every operation, listed once.
 *
 * @category operations
 * @since 0.1.0
 */
export const operations = [
  user.me,
  dataset.listByUser,
  dataset.listByOrganization,
  dataset.headByOrganization,
  dataset.get,
  dataset.head,
  dataset.postByUser,
  dataset.postByOrganization,
  dataset.patch,
  dataset.delete,
  version.list,
  version.get,
  version.post,
  version.release,
  version.head,
  version.patch,
  version.unrelease,
  version.delete,
  version.undelete,
  access.listByDataset,
  access.listByMember,
  access.get,
  member.list,
  member.get,
  member.head,
  member.patch,
  member.comment,
  secret.getByUser,
  secret.getByOrganization,
  table.listByDataset,
  table.listByWorkflow,
  table.get,
  table.head,
  table.post,
  table.patch,
  table.delete,
  table.createTempUploads,
  table.listRows,
  variable.listByTable,
  variable.listByUpload,
  variable.listByQuery,
  variable.getByTable,
  variable.headByTable,
  variable.patchByTable,
  variable.statisticsByTable,
  variable.getByUpload,
  variable.headByUpload,
  variable.patchByUpload,
  variable.statisticsByUpload,
  variable.getByQuery,
  variable.headByQuery,
  variable.patchByQuery,
  variable.statisticsByQuery,
  variable.bulkPatchByTable,
  variable.bulkPatchByDataset,
  variable.bulkPatchByWorkflow,
  upload.list,
  upload.post,
  upload.get,
  upload.head,
  upload.delete,
  upload.insertRows,
  query.post,
  query.get,
  query.listRows,
  readSession.postByTable,
  readSession.postByUpload,
  readSession.postByQuery,
  readSession.getStream,
  exports.postByTable,
  exports.postByUpload,
  exports.postByQuery,
  exports.get,
  exports.download,
  rawFile.listByTable,
  rawFile.listByQuery,
  rawFile.post,
  rawFile.get,
  rawFile.head,
  script.byTable,
  script.byUpload,
  script.byQuery,
  workflow.listByUser,
  workflow.listByOrganization,
  workflow.get,
  workflow.head,
  parameter.list,
  parameter.post,
  parameter.get,
  parameter.head,
  parameter.patch,
  parameter.delete,
  dataSource.list,
  dataSource.post,
  dataSource.get,
  dataSource.head,
  dataSource.patch,
  transform.list,
  transform.get,
  transform.head,
  transform.patch,
  transform.run,
  transform.cancel,
  notebook.list,
  notebook.get,
  notebook.head,
  notebook.patch,
  notebook.run,
  notebook.stop,
  notebook.createTempUploads,
  notebook.putOutputTable
] as const

/**
 * An operation's name.
 *
 * @category operations
 * @since 0.1.0
 */
export type OperationName = typeof operations[number]["name"]
