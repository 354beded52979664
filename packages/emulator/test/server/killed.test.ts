/** Processes that are killed, and connections that never end: what was acknowledged is there, and others are served. */
import { assert, describe, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import * as Net from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { times } from "../times.ts"

const bin = fileURLToPath(new URL("../../src/bin.ts", import.meta.url))

/** Starts an emulator, and kills it without a word when the work is done. */
const living = async <A>(
  flags: ReadonlyArray<string>,
  work: (url: string, kill: () => Promise<void>) => Promise<A>
): Promise<A> => {
  const child = spawn(process.execPath, [bin, "--token", "known", ...flags], { stdio: ["ignore", "pipe", "pipe"] })
  const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()))
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL")
    await ended
  }
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let said = ""
      child.stdout.on("data", (chunk) => {
        said += chunk
        const found = /(http:\/\/\S+\/api\/v1) /.exec(said)
        if (found !== null) resolve(found[1]!)
      })
      child.stderr.on("data", (chunk) => {
        said += chunk
      })
      child.on("exit", () => reject(new Error(`ended: ${said}`)))
    })
    return await work(url, kill)
  } finally {
    await kill()
  }
}

/** Undefined where the connection broke. */
const call = async (url: string, path: string, json?: unknown): Promise<{ status: number; body: any } | undefined> => {
  try {
    const response = await fetch(url + path, {
      method: json === undefined ? "GET" : "POST",
      headers: { authorization: "Bearer known", "content-type": "application/json" },
      ...(json === undefined ? undefined : { body: JSON.stringify(json) })
    })
    return { status: response.status, body: await response.json() }
  } catch {
    return undefined
  }
}

const names = async (url: string, path: string): Promise<ReadonlyArray<string>> => {
  const all: Array<string> = []
  let token: string | undefined
  do {
    const page = await call(url, `${path}?maxResults=1000${token === undefined ? "" : `&pageToken=${token}`}`)
    assert.strictEqual(page?.status, 200)
    all.push(...page!.body.results.map(({ name }: { readonly name: string }) => name))
    token = page!.body.nextPageToken ?? undefined
  } while (token !== undefined)
  return all
}

describe("an emulator with --data", () => {
  it("that is killed in the midst of writes has each that it acknowledged", async () => {
    const folder = await mkdtemp(join(tmpdir(), "killed-"))
    const [datasets, tables]: [Array<string>, Array<string>] = [[], []]
    const flags = ["--data", join(folder, "data"), "--rate-limit", "100000"]
    try {
      for (let round = 0; round < 2 * times; round++) {
        await living(flags, async (url, kill) => {
          if (round === 0) {
            const made = await call(url, "/users/researcher/datasets", { name: "home", publicAccessLevel: "none" })
            assert.strictEqual(made?.status, 200, JSON.stringify(made?.body))
          }
          const before = datasets.length + tables.length
          let isKilled = false
          const writer = async (who: number): Promise<void> => {
            for (let number = 0; !isKilled; number++) {
              const name = `w${round}x${who}x${number}`
              const isTable = number % 2 === 1
              const made = await call(
                url,
                isTable ? "/datasets/researcher.home:next/tables" : "/users/researcher/datasets",
                isTable ? { name } : { name, publicAccessLevel: "none" }
              )
              if (made?.status === 200) (isTable ? tables : datasets).push(name)
              else if (made !== undefined) assert.fail(`${made.status} ${JSON.stringify(made.body)}`)
              // each life ends at another write, in the midst of those of the others
              if (datasets.length + tables.length >= before + 15 + 4 * round && !isKilled) {
                isKilled = true
                await kill()
              }
            }
          }
          await Promise.all([0, 1, 2, 3].map(writer))
        })
      }
      await living(flags, async (url) => {
        const found = new Set([
          ...(await names(url, "/users/researcher/datasets")),
          ...(await names(url, "/datasets/researcher.home:next/tables"))
        ])
        assert.deepStrictEqual([...datasets, ...tables].filter((name) => !found.has(name)), [])
        assert.isAbove(datasets.length, 10)
        assert.isAbove(tables.length, 10)
      })
    } finally {
      await rm(folder, { recursive: true })
    }
  }, 120_000 * times)

  it("serves others while 100 connections send their requests byte by byte, or not at all", async () => {
    await living(["--rate-limit", "100000"], async (url) => {
      const { hostname, port } = new URL(url)
      const beginnings = [
        "",
        "GET",
        "GET /api/v1/users/me HTTP/1.1\r\nhost: ",
        `GET /api/v1/users/me HTTP/1.1\r\nhost: ${hostname}:${port}\r\nx-long: `,
        `POST /api/v1/queries HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer known\r\n` +
        "content-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"query\":",
        `POST /api/v1/queries HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer known\r\n` +
        "content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"que"
      ]
      const sockets = await Promise.all(
        Array.from({ length: 100 * times }, (_, index) =>
          new Promise<Net.Socket>((resolve, reject) => {
            const socket = Net.connect(Number(port), hostname, () => {
              socket.write(beginnings[index % beginnings.length]!, () => resolve(socket))
            })
            socket.on("error", reject)
          }))
      )
      for (let round = 0; round < 20; round++) {
        assert.strictEqual((await call(url, "/users/me"))?.status, 200)
        for (const [index, socket] of sockets.entries()) if (index % 20 === round) socket.write("x")
      }
      const ran = await call(url, "/queries", { query: "select 1 as a" })
      assert.strictEqual(ran?.status, 200)
      for (const socket of sockets) socket.destroy()
      assert.strictEqual((await call(url, "/users/me"))?.status, 200)
    })
  }, 60_000 * times)
})
