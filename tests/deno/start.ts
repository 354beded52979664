import { executable, root } from "../runner/places.ts"
import { runProcess } from "../runner/suite.ts"
import type { Start } from "../runner/start.ts"

export const startDeno: Start = {
  runtime: "deno",
  run: async (cases, assignment) => {
    const command = executable("deno", "deno", "deno.exe")
    if (command === undefined) return "the package deno is not installed"
    const hosts = [assignment.endpoint, assignment.control, assignment.elsewhere, ...assignment.origins]
      .map((url) => new URL(url).host)
    return runProcess({
      runtime: "deno",
      cases,
      assignment,
      command,
      parameters: [
        "test",
        "--no-check",
        "--no-prompt",
        "--no-lock",
        "--node-modules-dir=manual",
        `--allow-net=${[...new Set(hosts)].join(",")}`,
        "tests/deno/main.ts",
        "--"
      ],
      cwd: root,
      env: { ...process.env, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" }
    })
  }
}
