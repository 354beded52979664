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
      const flags = ["--port", "0", "--data", data, "--token", "known", "--rate-limit", "7", "--expose-headers"]
      flags.push("--rate-limit-headers", "seconds", "--concurrency-limit", "4", "--strict-references")
      const first = start(...flags, "--anonymous-access", "public", "--seed", seed)
      const { token, url } = await first.served
      assert.strictEqual(token, "known")
      const { body, headers } = await me(url, "known")
      assert.deepStrictEqual([body.name, headers.get("x-ratelimit-limit")], ["researcher", "7"])
      assert.include(headers.get("access-control-expose-headers"), "x-ratelimit-remaining")
      assert.isBelow(Number(headers.get("x-ratelimit-reset")), 1e11)
      assert.strictEqual(await (await fetch(`${url}/tables/demo.d.t/rows`)).text(), "{\"a\":1}\n")
      const unknown = await fetch(`${url}/datasets/demo.d:banana`, { headers: { authorization: `Bearer ${token}` } })
      assert.strictEqual(unknown.status, 404)
      assert.strictEqual((await fetch(`${url}/tables/demo.d.t`)).status, 200)
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

  it("takes tokens from a file, with their users, scopes and ends, and says where one does not fit", async () => {
    const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "bin-"))
    try {
      const [seed, tokens, wrong] = ["seed.json", "tokens.json", "wrong.json"].map((name) => Path.join(folder, name))
      Fs.writeFileSync(
        seed!,
        JSON.stringify({ users: [{ name: "demo" }], datasets: [{ owner: "demo", name: "d", versions: [{}] }] })
      )
      Fs.writeFileSync(
        tokens!,
        JSON.stringify([
          { text: "demo-token", user: "demo" },
          { text: "reader", user: "demo", scopes: ["data.overview"], expiresAt: Date.now() + 3_600_000 },
          { text: "ended", user: "researcher", scopes: ["data.edit"], expiresAt: 1 }
        ])
      )
      Fs.writeFileSync(
        wrong!,
        JSON.stringify([{ text: "a", user: "demo" }, { text: "b", user: "demo", scopes: ["all"] }])
      )
      const served = start("--data", Path.join(folder, "data"), "--seed", seed!, "--tokens", tokens!)
      const { url } = await served.served
      assert.strictEqual((await me(url, "demo-token")).body.name, "demo")
      assert.strictEqual((await me(url, "reader")).body.name, "demo")
      assert.strictEqual((await me(url, "ended")).status, 401)
      const edit = async (token: string) => {
        const response = await fetch(`${url}/datasets/demo.d`, {
          method: "PATCH",
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
          body: JSON.stringify({ description: "x" })
        })
        return [response.status, ((await response.json()) as any).error]
      }
      assert.deepStrictEqual(await edit("reader"), [403, "insufficient_scope"])
      assert.deepStrictEqual(await edit("demo-token"), [200, undefined])
      await served.stop()
      const refused = await start("--seed", seed!, "--tokens", wrong!).ended
      assert.strictEqual(refused.code, 1)
      assert.match(refused.errors, /^The tokens are refused at \[1\]\.scopes\[0\]: /)
      const unknown = await start("--tokens", wrong!).ended
      assert.strictEqual(unknown.code, 1)
      assert.match(unknown.errors, /^The tokens are refused at \[/)
    } finally {
      Fs.rmSync(folder, { recursive: true })
    }
  }, 60_000)

  it("says what is wrong with a seed or a flag, and fails", async () => {
    const [absent, wrong, none] = await Promise.all([
      start("--seed", "/nowhere/seed.json").ended,
      start("--port", "70000").ended,
      start("--concurrency-limit", "0").ended
    ])
    assert.strictEqual(absent.code, 1)
    assert.match(absent.errors, /^The seed is refused: .*seed\.json cannot be read/)
    assert.strictEqual(absent.errors.trim().split("\n").length, 1)
    assert.strictEqual(wrong.code, 1)
    assert.include(wrong.errors + wrong.output, "70000 is no port")
    assert.strictEqual(none.code, 1)
    assert.include(none.errors + none.output, "0 is no limit")
  }, 60_000)

  it(
    "says whom it lets in where it listens on every address, and refuses what is no host, origin or folder",
    async () => {
      const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "bin-"))
      try {
        const data = Path.join(folder, "data")
        const open = start("--host", "0.0.0.0", "--data", data)
        const { token, url } = await open.served
        assert.strictEqual((await me(url, token)).status, 200)
        const files = Fs.readdirSync(data, { withFileTypes: true, recursive: true })
        assert.include(files.map(({ name }) => name), "emulator.duckdb")
        if (process.platform !== "win32") {
          for (const entry of [{ parentPath: folder, name: "data", isDirectory: () => true }, ...files]) {
            const mode = Fs.statSync(Path.join(entry.parentPath, entry.name)).mode & 0o777
            assert.strictEqual(mode.toString(8), entry.isDirectory() ? "700" : "600", entry.name)
          }
        }
        const { errors, output } = await open.stop()
        assert.match(errors, /listens on every address .* --allow-host/)
        assert.strictEqual(output.trim().split("\n").length, 1)
        const named = start("--host", "0.0.0.0", "--allow-host", "emulator", "--allow-host", "db:80")
        await named.served
        assert.strictEqual((await named.stop()).errors, "")
        Fs.writeFileSync(Path.join(folder, "thesis.tex"), "years of work")
        for (
          const [flag, value] of [
            ["--data", folder],
            ["--allow-host", "http://emulator"],
            ["--control-origin", "localhost"]
          ] as const
        ) {
          const refused = await start(flag, value).ended
          assert.strictEqual(refused.code, 1, flag)
          assert.include(refused.errors, value)
          assert.strictEqual(refused.errors.trim().split("\n").length, 1)
        }
        assert.deepStrictEqual(Fs.readdirSync(folder).toSorted(), ["data", "thesis.tex"])
      } finally {
        Fs.rmSync(folder, { recursive: true })
      }
    },
    120_000
  )
})
