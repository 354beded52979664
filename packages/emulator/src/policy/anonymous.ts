/** What is answered without credentials. */
import type { Operation, OperationName } from "@effect-redivis/core/Contract"
import { Unauthorized } from "../http/Refusal.ts"

/** `rows`: as the service does it. `public`: whatever is public, as older documentation has it. */
export type AnonymousAccess = "rows" | "public"

export const noCredentials = new Unauthorized({ description: "No credentials were provided." })

/** Where the service asks for an account only once it has looked at what is wanted. */
export const mustLogIn = new Unauthorized({ error: "access_denied", description: "Must be logged in" })

/** What reads, of things that can be public. */
const reads: ReadonlySet<string> = new Set<OperationName>([
  "datasets.listByUser",
  "datasets.listByOrganization",
  "datasets.headByOrganization",
  "datasets.get",
  "datasets.head",
  "versions.list",
  "versions.get",
  "versions.head",
  "tables.listByDataset",
  "tables.listByWorkflow",
  "tables.get",
  "tables.head",
  "tables.listRows",
  "variables.listByTable",
  "variables.getByTable",
  "variables.headByTable",
  "variables.statisticsByTable",
  "readSessions.postByTable",
  "readSessions.getStream",
  "rawFiles.listByTable",
  "rawFiles.get",
  "rawFiles.head",
  "tables.script",
  "uploads.script",
  "workflows.listByUser",
  "workflows.listByOrganization",
  "workflows.get",
  "workflows.head",
  "parameters.list",
  "parameters.get",
  "parameters.head",
  "dataSources.list",
  "dataSources.get",
  "dataSources.head",
  "transforms.list",
  "transforms.get",
  "transforms.head",
  "notebooks.list",
  "notebooks.get",
  "notebooks.head"
])

/** Whether who sends no credentials comes as far as the operation's own judgement. */
export const isOpen = (operation: Operation.Any, access: AnonymousAccess): boolean =>
  access === "public"
    ? reads.has(operation.name)
    // a session is made with a token, and can let anyone read its streams
    : operation.anonymous || operation.name === "readSessions.getStream"
