import { bundle } from "../runner/bundle.ts"
import { collect, patience } from "../runner/suite.ts"
import type { Start } from "../runner/start.ts"
import { serveWorker } from "./serve.ts"

export const startWorkerd: Start = {
  runtime: "workerd",
  run: async (cases, assignment) => {
    const collector = collect("workerd", cases, assignment.only)
    const worker = serveWorker(
      await bundle("tests/workerd/main.ts", { platform: "neutral", conditions: ["workerd", "worker", "browser"] })
    )
    if (worker === undefined) return "the package workerd is not installed"
    const answer = async (): Promise<string | undefined> => {
      const response = await worker.fetch("/", {
        method: "POST",
        body: JSON.stringify(assignment),
        signal: AbortSignal.timeout(patience)
      })
      if (response.body === null) return `workerd answered ${response.status} without a body`
      let rest = ""
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + chunk).split("\n")
        rest = lines.pop() ?? ""
        for (const line of lines) if (!collector.take(line)) return `workerd answered: ${line}`
      }
      return rest === "" ? undefined : `workerd answered: ${rest}`
    }
    const problem = await answer().catch((reason: unknown) => String(reason))
    await worker.stop()
    return collector.close(problem === undefined ? undefined : `${problem}\n${worker.log()}`)
  }
}
