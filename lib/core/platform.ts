/**
 * Whether the reactor can ask how long ago the peer was last heard (TCP_INFO, tcpi_last_ack_recv).
 * Only Linux tells; elsewhere a user timeout takes its place where the system has one.
 */
export const HAS_LIVENESS_CLOCK = process.platform === 'linux'
