/** What a caller may do with datasets and workflows, and what they may not even know. */
import * as Effect from "effect/Effect"
import { Forbidden, InsufficientScope, type NotFound, notFound, type Unauthorized } from "../http/Refusal.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import { mustLogIn } from "./anonymous.ts"
import { type Caller, hasScope } from "./caller.ts"

const levels: ReadonlyArray<Model.AccessLevel> = ["none", "overview", "metadata", "sample", "data", "edit"]

export const reaches = (level: Model.AccessLevel, needed: Model.AccessLevel): boolean =>
  levels.indexOf(level) >= levels.indexOf(needed)

const higher = (a: Model.AccessLevel, b: Model.AccessLevel): Model.AccessLevel => reaches(a, b) ? a : b

const scopeOf: Readonly<Record<Model.AccessLevel, string>> = {
  none: "public",
  overview: "data.overview",
  metadata: "data.metadata",
  sample: "data.data",
  data: "data.data",
  edit: "data.edit"
}

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

const userAdministers = (user: Model.User, owner: Model.Account): Effect.Effect<boolean, never, Store> => {
  if (owner.kind === "user") return Effect.succeed(sameName(owner.name, user.name))
  return Effect.flatMap(Store, (store) => store.members.get(owner.name, user.name)).pipe(
    Effect.map((member) => member.isAdmin && member.status === "approved"),
    Effect.catch(() => Effect.succeed(false))
  )
}

/** Whether the caller's account is this one, or administers it. */
export const administers = (caller: Caller, owner: Model.Account): Effect.Effect<boolean, never, Store> =>
  caller.kind === "anonymous" ? Effect.succeed(false) : userAdministers(caller.user, owner)

/** What an account may do with a dataset. */
export const levelOfUser: (
  dataset: Model.Dataset,
  user: Model.User
) => Effect.Effect<Model.AccessLevel, never, Store> = Effect.fnUntraced(function*(dataset, user) {
  if (yield* userAdministers(user, dataset.owner)) return "edit"
  const store = yield* Store
  return higher(dataset.publicAccessLevel, yield* store.grants.get(dataset.id, user.name))
})

/** What the caller's account may do with a dataset, whatever the token's scopes are. */
export const levelOf = (dataset: Model.Dataset, caller: Caller): Effect.Effect<Model.AccessLevel, never, Store> =>
  caller.kind === "anonymous" ? Effect.succeed(dataset.publicAccessLevel) : levelOfUser(dataset, caller.user)

/** Who may not even have an overview is told that nothing is there. */
export type Denied<Needed extends Model.AccessLevel = Model.AccessLevel> =
  | Unauthorized
  | InsufficientScope
  | NotFound
  | (Needed extends "overview" ? never : Forbidden)

/** The same answer for what is not there and for what the caller may not know of. */
export const hidden: (kind: string, reference: string) => NotFound = notFound

interface Standing {
  readonly publicLevel: Model.AccessLevel
  readonly accountLevel: Model.AccessLevel
}

const decide = <Needed extends Model.AccessLevel>(
  standing: Standing,
  caller: Caller,
  needed: Needed,
  isDraft: boolean,
  onHidden: NotFound
): Effect.Effect<Model.AccessLevel, Denied<Needed>> =>
  // an account without an overview is answered before it comes to `Forbidden`
  judge(standing, caller, needed, isDraft, onHidden) as Effect.Effect<Model.AccessLevel, Denied<Needed>>

const judge = (
  standing: Standing,
  caller: Caller,
  needed: Model.AccessLevel,
  isDraft: boolean,
  onHidden: NotFound
): Effect.Effect<Model.AccessLevel, Denied> => {
  const wanted: Model.AccessLevel = isDraft ? "edit" : needed
  if (!isDraft && reaches(standing.publicLevel, wanted)) return Effect.succeed(standing.accountLevel)
  if (reaches(standing.accountLevel, wanted)) {
    return caller.kind === "user" && hasScope(caller.scopes, scopeOf[wanted])
      ? Effect.succeed(standing.accountLevel)
      : Effect.fail(new InsufficientScope({ scopes: [scopeOf[wanted]] }))
  }
  // drafts are a secret of those who edit
  if (isDraft || !reaches(standing.accountLevel, "overview")) return Effect.fail(onHidden)
  return Effect.fail(
    caller.kind === "anonymous"
      ? mustLogIn
      : new Forbidden({
        description: `Not authorized: this needs ${needed} access, and you have ${standing.accountLevel}`
      })
  )
}

/** Lets through who has the access that is needed on a dataset at a version, and gives their level. */
export const requireDataset: <Needed extends Model.AccessLevel>(
  at: Model.DatasetAtVersion,
  caller: Caller,
  needed: Needed,
  reference: string
) => Effect.Effect<Model.AccessLevel, Denied<Needed>, Store> = Effect.fnUntraced(
  function*(at, caller, needed, reference) {
    const accountLevel = yield* levelOf(at.dataset, caller)
    return yield* decide(
      { publicLevel: at.dataset.publicAccessLevel, accountLevel },
      caller,
      needed,
      !at.version.isReleased,
      hidden("dataset", reference)
    )
  }
)

/** Whether somebody sees the draft of a dataset: edit access, by account and token. */
export const seesDraft = (level: Model.AccessLevel, caller: Caller): boolean =>
  level === "edit" && caller.kind === "user" && hasScope(caller.scopes, "data.edit")

/** Whether a dataset is in a listing that the caller asked for. */
export const isListed: (
  at: Model.DatasetAtVersion,
  caller: Caller
) => Effect.Effect<Model.AccessLevel | undefined, never, Store> = Effect.fnUntraced(function*(at, caller) {
  return yield* requireDataset(at, caller, "overview", "").pipe(Effect.catch(() => Effect.succeed(undefined)))
})

const isPublic = (workflow: Model.Workflow): boolean => workflow.publicAccessLevel === "view"

export type WorkflowLevel = "view" | "edit"

/** What the caller's account may do with a workflow; nothing where it is hidden. */
export const levelOfWorkflow: (
  workflow: Model.Workflow,
  caller: Caller
) => Effect.Effect<WorkflowLevel | undefined, never, Store> = Effect.fnUntraced(function*(workflow, caller) {
  if (yield* administers(caller, workflow.owner)) return "edit"
  return isPublic(workflow) ? "view" : undefined
})

export type WorkflowDenied<Needed extends WorkflowLevel = WorkflowLevel> =
  | Unauthorized
  | InsufficientScope
  | NotFound
  | (Needed extends "view" ? never : Forbidden)

const judgeWorkflow: (
  workflow: Model.Workflow,
  caller: Caller,
  needed: WorkflowLevel,
  onHidden: NotFound
) => Effect.Effect<WorkflowLevel, WorkflowDenied, Store> = Effect.fnUntraced(
  function*(workflow, caller, needed, onHidden) {
    const level = yield* levelOfWorkflow(workflow, caller)
    if (level === undefined) return yield* onHidden
    if (needed === "view" && isPublic(workflow)) return level
    if (level !== "edit") {
      return yield* caller.kind === "anonymous"
        ? mustLogIn
        : new Forbidden({ description: "Not authorized: you may view this workflow, and not edit it" })
    }
    const scope = needed === "edit" ? "workflow.write" : "workflow.read"
    return caller.kind === "user" && hasScope(caller.scopes, scope)
      ? level
      : yield* new InsufficientScope({ scopes: [scope] })
  }
)

/** Lets through who may view or edit a workflow, and gives their level. */
export const requireWorkflow = <Needed extends WorkflowLevel>(
  workflow: Model.Workflow,
  caller: Caller,
  needed: Needed,
  onHidden: NotFound
): Effect.Effect<WorkflowLevel, WorkflowDenied<Needed>, Store> =>
  // whoever may do anything with a workflow may view it
  judgeWorkflow(workflow, caller, needed, onHidden) as Effect.Effect<WorkflowLevel, WorkflowDenied<Needed>, Store>

const workflowLevels = (workflow: Model.Workflow): Model.AccessLevel =>
  workflow.publicAccessLevel === "view" ? "data" : "none"

/** What the caller's account may do with the tables of a workflow. */
export const workflowLevelOf: (
  workflow: Model.Workflow,
  caller: Caller
) => Effect.Effect<Model.AccessLevel, never, Store> = Effect.fnUntraced(function*(workflow, caller) {
  return (yield* administers(caller, workflow.owner)) ? "edit" : workflowLevels(workflow)
})

export const requireTable: <Needed extends Model.AccessLevel>(
  table: Model.Table,
  caller: Caller,
  needed: Needed,
  reference: string
) => Effect.Effect<Model.AccessLevel, Denied<Needed>, Store> = Effect.fnUntraced(
  function*(table, caller, needed, reference) {
    const onHidden = hidden("table", reference)
    if (table.container.kind === "workflow") {
      const accountLevel = yield* workflowLevelOf(table.container.workflow, caller)
      const publicLevel = workflowLevels(table.container.workflow)
      return yield* decide({ publicLevel, accountLevel }, caller, needed, false, onHidden)
    }
    const at = table.container.at
    const accountLevel = yield* levelOf(at.dataset, caller)
    const standing = { publicLevel: at.dataset.publicAccessLevel, accountLevel }
    // a sample needs less of the same
    const wanted = (needed === "data" && table.isSample ? "sample" : needed) as typeof needed
    return yield* decide(standing, caller, wanted, !at.version.isReleased, onHidden)
  }
)
