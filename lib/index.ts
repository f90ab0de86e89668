import './adapters/duplex.js'

export * from './codecs/index.js'
export type { AddressRule } from './core/address-rules.js'
export type {
  DisconnectCompletion,
  DisconnectEvidence,
  FailurePlace,
  HooksReport,
} from './core/completion.js'
export type {
  BroadcastOptions,
  BroadcastResult,
  CleanupHook,
  CloseOptions,
  Connection,
  ConnectionDuplex,
  ConnectionInfo,
  ConnectionState,
  DuplexOptions,
  ErrorContext,
  Handler,
  IdentityKey,
  InspectedConnection,
  Server,
  ServerAddress,
  Unregister,
  WriteEncoding,
} from './core/contract.js'
export type { ServerCounters } from './core/counters.js'
export type { DeadlineOptions, HeartbeatOptions } from './core/deadlines.js'
export type { EffectiveKeepalive } from './core/effective-keepalive.js'
export { HoldfastError, HoldfastRangeError, HoldfastTypeError } from './core/errors.js'
export {
  type KeepalivePlan,
  type PlannedCost,
  type PlannedTraffic,
  type PlanOptions,
  planKeepalive,
} from './core/keepalive-plan.js'
export type { IpVersion } from './core/keepalive-plan-costs.js'
export {
  type KeepaliveInput,
  KeepalivePolicy,
  type KeepaliveSettings,
  type UserTimeout,
} from './core/keepalive-policy.js'
export type { AskedBound, BoundLimit } from './core/keepalive-policy-asked.js'
export type { WithinOptions } from './core/keepalive-policy-within.js'
export type { LimitOptions } from './core/limits.js'
export { listen } from './core/listen.js'
export type { ListenOptions } from './core/options.js'
export { Output } from './core/output.js'
export { KEEPALIVE_PRESETS, type KeepalivePreset, type PresetValues } from './core/presets.js'
export { ProtocolError } from './core/protocol-error.js'
export type { ProxyOptions } from './core/proxy.js'
export type { ProxyInfo, ProxyTlv } from './core/proxy-header.js'
export {
  DISCONNECT_REASONS,
  type DisconnectActor,
  type DisconnectReason,
  REFUSAL_CAUSES,
  type RefusalCause,
} from './core/reasons.js'
export type { SocketTimer } from './core/socket-row.js'
export type { TcpInfo } from './core/tcp-info.js'
export { tuneSocket } from './core/tune-socket.js'
export type { IoKind } from './native/reactor.js'
export type {
  ProtocolConnection,
  ProtocolDefinition,
  ProtocolOptions,
} from './protocols/definition.js'
export { discard } from './protocols/discard.js'
export { echo } from './protocols/echo.js'
export { chatRoom } from './protocols/lines.js'
export { type PresenceOptions, presence } from './protocols/presence.js'
export { type Protocol, protocol } from './protocols/protocol.js'
export { type RespOptions, resp } from './protocols/resp/index.js'
