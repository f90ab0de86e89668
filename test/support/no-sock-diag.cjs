// The addon on a system that lists no sockets: a kernel without the module tcp_diag answers so.
const { resolve } = require('node:path')
const built = resolve(__dirname, '../../build/Release/holdfast.node')
const addon = require(process.env.HOLDFAST_REAL_ADDON || built)

module.exports = {
  ...addon,
  readPortSockets() {
    throw Object.assign(new Error('sock_diag ENOENT: no such file or directory'), {
      code: 'ENOENT',
    })
  },
}
