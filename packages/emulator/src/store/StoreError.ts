/**
 * What can go wrong in the store for a reason that a caller can be told. What
 * cannot (a full disk, a defect) is a defect of the effect.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * There is no such thing.
 *
 * @category errors
 * @since 0.1.0
 */
export class StoreNotFound extends Schema.TaggedError<StoreNotFound>("@effect-redivis/emulator/StoreNotFound")(
  "StoreNotFound",
  {
    /** `dataset`, `version`, `table`, … */
    kind: Schema.String,
    /** As the caller named it. */
    reference: Schema.String
  }
) {
  override get message(): string {
    return `There is no ${this.kind} ${JSON.stringify(this.reference)}`
  }
}

/**
 * The state of what is there forbids it: a name that is taken, a version that
 * is released already, an upload that still runs.
 *
 * @category errors
 * @since 0.1.0
 */
export class StoreConflict extends Schema.TaggedError<StoreConflict>("@effect-redivis/emulator/StoreConflict")(
  "StoreConflict",
  {
    reason: Schema.Literals([
      "nameTaken",
      "nextExists",
      "noNext",
      "notReleased",
      "released",
      "nothingToRelease",
      "uploadsUnfinished",
      "currentVersion",
      "deleted",
      "unreleaseWindow",
      "tempUpload",
      "offset",
      "notCompleted",
      "notStream",
      "running",
      "notRunning",
      "references",
      "tooManyTables"
    ]),
    message: Schema.String
  }
) {}

/**
 * A value that the store cannot take, such as a variable that does not exist.
 *
 * @category errors
 * @since 0.1.0
 */
export class StoreInvalid extends Schema.TaggedError<StoreInvalid>("@effect-redivis/emulator/StoreInvalid")(
  "StoreInvalid",
  {
    field: Schema.String,
    message: Schema.String
  }
) {}

/**
 * A file or rows that cannot be read as what they claim to be. Uploads keep the
 * message as their `errorMessage`; only `uploads.insertRows` fails with it.
 *
 * @category errors
 * @since 0.1.0
 */
export class ImportFailed extends Schema.TaggedError<ImportFailed>("@effect-redivis/emulator/ImportFailed")(
  "ImportFailed",
  {
    message: Schema.String,
    /** Counts from 1, the header included. */
    line: Schema.NullOr(Schema.Number)
  }
) {}

/**
 * Translated SQL that the store refuses, or that failed while it ran.
 *
 * @category errors
 * @since 0.1.0
 */
export class QueryFailed extends Schema.TaggedError<QueryFailed>("@effect-redivis/emulator/QueryFailed")(
  "QueryFailed",
  {
    message: Schema.String
  }
) {}
