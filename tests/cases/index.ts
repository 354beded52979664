import type { Case } from "./Case.ts"
import { datasets } from "./datasets.ts"
import { listings } from "./listings.ts"
import { reaching } from "./reaching.ts"
import { rowBytes } from "./rowBytes.ts"
import { rows } from "./rows.ts"
import { statuses } from "./statuses.ts"
import { tables } from "./tables.ts"
import { transport } from "./transport.ts"
import { uploads } from "./uploads.ts"
import { versions } from "./versions.ts"

/** The whole table. */
export const cases: ReadonlyArray<Case> = [
  ...reaching,
  ...datasets,
  ...versions,
  ...tables,
  ...listings,
  ...rows,
  ...rowBytes,
  ...uploads,
  ...statuses,
  ...transport
]
