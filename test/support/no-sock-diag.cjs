// The addon on a system that lists no sockets: a kernel without the module tcp_diag answers so.
const { resolve } = require('node:path')
const addon = require(resolve(__dirname, '../../build/Release/holdfast.node'))

module.exports = {
  ...addon,
  readPortSockets() {
    throw Object.assign(new Error('sock_diag ENOENT: no such file or directory'), {
      code: 'ENOENT',
    })
  },
}
