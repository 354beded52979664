/** What of the client the library's own modules alone see. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Operation from "../contract/Operation.ts"
import type { Common, InvalidInput } from "../contract/RedivisError.ts"
import type { Sending } from "./call/attempt.ts"
import { type Bytes, execute, open } from "./call/execute.ts"
import type { AnyInput, Write } from "./call/request.ts"
import type { Transport } from "./call/transport.ts"
import { type Client, Redivis } from "./Client.ts"
import { configure, type Options } from "./options.ts"
import { CurrentPlatform } from "./Platform.ts"
import * as RateLimit from "./RateLimit.ts"

export { type Client, Redivis } from "./Client.ts"

/** The client as the library's own modules use it. */
export interface Executor extends Client {
  /** What the calls share. */
  readonly sending: Sending
  /** Sends one operation and gives its decoded answer. A body is JSON unless `write` makes it something else. */
  readonly execute: <Op extends Operation.Any>(
    operation: Op,
    input: Operation.Input<Op>,
    write?: Write
  ) => Effect.Effect<Operation.Success<Op>, Common | Operation.Failure<Op>>
  /** What opens the bytes of an answer in place of the server, where there is none. */
  readonly opened?:
    | ((operation: Operation.Any, input: AnyInput) => Effect.Effect<Bytes, never, Scope.Scope>)
    | undefined
}

// each layer's client is an executor; a program that changes one keeps what it does not see
const executorOf = (client: Client): Executor => client as Executor

/** The program's client. */
export const executor: Effect.Effect<Executor, never, Redivis> = /*#__PURE__*/ Redivis.useSync(executorOf)

/** Does something with the program's client. */
export const withExecutor = <A, E, R>(
  f: (executor: Executor) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | Redivis> => Redivis.use((client) => f(executorOf(client)))

/** Sends one operation and gives its answer's bytes to be pulled, until the scope closes. */
export const openBytes = <Op extends Operation.Any>(
  { opened, sending }: Executor,
  operation: Op,
  input: Operation.Input<Op>
): Effect.Effect<Bytes, Common | Operation.Failure<Op>, Scope.Scope> => {
  // the executor holds every input and answer to the operation's own schemas and statuses
  const bytes = opened === undefined ? open(sending, operation, input) : opened(operation, input)
  return bytes as Effect.Effect<Bytes, Common | Operation.Failure<Op>, Scope.Scope>
}

/** Builds a client over a transport. */
export const makeOver = Effect.fnUntraced(function*(
  options: Options,
  transport: Transport
): Effect.fn.Return<Executor, InvalidInput> {
  const platform = yield* CurrentPlatform
  const configuration = yield* configure(options, platform)
  const budgets = yield* RateLimit.CurrentBudgets
  const { endpoint, maxConcurrent } = configuration
  /** Most clients have one account. */
  let last: { readonly account: RateLimit.Account; readonly budget: RateLimit.Budget } | undefined
  const sending: Sending = {
    configuration,
    transport,
    budgetFor: (account, before) => {
      if (last === undefined || last.account !== account) {
        last = { account, budget: budgets.budgetFor(endpoint, account, { maxConcurrent }, before) }
      }
      return last.budget
    },
    isHeldUp: false
  }
  return {
    endpoint,
    defaults: options.defaults ?? {},
    sending,
    // the executor holds every input and answer to the operation's own schemas and statuses
    execute: ((operation, input, write) => execute(sending, operation, input, write)) as Executor["execute"]
  }
})
