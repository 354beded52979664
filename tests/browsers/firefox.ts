/** Firefox, where it is installed. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { start } from "../runner/program.ts"
import { type Engine, inherited, makeHome } from "./engine.ts"

const wellKnown = [
  "/usr/bin/firefox-esr",
  "/usr/bin/firefox",
  "/Applications/Firefox.app/Contents/MacOS/firefox"
]

/** The browser talks to nobody but this machine, and opens nothing but the page. */
const preferences: Readonly<Record<string, boolean | number | string>> = {
  "app.normandy.enabled": false,
  "app.update.disabledForTesting": true,
  "browser.aboutwelcome.enabled": false,
  "browser.newtabpage.enabled": false,
  "browser.safebrowsing.downloads.remote.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage": "about:blank",
  "browser.startup.homepage_override.mstone": "ignore",
  "browser.topsites.contile.enabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.getAddons.cache.enabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.dns.disablePrefetch": true,
  "services.settings.server": "data:,",
  "startup.homepage_welcome_url": "",
  "toolkit.telemetry.enabled": false,
  "toolkit.telemetry.unified": false
}

export const firefoxEngine: Engine = {
  runtime: "firefox",
  find: async () => {
    const named = process.env["FIREFOX_PATH"]
    const executable = [named, ...wellKnown].find((path) => path !== undefined && Fs.existsSync(path))
    if (executable === undefined) {
      return "no Firefox is on this machine: Debian's package is firefox-esr; FIREFOX_PATH names another"
    }
    return async (url) => {
      const home = makeHome("firefox")
      const profile = Path.join(home.folder, "profile")
      Fs.mkdirSync(profile)
      Fs.writeFileSync(
        Path.join(profile, "user.js"),
        Object.entries(preferences)
          .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
          .join("")
      )
      const program = start(executable, ["--headless", "--no-remote", "--profile", profile, url], {
        env: { ...inherited(), HOME: home.folder, MOZ_CRASHREPORTER_DISABLE: "1" }
      })
      return {
        ended: program.exited.then((code) => `it exited with ${code ?? "a signal"}`),
        log: program.log,
        close: async () => {
          await program.stop()
          home.remove()
        }
      }
    }
  }
}
