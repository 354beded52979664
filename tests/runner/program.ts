/** A child process that is sure to end, and what it wrote. */
import { type ChildProcess, spawn, type StdioOptions } from "node:child_process"
import { createInterface } from "node:readline"
import type { Readable } from "node:stream"

const running = new Set<ChildProcess>()

/** A process leads a group of its own, so that what it has started ends with it. */
const kill = (child: ChildProcess): void => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, "SIGKILL")
  } catch {
    child.kill("SIGKILL") // the group is gone already
  }
}

process.on("exit", () => running.forEach(kill))
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1))

export interface Program {
  readonly child: ChildProcess
  /** The end of what it wrote that was not asked for. */
  readonly log: () => string
  readonly exited: Promise<number | undefined>
  readonly stop: () => Promise<void>
}

const keptLines = 60

export const start = (command: string, parameters: ReadonlyArray<string>, options: {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Gets each line of standard output; what it does not take (false) goes to the log. */
  readonly onLine?: (line: string) => boolean
  /** Gets each line of standard error, which goes to the log all the same. */
  readonly onErrorLine?: (line: string) => void
  /** Gets each line of file descriptor 3. */
  readonly onControl?: (line: string) => void
  /** The ids of the user and the group that it runs as. */
  readonly as?: number | undefined
}): Program => {
  const stdio: StdioOptions = ["ignore", "pipe", "pipe", ...(options.onControl === undefined ? [] : ["pipe" as const])]
  const child = spawn(command, parameters, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: true,
    ...(options.as === undefined ? {} : { uid: options.as, gid: options.as }),
    stdio
  })
  running.add(child)
  const kept: Array<string> = []
  const keep = (line: string): void => {
    kept.push(line)
    if (kept.length > keptLines) kept.shift()
  }
  const read = (stream: unknown, onLine: (line: string) => void): Promise<void> =>
    new Promise((resolve) => {
      // the descriptors that were asked for as pipes
      createInterface({ input: stream as Readable }).on("line", onLine).on("close", resolve)
    })
  const streams = [
    read(child.stdout, (line) => {
      if (options.onLine?.(line) !== true) keep(line)
    }),
    read(child.stderr, (line) => {
      keep(line)
      options.onErrorLine?.(line)
    })
  ]
  if (options.onControl !== undefined) void read(child.stdio[3], options.onControl)
  const exited = new Promise<number | undefined>((resolve) => {
    child.on("error", (error) => {
      keep(String(error))
      resolve(undefined)
    })
    child.on("exit", (code) => {
      running.delete(child)
      // a grandchild may hold the pipes open: what is there by now has to do
      void Promise.race([Promise.all(streams), new Promise((go) => setTimeout(go, 500).unref())])
        .then(() => resolve(code ?? undefined))
    })
  })
  return {
    child,
    exited,
    log: () => kept.join("\n"),
    stop: async () => {
      kill(child)
      await exited
    }
  }
}
