import { executable, root } from "../runner/places.ts"
import { runProcess } from "../runner/suite.ts"
import type { Start } from "../runner/start.ts"

export const startBun: Start = {
  runtime: "bun",
  run: async (cases, assignment) => {
    const command = executable("bun", "bin/bun.exe", "bin/bun")
    if (command === undefined) return "the package bun is not installed"
    return runProcess({
      runtime: "bun",
      cases,
      assignment,
      command,
      parameters: ["run", "tests/bun/main.ts"],
      cwd: root,
      env: { ...process.env, DO_NOT_TRACK: "1" }
    })
  }
}
