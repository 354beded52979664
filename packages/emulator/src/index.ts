/**
 * An emulator of the Redivis API, as layers and as a command.
 *
 * @since 0.1.0
 */
export * as Emulator from "./Emulator.ts"
export * as Faults from "./Faults.ts"
export * as Seed from "./Seed.ts"
