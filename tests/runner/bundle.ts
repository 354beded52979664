import { build } from "esbuild"
import { root } from "./places.ts"

/** One file with a runtime's table of cases, for runtimes that load no packages. */
export const bundle = async (entry: string, options: {
  readonly platform: "browser" | "neutral"
  readonly conditions: ReadonlyArray<string>
}): Promise<string> => {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    platform: options.platform,
    conditions: [...options.conditions],
    mainFields: ["module", "main"],
    logLevel: "silent"
  })
  const [file] = result.outputFiles
  if (file === undefined) throw new Error(`esbuild gave nothing for ${entry}`)
  return file.text
}
