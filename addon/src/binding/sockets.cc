#include "binding/sockets.h"

#include <cstring>
#include <unordered_set>
#include <vector>

#include "binding/convert.h"
#include "net/socket_row.h"
#include "platform/socket_table.h"
#include "queues/record.h"

namespace holdfast {

Napi::Value ReadPortSockets(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto port = static_cast<uint16_t>(info[0].As<Napi::Number>().Uint32Value());
  std::vector<double> words;
  // A dump goes on where it was in a table that changes meanwhile, and may tell a socket twice.
  std::unordered_set<uint64_t> seen;
  const auto take = [&](const platform::SocketTableRow& row) {
    if (!seen.insert(row.cookie).second) return;
    const size_t at = words.size();
    words.resize(at + kSocketRowWords);
    WriteForeignRow(row, std::span(words).subspan(at));
  };
  for (const uint8_t family : {4, 6}) {
    if (const int error = platform::ReadSocketTable({family, port}, take)) {
      Address where;
      where.port = port;
      SystemError(env, {error, "sock_diag"}, where).ThrowAsJavaScriptException();
      return env.Undefined();
    }
  }
  napi_value buffer = nullptr;
  void* data = nullptr;
  const size_t bytes = words.size() * sizeof(double);
  // Fails in a worker that is being terminated.
  if (napi_create_arraybuffer(env, bytes, &data, &buffer) != napi_ok) return env.Undefined();
  if (bytes > 0) std::memcpy(data, words.data(), bytes);
  return {env, buffer};
}

Napi::Value TuneSocket(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto fd = static_cast<platform::SocketHandle>(info[0].As<Napi::Number>().Int32Value());
  const Address peer = platform::PeerAddress(fd);
  if (peer.family == 0) return env.Undefined();
  uint32_t detection_ms = 0;
  platform::Keepalive wanted = ReadKeepalivePolicy(info[1], &detection_ms);
  if (!wanted.enabled && platform::HasLivenessClock()) {
    wanted.rto_max_ms = platform::kRtoMaxMostMs;
  }
  platform::Unsupported unsupported;
  if (const int error = platform::ApplyKeepalive(fd, wanted, &unsupported)) {
    SystemError(env, {error, "setsockopt"}, peer).ThrowAsJavaScriptException();
    return env.Undefined();
  }
  return WriteEffectiveKeepalive(env, platform::ReadKeepalive(fd, wanted), unsupported, true,
                                 Inheritance::kVerified);
}

}  // namespace holdfast
