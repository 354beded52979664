import { assert, describe, it } from "@effect/vitest"
import { type ChildProcess, spawn } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"

const bin = fileURLToPath(new URL("../../src/bin.ts", import.meta.url))

interface Ended {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

const start = (...flags: ReadonlyArray<string>) => {
  const child: ChildProcess = spawn(process.execPath, [bin, ...flags], { stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  let errors = ""
  child.stderr!.on("data", (chunk) => (errors += chunk))
  const served = new Promise<{ readonly url: string; readonly token: string }>((resolve, reject) => {
    child.stdout!.on("data", (chunk) => {
      output += chunk
      const found = /(http:\/\/\S+\/api\/v1) .*token (\S+)\n/.exec(output)
      if (found !== null) resolve({ url: found[1]!, token: found[2]! })
    })
    child.on("exit", () => reject(new Error(`ended: ${output}${errors}`)))
  })
  served.catch(() => {})
  const ended = new Promise<Ended>((resolve) => child.on("exit", (code) => resolve({ code, output, errors })))
  return {
    served,
    ended,
    stop: () => {
      child.kill("SIGINT")
      return ended
    }
  }
}

const me = async (url: string, token: string) => {
  const response = await fetch(`${url}/users/me`, { headers: { authorization: `Bearer ${token}` } })
  return { status: response.status, headers: response.headers, body: (await response.json()) as any }
}

describe("the command", () => {
  it("serves what its flags say, prints one line, and ends at an interrupt", async () => {
    const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "bin-"))
    try {
      const seed = Path.join(folder, "seed.json")
      Fs.writeFileSync(Path.join(folder, "t.csv"), "a\n1\n")
      Fs.writeFileSync(
        seed,
        JSON.stringify({
          users: [{ name: "demo" }],
          datasets: [{ owner: "demo", name: "d", publicAccessLevel: "data", tables: [{ name: "t", file: "t.csv" }] }]
        })
      )
      const data = Path.join(folder, "data")
      const flags = ["--port", "0", "--data", data, "--token", "known", "--rate-limit", "7"]
      const first = start(...flags, "--seed", seed)
      const { token, url } = await first.served
      assert.strictEqual(token, "known")
      const { body, headers } = await me(url, "known")
      assert.deepStrictEqual([body.name, headers.get("x-ratelimit-limit")], ["researcher", "7"])
      assert.strictEqual(await (await fetch(`${url}/tables/demo.d.t/rows`)).text(), "[\"1\"]\n")
      const taken = await start("--port", new URL(url).port).ended
      assert.strictEqual(taken.code, 1)
      assert.include(taken.errors, "EADDRINUSE")
      const { code, errors, output } = await first.stop()
      assert.strictEqual(errors, "")
      assert.strictEqual(output.trim().split("\n").length, 1)
      assert.include([0, 130], code)
      assert.isTrue(Fs.existsSync(data))
    } finally {
      Fs.rmSync(folder, { recursive: true })
    }
  }, 60_000)

  it("says what is wrong with a seed or a flag, and fails", async () => {
    const absent = await start("--seed", "/nowhere/seed.json").ended
    assert.strictEqual(absent.code, 1)
    assert.match(absent.errors, /^The seed is refused: .*seed\.json cannot be read/)
    assert.strictEqual(absent.errors.trim().split("\n").length, 1)
    const wrong = await start("--port", "70000").ended
    assert.strictEqual(wrong.code, 1)
    assert.include(wrong.errors + wrong.output, "70000 is no port")
  }, 60_000)
})
