export * as BrowserRedivis from "./BrowserRedivis.ts"
export * as BrowserRowCache from "./BrowserRowCache.ts"
