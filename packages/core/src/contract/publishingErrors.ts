/** What publishing fails with beside its requests. */
import * as Schema from "effect/Schema"
import { harmless } from "./harmless.ts"

/**
 * How far a publication came that failed. The draft stays as it is.
 *
 * @category models
 * @since 0.1.0
 */
export const PublishProgress = Schema.Struct({
  /** The tables that are as they should be, proved. */
  done: Schema.Array(Schema.String),
  /** The tables that are not, or of which it is not known. */
  notDone: Schema.Array(Schema.String),
  isReleased: Schema.Boolean
})
/**
 * @category models
 * @since 0.1.0
 */
export interface PublishProgress extends Schema.Schema.Type<typeof PublishProgress> {}

const namesOf = (names: ReadonlyArray<string>): string => names.length === 0 ? "nothing" : names.join(", ")

const progressSays = ({ progress }: { readonly progress?: PublishProgress }): string =>
  progress === undefined
    ? ""
    : ` Done: ${namesOf(progress.done)}. Not done: ${namesOf(progress.notDone)}. ${
      progress.isReleased ? "The version is released." : "Nothing is released."
    }`

/**
 * A table of a draft is not what was published into it.
 *
 * @category errors
 * @since 0.1.0
 */
export class VerificationFailed
  extends Schema.TaggedError<VerificationFailed>("@effect-redivis/core/VerificationFailed")("VerificationFailed", {
    table: Schema.String,
    /** What does not hold. */
    reason: Schema.Literals(["RowCount", "SourceRowCount", "OtherUploads", "Variables", "Identity", "Content"]),
    /** What was expected and what was found. */
    detail: Schema.String,
    progress: Schema.optionalKey(PublishProgress)
  })
{
  override get message(): string {
    return harmless(
      `The table ${this.table} is not what was published: ${this.detail}. The draft stays as it is: look at it, then publish again.${
        progressSays(this)
      }`
    )
  }
}

/**
 * Tables are no longer what they were when a plan was made.
 *
 * @category errors
 * @since 0.1.0
 */
export class PlanOutdated
  extends Schema.TaggedError<PlanOutdated>("@effect-redivis/core/PlanOutdated")("PlanOutdated", {
    dataset: Schema.String,
    /** The tables that moved. */
    tables: Schema.Array(Schema.String),
    progress: Schema.optionalKey(PublishProgress)
  })
{
  override get message(): string {
    return harmless(
      `The plan for ${this.dataset} is outdated: ${namesOf(this.tables)} moved since it was made. Make a new plan.${
        progressSays(this)
      }`
    )
  }
}
