export * as NodeRedivis from "./NodeRedivis.ts"
