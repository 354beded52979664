/** A page in Chromium that a test steers, with the files that are served to it. */
import type { Page } from "playwright-core"
import { type Chromium, launch } from "./chromium.ts"
import { openPages } from "./pages.ts"

/** Serves files, opens an empty page, and closes all after `use`. */
export const withPage = async <A>(
  found: Chromium,
  files: Readonly<Record<string, string>>,
  use: (page: Page, origin: string) => Promise<A>
): Promise<A> => {
  const pages = await openPages()
  pages.serve({ files })
  try {
    const browser = await launch(found)
    try {
      return await use(await browser.newPage(), pages.origin)
    } finally {
      await browser.close()
    }
  } finally {
    pages.close()
  }
}
