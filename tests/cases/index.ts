import type { Case } from "./Case.ts"
import { reaching } from "./reaching.ts"

/** The whole table. */
export const cases: ReadonlyArray<Case> = [...reaching]
