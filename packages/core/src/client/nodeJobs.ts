/** Waiting for a run of a transform or a notebook, which tells of its jobs itself. */
import * as Effect from "effect/Effect"
import { DeadlineExceeded, InvalidInput } from "../contract/RedivisError.ts"
import type { NodeJob } from "../contract/workflowNode.ts"
import * as jobs from "./jobs.ts"

interface Node {
  readonly currentJob?: NodeJob | null
  readonly lastRunJob?: NodeJob | null
}

/** Asks until the run has ended: the one that was started, or that the node has when the wait begins. */
export const wait = <A extends Node, E, R>(
  kind: "transform" | "notebook",
  reference: string,
  /** What the request to run was answered. */
  started: A | undefined,
  ask: Effect.Effect<A, E, R>,
  options: jobs.WaitOptions<A> | undefined
): Effect.Effect<A, E | InvalidInput | jobs.JobError, R> =>
  Effect.gen(function*() {
    yield* jobs.checkTime("deadline", options?.deadline)
    const { answer: first, deadline } = started !== undefined
      ? { answer: started, deadline: options?.deadline }
      : yield* jobs.first(
        ask,
        options?.deadline,
        () => new DeadlineExceeded({ kind, id: reference, status: "unknown" })
      )
    const earlier = first.lastRunJob?.id
    let id = first.currentJob?.id ?? (started === undefined ? earlier : undefined)
    if (started === undefined && id === undefined) {
      return yield* new InvalidInput({ field: kind, reason: "has never been run: there is nothing to wait for" })
    }
    /** The run that is waited for: where an answer had not its own yet, the first that is none from before. */
    const jobOf = ({ currentJob, lastRunJob }: Node): Pick<NodeJob, "status" | "errorMessage"> | undefined => {
      const told = [currentJob, lastRunJob].filter((job) => job !== undefined && job !== null)
      const other = told.find((job) => job.id !== earlier)
      id ??= other?.id
      return told.find((job) => job.id === id) ?? (other === undefined ? undefined : {
        status: "failed",
        errorMessage: `The run ${other.id} has taken its place, and how it ended is not told`
      })
    }
    return yield* jobs.wait(
      {
        kind,
        id: id ?? reference,
        status: (state: A) => jobOf(state)?.status,
        errorMessage: (state: A) => jobOf(state)?.errorMessage
      },
      first,
      ask,
      { ...options, deadline }
    )
  })
