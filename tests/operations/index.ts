import type { Proof } from "./Proof.ts"
import { users } from "./users.ts"
import { versions } from "./versions.ts"

/** One for each operation, in the order of the contract. */
export const proofs: ReadonlyArray<Proof> = [
  ...users,
  ...versions
]
