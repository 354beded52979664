/** WebKit, where Debian's MiniBrowser of WebKitGTK and a screen for it are installed. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { start } from "../runner/program.ts"
import { type Engine, inherited, makeHome } from "./engine.ts"

const libraries = ["/usr/lib", `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`]

/** Of the newest version there is: `webkit2gtk-4.1` and the like. */
const findMiniBrowser = (): string | undefined =>
  libraries
    .filter((folder) => Fs.existsSync(folder))
    .flatMap((folder) =>
      Fs.readdirSync(folder)
        .filter((name) => /^webkit(2gtk|gtk)-[\d.]+$/.test(name))
        .toSorted()
        .reverse()
        .map((name) => Path.join(folder, name, "MiniBrowser"))
    )
    .find((path) => Fs.existsSync(path))

const screen = "/usr/bin/Xvfb"

/** A screen of its own, whose number it says itself. */
const openScreen = async (): Promise<{ readonly display: string; readonly close: () => Promise<void> }> => {
  const { promise: number, resolve } = Promise.withResolvers<string | undefined>()
  const program = start(screen, ["-displayfd", "3", "-screen", "0", "1024x768x24", "-nolisten", "tcp"], {
    onControl: resolve
  })
  const display = await Promise.race([number, program.exited.then(() => undefined)])
  if (display === undefined) throw new Error(`Xvfb did not start:\n${program.log()}`)
  return {
    display: `:${display}`,
    close: async () => {
      // asked to go it takes its lock along
      program.child.kill("SIGTERM")
      await Promise.race([program.exited, new Promise((resolve) => setTimeout(resolve, 2000).unref())])
      await program.stop()
    }
  }
}

export const webkitEngine: Engine = {
  runtime: "webkit",
  find: async () => {
    const executable = process.env["WEBKIT_PATH"] ?? findMiniBrowser()
    if (executable === undefined) {
      return "no WebKit is on this machine: Debian's package is webkit2gtk-driver; WEBKIT_PATH names another MiniBrowser"
    }
    if (!Fs.existsSync(screen)) return "WebKit has no screen on this machine: Debian's package is xvfb"
    return async (url) => {
      const home = makeHome("webkit")
      const { close, display } = await openScreen()
      const program = start(executable, [url], {
        env: {
          ...inherited(),
          DISPLAY: display,
          GDK_BACKEND: "x11",
          HOME: home.folder,
          // there is no bus of accessibility to talk to, and no graphics card
          NO_AT_BRIDGE: "1",
          LIBGL_ALWAYS_SOFTWARE: "1",
          XDG_RUNTIME_DIR: home.folder
        }
      })
      return {
        ended: program.exited.then((code) => `it exited with ${code ?? "a signal"}`),
        log: program.log,
        close: async () => {
          await program.stop()
          await close()
          home.remove()
        }
      }
    }
  }
}
