/**
 * An emulator of the Redivis API: DuckDB inside, nothing to install.
 *
 * @since 0.1.0
 */
export type { EmulatorClock } from "./clock.ts"
export {
  type ControlsShape,
  type MemberComment,
  type OpenSockets,
  type TokenOptions,
  UnknownUser,
  type Usage
} from "./control.ts"
export type { DoorRefused } from "./http/door.ts"
export type { ListenFailed } from "./http/nodeServer.ts"
export type { BodySummary, RequestRecord } from "./requestLog.ts"
export type { RowOrderSetting } from "./server.ts"
export { layerTest, layerTestInMemory, layerTestWith } from "./layerTest.ts"
export { DataUnusable, Emulator, layer, layerInMemory, make, makeInMemory, type Options } from "./service.ts"
