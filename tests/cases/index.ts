import { access } from "./access.ts"
import type { Case } from "./Case.ts"
import { connections } from "./connections.ts"
import { datasets } from "./datasets.ts"
import { faults } from "./faults.ts"
import { freeRequests } from "./freeRequests.ts"
import { headers } from "./headers.ts"
import { interruption } from "./interruption.ts"
import { listings } from "./listings.ts"
import { proofs } from "../operations/index.ts"
import { publishing } from "./publishing.ts"
import { queries } from "./queries.ts"
import { reaching } from "./reaching.ts"
import { reading } from "./reading.ts"
import { redirects } from "./redirects.ts"
import { references } from "./references.ts"
import { responses } from "./responses.ts"
import { rowBytes } from "./rowBytes.ts"
import { rowCache } from "./rowCache.ts"
import { rows } from "./rows.ts"
import { statuses } from "./statuses.ts"
import { tables } from "./tables.ts"
import { throttling } from "./throttling.ts"
import { transport } from "./transport.ts"
import { uploads } from "./uploads.ts"
import { versions } from "./versions.ts"

/** The whole table. */
export const cases: ReadonlyArray<Case> = [
  ...reaching,
  ...access,
  ...references,
  ...datasets,
  ...versions,
  ...tables,
  ...listings,
  ...rows,
  ...rowBytes,
  ...responses,
  ...reading,
  ...rowCache,
  ...faults,
  ...uploads,
  ...queries,
  ...publishing,
  ...statuses,
  ...transport,
  ...redirects,
  ...headers,
  ...freeRequests,
  ...throttling,
  ...interruption,
  ...proofs.flatMap((proof) => proof.cases),
  // behind those that count sockets
  ...connections
]
