export * as DenoFiles from "./DenoFiles.ts"
export * as DenoRedivis from "./DenoRedivis.ts"
