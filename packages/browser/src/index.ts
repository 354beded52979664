export * as BrowserRedivis from "./BrowserRedivis.ts"
