export * as DenoFiles from "./DenoFiles.ts"
export * as DenoRedivis from "./DenoRedivis.ts"
export * as DenoRowCache from "./DenoRowCache.ts"
