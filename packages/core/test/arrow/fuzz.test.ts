/**
 * The reader against streams that went wrong in every way that a generator
 * thinks of. `FUZZ_SECONDS` says for how long, `FUZZ_SEED` from where; what
 * fails prints both the seed and the path (`FUZZ_PATH`) of what failed.
 */
import { assert, it } from "@effect/vitest"
import { randomInt } from "node:crypto"
import { Worker } from "node:worker_threads"
import type { Done, Task } from "./fuzzing.ts"

const seconds = Number(process.env["FUZZ_SECONDS"] ?? 20)
const seed = Number(process.env["FUZZ_SEED"] ?? randomInt(2 ** 31))
const path = process.env["FUZZ_PATH"]

/** Seconds that one reading of a few kilobytes may take, on a machine that does much else. */
const longestRun = 20

/** What the thread says in the end, or why it did not come to one. */
const run = (task: Task): Promise<Done> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./fuzzing.ts", import.meta.url), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: 400 }
    })
    let last = -1
    let since = performance.now()
    const watch = setInterval(() => {
      const begun = Atomics.load(task.progress, 0)
      if (begun !== last) {
        last = begun
        since = performance.now()
      } else if (performance.now() - since > longestRun * 1000) {
        reject(new Error(`run ${begun} does not end: FUZZ_SEED=${seed} FUZZ_PATH=${Math.max(0, begun - 1)}`))
        void worker.terminate()
      }
    }, 200)
    worker.on("message", resolve)
    worker.on("error", (error) =>
      reject(new Error(`FUZZ_SEED=${seed}: ${error instanceof Error ? error.stack : String(error)}`)))
    worker.on("exit", () => {
      clearInterval(watch)
      reject(new Error(`FUZZ_SEED=${seed}: the thread ended early`))
    })
  })

it(
  `mutated streams give batches and then at most a typed refusal, the same in any pieces, from ${seed}`,
  { timeout: (seconds + 2 * longestRun) * 1000 },
  async () => {
    const progress = new Int32Array(new SharedArrayBuffer(4))
    const { endings, failure, partial, runs } = await run({ seconds, seed, path, progress })
    if (failure !== undefined) assert.fail(`FUZZ_SEED=${seed}: ${failure}`)
    const told = `${runs} runs: ${JSON.stringify(endings)}, ${partial} of them after batches`
    console.log(told)
    if (path !== undefined) return
    // mutations reach everything: whole streams, refused ones, ones that are not whole, and rows before either
    for (const tag of ["whole", "DecodeError", "IntegrityError"]) assert.isAbove(endings[tag] ?? 0, runs / 100, told)
    assert.isAbove(partial, runs / 100, told)
  }
)
