// Socket options for tests: what no public API of Node offers and a dead peer needs. It works on
// the descriptor of any socket of this process. Not part of holdfast itself.

#include <napi.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <uv.h>

#include <cerrno>
#include <string>

#ifdef __linux__
#include <linux/filter.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#endif

namespace {

Napi::Value Fail(Napi::Env env, const char* syscall) {
  const int error = errno;
  Napi::Error thrown = Napi::Error::New(env, std::string(syscall) + " " + uv_err_name(-error));
  thrown.Set("code", Napi::String::New(env, uv_err_name(-error)));
  thrown.ThrowAsJavaScriptException();
  return env.Undefined();
}

int ReadInt(const Napi::Value& value) {
  return value.ToNumber().Int32Value();
}

// attachDropAllFilter(fd): the socket goes deaf. The kernel drops every segment that arrives for it
// (socket(7), SO_ATTACH_FILTER; one instruction of classic BPF: keep 0 bytes), so its owner neither
// acknowledges, nor answers a probe, nor resets: to its peer it has vanished.
Napi::Value AttachDropAllFilter(const Napi::CallbackInfo& info) {
#ifdef __linux__
  sock_filter drop_all[] = {{BPF_RET | BPF_K, 0, 0, 0}};
  sock_fprog program = {1, drop_all};
  if (setsockopt(ReadInt(info[0]), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0) {
    return info.Env().Undefined();
  }
#else
  errno = ENOTSUP;
#endif
  return Fail(info.Env(), "setsockopt");
}

// detachFilter(fd): the socket hears again.
Napi::Value DetachFilter(const Napi::CallbackInfo& info) {
#ifdef __linux__
  int ignored = 0;
  if (setsockopt(ReadInt(info[0]), SOL_SOCKET, SO_DETACH_FILTER, &ignored, sizeof(ignored)) == 0) {
    return info.Env().Undefined();
  }
#else
  errno = ENOTSUP;
#endif
  return Fail(info.Env(), "setsockopt");
}

// setOption(fd, level, name, value)
Napi::Value SetOption(const Napi::CallbackInfo& info) {
  const int value = ReadInt(info[3]);
  if (setsockopt(ReadInt(info[0]), ReadInt(info[1]), ReadInt(info[2]), &value, sizeof(value)) !=
      0) {
    return Fail(info.Env(), "setsockopt");
  }
  return info.Env().Undefined();
}

// getOption(fd, level, name): number
Napi::Value GetOption(const Napi::CallbackInfo& info) {
  int value = 0;
  socklen_t length = sizeof(value);
  if (getsockopt(ReadInt(info[0]), ReadInt(info[1]), ReadInt(info[2]), &value, &length) != 0) {
    return Fail(info.Env(), "getsockopt");
  }
  return Napi::Number::New(info.Env(), value);
}

// outstanding(fd): bytes that this socket has sent or queued and its peer has not acknowledged; a
// FIN counts as one (tcp(7), SIOCOUTQ).
Napi::Value Outstanding(const Napi::CallbackInfo& info) {
#ifdef __linux__
  int bytes = 0;
  if (ioctl(ReadInt(info[0]), SIOCOUTQ, &bytes) == 0) return Napi::Number::New(info.Env(), bytes);
#else
  errno = ENOTSUP;
#endif
  return Fail(info.Env(), "ioctl");
}

uint32_t PortOf(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  }
  if (address.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  }
  return 0;
}

// ports(fd): [local, remote]; 0 where there is none.
Napi::Value Ports(const Napi::CallbackInfo& info) {
  sockaddr_storage local = {};
  sockaddr_storage remote = {};
  socklen_t length = sizeof(local);
  if (getsockname(ReadInt(info[0]), reinterpret_cast<sockaddr*>(&local), &length) != 0) {
    return Fail(info.Env(), "getsockname");
  }
  length = sizeof(remote);
  getpeername(ReadInt(info[0]), reinterpret_cast<sockaddr*>(&remote), &length);
  Napi::Array ports = Napi::Array::New(info.Env(), 2);
  ports.Set(0u, PortOf(local));
  ports.Set(1u, PortOf(remote));
  return ports;
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("attachDropAllFilter", Napi::Function::New(env, AttachDropAllFilter));
  exports.Set("detachFilter", Napi::Function::New(env, DetachFilter));
  exports.Set("outstanding", Napi::Function::New(env, Outstanding));
  exports.Set("ports", Napi::Function::New(env, Ports));
  exports.Set("setOption", Napi::Function::New(env, SetOption));
  exports.Set("getOption", Napi::Function::New(env, GetOption));
  return exports;
}

NODE_API_MODULE(testkit, Init)

}  // namespace
