export * as DenoRedivis from "./DenoRedivis.ts"
