/**
 * Every public module as a namespace, for scripts. Bundles should import the
 * flat paths (`@effect-redivis/core/Dataset`): a bundler keeps a namespace whole.
 *
 * @since 0.1.0
 */
export * as Access from "./resources/Access.ts"
export * as Arrow from "./data/Arrow.ts"
export * as Columns from "./data/Columns.ts"
export * as Credentials from "./client/Credentials.ts"
export * as DataSource from "./resources/DataSource.ts"
export * as Dataset from "./resources/Dataset.ts"
export * as Member from "./resources/Member.ts"
export * as Notebook from "./resources/Notebook.ts"
export * as Organization from "./resources/Organization.ts"
export * as Parameter from "./resources/Parameter.ts"
export * as Platform from "./client/Platform.ts"
export * as Query from "./resources/Query.ts"
export * as RateLimit from "./client/RateLimit.ts"
export * as ReadSession from "./resources/ReadSession.ts"
export * as Redivis from "./client/Redivis.ts"
export * as RedivisError from "./contract/RedivisError.ts"
export * as Reference from "./contract/Reference.ts"
export * as Retry from "./client/Retry.ts"
export * as Secret from "./resources/Secret.ts"
export * as Table from "./resources/Table.ts"
export * as Transfer from "./data/Transfer.ts"
export * as Transform from "./resources/Transform.ts"
export * as Upload from "./resources/Upload.ts"
export * as User from "./resources/User.ts"
export * as Variable from "./resources/Variable.ts"
export * as Version from "./resources/Version.ts"
export * as Warnings from "./client/Warnings.ts"
export * as Workflow from "./resources/Workflow.ts"
