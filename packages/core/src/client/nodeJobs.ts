/** Waiting for a run of a transform or a notebook, which tells of its jobs itself. */
import * as Effect from "effect/Effect"
import { InvalidInput } from "../contract/RedivisError.ts"
import type { NodeJob } from "../contract/workflowNode.ts"
import * as jobs from "./jobs.ts"

interface Node {
  readonly currentJob?: NodeJob | null
  readonly lastRunJob?: NodeJob | null
}

/** The run that is meant: that of the id while it is to be seen, else the one that goes on, else the newest. */
const jobOf = (node: Node, id: string | undefined): NodeJob | null | undefined =>
  [node.currentJob, node.lastRunJob].find((job) => id !== undefined && job?.id === id) ??
    node.currentJob ?? node.lastRunJob

/** Asks until the run has ended that the node has when the wait begins. */
export const wait = <A extends Node, E, R>(
  kind: "transform" | "notebook",
  reference: string,
  /** What the request to run was answered. */
  started: A | undefined,
  ask: Effect.Effect<A, E, R>,
  options: jobs.WaitOptions<A> | undefined
): Effect.Effect<A, E | InvalidInput | jobs.JobError, R> =>
  Effect.gen(function*() {
    const first = started ?? (yield* ask)
    const id = jobOf(first, undefined)?.id
    if (started === undefined && id === undefined) {
      return yield* new InvalidInput({ field: kind, reason: "has never been run: there is nothing to wait for" })
    }
    return yield* jobs.wait(
      {
        kind,
        id: id ?? reference,
        status: (state: A) => jobOf(state, id)?.status,
        errorMessage: (state: A) => jobOf(state, id)?.errorMessage
      },
      first,
      ask,
      options
    )
  })
