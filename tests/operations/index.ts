import { access } from "./access.ts"
import { datasets } from "./datasets.ts"
import { dataSources } from "./dataSources.ts"
import { exports } from "./exports.ts"
import { members, organizations } from "./members.ts"
import { notebooks } from "./notebooks.ts"
import { parameters } from "./parameters.ts"
import type { Proof } from "./Proof.ts"
import { queries } from "./queries.ts"
import { rawFiles } from "./rawFiles.ts"
import { readSessions } from "./readSessions.ts"
import { scripts } from "./scripts.ts"
import { secrets } from "./secrets.ts"
import { tables } from "./tables.ts"
import { transforms } from "./transforms.ts"
import { uploads } from "./uploads.ts"
import { users } from "./users.ts"
import { variables } from "./variables.ts"
import { versions } from "./versions.ts"
import { workflows, workflowTables } from "./workflows.ts"

/** One for each operation, in the order of the contract. */
export const proofs: ReadonlyArray<Proof> = [
  ...users,
  ...datasets,
  ...organizations,
  ...versions,
  ...access,
  ...members,
  ...secrets,
  ...tables,
  ...workflowTables,
  ...variables,
  ...uploads,
  ...queries,
  ...readSessions,
  ...exports,
  ...rawFiles,
  ...scripts,
  ...workflows,
  ...parameters,
  ...dataSources,
  ...transforms,
  ...notebooks
]
