export * as NodeFiles from "./NodeFiles.ts"
export * as NodeRedivis from "./NodeRedivis.ts"
export * as NodeRowCache from "./NodeRowCache.ts"
