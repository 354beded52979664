/** From the text of a reference to what it names, as far as the caller may know of it. */
import { Reference } from "@effect-redivis/core/Contract"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { Malformed } from "../http/Refusal.ts"
import * as Access from "../policy/access.ts"
import { normalName } from "../store/identifiers.ts"
import type * as Model from "../store/model.ts"
import { Store } from "../store/Store.ts"
import type { Call } from "./handler.ts"

const refused = (text: string, kind: string, reason: string): Malformed =>
  new Malformed({ description: `${JSON.stringify(text.slice(0, 200))} is no reference of a ${kind}: ${reason}` })

const forms: Readonly<Record<string, string>> = {
  table: "owner.workflow|dataset.table",
  dataset: "owner.dataset",
  workflow: "owner.workflow"
}

const unqualified = (kind: string): Malformed =>
  new Malformed({
    description: `Cannot look up unqualified ${kind}. Must be of the form ${forms[kind] ?? `owner.workflow.${kind}`}.`
  })

/** What a name says too little of to name the same thing for good. */
const unpinned = (kind: string, name: string, id: string): string =>
  `No reference id was provided for the ${kind}, which may cause your code to break if the name changes. Consider using the qualified reference "${
    normalName(name)
  }:${id}"`

interface Refused {
  readonly field: string
  readonly reason: string
}

/** What is behind a colon and is no tag, no sample, and nothing like an id. */
const unknownPart = /:(?!(?:v\d+[._]\d+|next|current|sample|[a-z0-9]{4})(?![^.:]))[^.:]*/gi

/**
 * Reads a reference as the service does: a part that says nothing to it is left
 * out. What only looks like an id stays one here, since the store knows which
 * ids there are.
 */
export const parse = <A>(
  text: string,
  read: (text: string) => Result.Result<A, Refused>,
  options: Model.LookupOptions | undefined
): Result.Result<A, Refused> => {
  const parsed = read(text)
  if (Result.isSuccess(parsed) || options?.strict === true || !parsed.failure.field.endsWith(".id")) return parsed
  const known = read(text.replace(unknownPart, ""))
  return Result.isSuccess(known) ? known : parsed
}

/** The parsed reference, where it says whose the thing is. */
const whole = <A>(
  text: string,
  kind: string,
  read: (text: string) => Result.Result<A, Refused>,
  ownerOf: (reference: A) => string | undefined,
  options: Model.LookupOptions | undefined
): Result.Result<A, Malformed> => {
  const parsed = parse(text, read, options)
  if (Result.isFailure(parsed)) {
    return Result.fail(refused(text, kind, `${parsed.failure.field} ${parsed.failure.reason}`))
  }
  return ownerOf(parsed.success) === undefined
    ? Result.fail(unqualified(kind))
    : Result.succeed(parsed.success)
}

export const datasetLookup = (
  text: string,
  options?: Model.LookupOptions
): Result.Result<Model.DatasetLookup, Malformed> =>
  whole(text, "dataset", (text) => Reference.parseDataset(text), ({ owner }) => owner, options)

export const workflowLookup = (
  text: string,
  options?: Model.LookupOptions
): Result.Result<Model.WorkflowLookup, Malformed> =>
  whole(text, "workflow", (text) => Reference.parseWorkflow(text), ({ owner }) => owner, options)

export const tableLookup = (
  text: string,
  options?: Model.LookupOptions
): Result.Result<Model.TableLookup, Malformed> =>
  whole(text, "table", (text) => Reference.parseTable(text), ({ container }) => container?.owner, options)

export const nodeLookup = (
  kind: Model.NodeKind,
  text: string,
  options?: Model.LookupOptions
): Result.Result<Model.NodeLookup, Malformed> =>
  whole(text, kind, (text) => Reference.parseNode(text), ({ container }) => container?.owner, options)

export interface FoundWorkflow {
  readonly workflow: Model.Workflow
  /** The caller's, by account. */
  readonly level: Access.WorkflowLevel
}

/** The workflow that is named, for a caller who may view or edit it. */
export const findWorkflow: <Needed extends Access.WorkflowLevel>(
  text: string,
  call: Call,
  needed: Needed
) => Effect.Effect<FoundWorkflow, Malformed | Access.WorkflowDenied<Needed>, Store> = Effect.fnUntraced(
  function*(text, call, needed) {
    const store = yield* Store
    const lookup = yield* Effect.fromResult(workflowLookup(text, call.lookup))
    const onHidden = Access.hidden("workflow", text)
    const workflow = yield* store.workflows.get(lookup, call.lookup).pipe(
      Effect.catchTag("StoreNotFound", () => Effect.fail(onHidden)),
      // its owner is there
      Effect.catchTag("StoreInvalid", Effect.die)
    )
    return { workflow, level: yield* Access.requireWorkflow(workflow, call.caller, needed, onHidden) }
  }
)

/** The transform or notebook that is named, for a caller who may view or edit its workflow. */
export const findNode: <Needed extends Access.WorkflowLevel>(
  kind: Model.NodeKind,
  text: string,
  call: Call,
  needed: Needed
) => Effect.Effect<Model.WorkflowNode, Malformed | Access.WorkflowDenied<Needed>, Store> = Effect.fnUntraced(
  function*(kind, text, call, needed) {
    const store = yield* Store
    const lookup = yield* Effect.fromResult(nodeLookup(kind, text, call.lookup))
    const onHidden = Access.hidden(kind, text)
    const node = yield* store.nodes.get(kind, lookup, call.lookup).pipe(
      Effect.catchTag("StoreNotFound", () => Effect.fail(onHidden)),
      Effect.catchTag("StoreInvalid", Effect.die)
    )
    yield* Access.requireWorkflow(node.workflow, call.caller, needed, onHidden)
    return node
  }
)

export interface FoundDataset {
  readonly at: Model.DatasetAtVersion
  /** The caller's, by account. */
  readonly level: Model.AccessLevel
}

/** The dataset that is named, for a caller with the access that is needed. */
export const findDataset: <Needed extends Model.AccessLevel>(
  text: string,
  call: Call,
  needed: Needed
) => Effect.Effect<FoundDataset, Malformed | Access.Denied<Needed>, Store> = Effect.fnUntraced(
  function*(text, call, needed) {
    const store = yield* Store
    const lookup = yield* Effect.fromResult(datasetLookup(text, call.lookup))
    const at = yield* store.datasets.get(lookup, call.lookup).pipe(
      Effect.catchTag("StoreNotFound", () => Effect.fail(Access.hidden("dataset", text))),
      // its owner is there
      Effect.catchTag("StoreInvalid", Effect.die)
    )
    const level = yield* Access.requireDataset(at, call.caller, needed, text)
    if (lookup.id === undefined) call.warn(unpinned("dataset", at.dataset.name, at.dataset.referenceId))
    return { at, level }
  }
)

export interface FoundTable {
  readonly table: Model.Table
  readonly level: Model.AccessLevel
}

export const findTable: <Needed extends Model.AccessLevel>(
  text: string,
  call: Call,
  needed: Needed
) => Effect.Effect<FoundTable, Malformed | Access.Denied<Needed>, Store> = Effect.fnUntraced(
  function*(text, call, needed) {
    const store = yield* Store
    const lookup = yield* Effect.fromResult(tableLookup(text, call.lookup))
    const table = yield* store.tables.get(lookup, call.lookup).pipe(
      Effect.catchTag("StoreNotFound", () => Effect.fail(Access.hidden("table", text))),
      Effect.catchTag("StoreInvalid", Effect.die)
    )
    const level = yield* Access.requireTable(table, call.caller, needed, text)
    if (table.container.kind === "dataset" && lookup.container?.id === undefined) {
      const { dataset } = table.container.at
      call.warn(unpinned("dataset", dataset.name, dataset.referenceId))
    }
    if (lookup.id === undefined) call.warn(unpinned("table", table.name, table.referenceId))
    return { table, level }
  }
)
