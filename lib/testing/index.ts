export type { ClientEnd, TestClient } from './client.js'
export type { TestServerOptions } from './options.js'
export { everySplit } from './split.js'
export { type ConnectOptions, type TestServer, testServer } from './test-server.js'
