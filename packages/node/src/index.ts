export * as NodeFiles from "./NodeFiles.ts"
export * as NodeRedivis from "./NodeRedivis.ts"
