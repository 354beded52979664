/** What the main thread asks of the others. */
import * as ReadSession from "@effect-redivis/core/ReadSession"
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"

export class StreamFailed extends Schema.TaggedError<StreamFailed>()("StreamFailed", {
  stream: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `The stream ${this.stream} was not read: ${this.reason}`
  }
}

/** How often each value of the stream's one variable comes, and in which thread it was counted. */
export const Count = Rpc.make("Count", {
  payload: ReadSession.StreamDescriptor,
  success: Schema.Struct({
    thread: Schema.Int,
    values: Schema.Array(Schema.Tuple([Schema.String, Schema.Int]))
  }),
  error: StreamFailed
})

export const Tally = RpcGroup.make(Count)
