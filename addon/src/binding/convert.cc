#include "binding/convert.h"

#include <uv.h>

#include <string>

namespace holdfast {

namespace {

// A worker may be terminated between any two steps. From then on properties cannot be read and
// values not be coerced, and a Napi::Value without an environment ends the process at its next use:
// so it is undefined, and what follows from it is never used.
Napi::Value Property(Napi::Object object, const char* name) {
  const Napi::Env env = object.Env();
  napi_value value = nullptr;
  if (napi_get_named_property(env, object, name, &value) != napi_ok) return env.Undefined();
  return {env, value};
}

uint32_t ReadUint(Napi::Object object, const char* name) {
  return Property(object, name).As<Napi::Number>().Uint32Value();
}

// A whole number of at most 2^53.
uint64_t ReadUint64(Napi::Object object, const char* name) {
  return static_cast<uint64_t>(Property(object, name).As<Napi::Number>().Int64Value());
}

bool ReadBool(Napi::Object object, const char* name) {
  return Property(object, name).As<Napi::Boolean>().Value();
}

}  // namespace

platform::Keepalive ReadKeepalivePolicy(Napi::Value policy, uint32_t* detection_ms) {
  *detection_ms = 0;
  if (!policy.IsObject()) return {};
  const Napi::Object object = policy.As<Napi::Object>();
  *detection_ms = ReadUint(object, "detectionMs");
  return {
      .enabled = true,
      .idle_ms = ReadUint(object, "idleMs"),
      .interval_ms = ReadUint(object, "intervalMs"),
      .count = ReadUint(object, "count"),
      .user_timeout_ms = ReadUint(object, "userTimeoutMs"),
      .rto_max_ms = ReadUint(object, "rtoMaxMs"),
  };
}

namespace {
DeadlineOptions ReadDeadlines(Napi::Object object) {
  return {
      .idle_ms = ReadUint(object, "idleMs"),
      .idle_read_ms = ReadUint(object, "readIdleMs"),
      .idle_write_ms = ReadUint(object, "writeIdleMs"),
      .handshake_ms = ReadUint(object, "handshakeMs"),
      .lifetime_ms = ReadUint(object, "lifetimeMs"),
      .lifetime_jitter_ms = ReadUint(object, "lifetimeJitterMs"),
      .beat_ms = ReadUint(object, "beatMs"),
      .beat_reply_ms = ReadUint(object, "beatReplyMs"),
      .end_ms = ReadUint(object, "endMs"),
      .backlog_ms = ReadUint(object, "backlogMs"),
  };
}

IntakeOptions ReadIntake(Napi::Object object) {
  const uint32_t pings_at_once = ReadUint(object, "pingBurst");
  return {
      .bytes = {ReadUint(object, "bytesPerSecond"), ReadUint(object, "burstBytes")},
      .pings = {ReadUint(object, "pingsPerMinute"), pings_at_once * kPingTokens},
      .ends_fast = ReadBool(object, "endsFast"),
      .ends_pinging = ReadBool(object, "endsPinging"),
  };
}

// Calls `take(object, prefix)` for each { address, family, bits } of a list.
template <class Take>
void ReadNetworks(Napi::Object object, const char* name, Take take) {
  const Napi::Value value = Property(object, name);
  if (!value.IsArray()) return;
  const Napi::Array list = value.As<Napi::Array>();
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::Value item = list.Get(i);
    if (!item.IsObject()) continue;
    const Napi::Object network = item.As<Napi::Object>();
    const std::string text = Property(network, "address").As<Napi::String>();
    const auto family = static_cast<int>(ReadUint(network, "family"));
    const uint32_t bits = ReadUint(network, "bits");
    Address address;
    // Checked in TypeScript by the same parser.
    if (ParseAddress(text.c_str(), family, 0, &address))
      take(network, PrefixOf(address, bits, bits));
  }
}

AdmissionOptions ReadAdmission(Napi::Object object) {
  AdmissionOptions out;
  out.connections = ReadUint(object, "connections");
  out.connections_per_address = ReadUint(object, "connectionsPerAddress");
  out.v4_bits = ReadUint(object, "v4Bits");
  out.v6_bits = ReadUint(object, "v6Bits");
  out.rate = {ReadUint(object, "perSecond"), ReadUint(object, "burst")};
  out.rate_per_address = {ReadUint(object, "perSecondPerAddress"),
                          ReadUint(object, "burstPerAddress")};
  out.deny_others = ReadBool(object, "denyOthers");
  ReadNetworks(object, "rules", [&](Napi::Object rule, const Prefix& prefix) {
    out.rules.push_back({prefix, ReadBool(rule, "deny"), ReadUint(rule, "connections")});
  });
  return out;
}

ProxyOptions ReadProxy(Napi::Value value) {
  ProxyOptions out;
  if (!value.IsObject()) return out;
  const Napi::Object object = value.As<Napi::Object>();
  out.header_ms = ReadUint(object, "headerMs");
  out.deny_others = ReadBool(object, "denyOthers");
  ReadNetworks(object, "from",
               [&](Napi::Object, const Prefix& prefix) { out.from.push_back(prefix); });
  return out;
}

Consequence ReadConsequence(Napi::Object object, const char* name) {
  const std::string text = Property(object, name).As<Napi::String>();
  if (text == "suspend") return Consequence::kSuspend;
  return text == "message" ? Consequence::kMessage : Consequence::kReset;
}

std::string ReadBytes(Napi::Object object, const char* name) {
  const Napi::Value value = Property(object, name);
  if (!value.IsTypedArray()) return {};
  const auto bytes = value.As<Napi::Uint8Array>();
  return {reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength()};
}
}  // namespace

bool ReadListenOptions(Napi::Object options, ListenerOptions* out) {
  const std::string address = Property(options, "address").As<Napi::String>();
  const auto family = static_cast<int>(ReadUint(options, "family"));
  const auto port = static_cast<uint16_t>(ReadUint(options, "port"));
  if (!ParseAddress(address.c_str(), family, port, &out->bind.address)) {
    Address none;
    none.port = port;
    SystemError(options.Env(), {-UV_EINVAL, "bind"}, none).ThrowAsJavaScriptException();
    return false;
  }
  out->bind.ipv6_only = ReadBool(options, "ipv6Only");
  out->bind.reuse_port = ReadBool(options, "reusePort");
  out->backlog = static_cast<int>(ReadUint(options, "backlog"));
  out->no_delay = ReadBool(options, "noDelay");
  out->keepalive = ReadKeepalivePolicy(Property(options, "keepalive"), &out->detection_ms);
  out->inherit = ReadBool(options, "inherit");
  out->low_watermark_bytes = ReadUint(options, "lowWatermark");
  out->queue_memory_bytes = ReadUint64(options, "queueMemory");
  out->accept_budget = ReadUint(options, "acceptBudget");
  out->read_chunk_bytes = ReadUint(options, "readChunkBytes");
  out->deadlines = ReadDeadlines(Property(options, "deadlines").As<Napi::Object>());
  out->intake = ReadIntake(Property(options, "intake").As<Napi::Object>());
  const Napi::Object admission = Property(options, "admission").As<Napi::Object>();
  out->admission = ReadAdmission(admission);
  out->proxy = ReadProxy(Property(options, "proxy"));
  out->when_full = ReadConsequence(admission, "whenFull");
  out->when_refused = ReadConsequence(admission, "whenRefused");
  out->refusal_message = ReadBytes(admission, "message");
  return true;
}

Napi::Object WriteEffectiveKeepalive(Napi::Env env, const platform::Keepalive& in_force,
                                     const platform::Unsupported& unsupported, bool per_socket,
                                     Inheritance inheritance) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("enabled", in_force.enabled);
  object.Set("idleMs", in_force.idle_ms);
  object.Set("intervalMs", in_force.interval_ms);
  object.Set("count", in_force.count);
  object.Set("userTimeoutMs", in_force.user_timeout_ms);
  object.Set("rtoMaxMs", in_force.rto_max_ms);
  Napi::Array missing = Napi::Array::New(env);
  const auto note = [&missing](bool absent, const char* name) {
    if (absent) missing.Set(missing.Length(), name);
  };
  note(unsupported.idle, "idleMs");
  note(unsupported.interval, "intervalMs");
  note(unsupported.count, "count");
  note(unsupported.user_timeout, "userTimeoutMs");
  note(unsupported.rto_max, "rtoMaxMs");
  note(!platform::HasLivenessClock(), "livenessClock");
  object.Set("unsupported", missing);
  object.Set("source", per_socket ? "per-socket" : "inherited");
  if (inheritance == Inheritance::kUnverified) {
    object.Set("verified", env.Null());
  } else {
    object.Set("verified", inheritance == Inheritance::kVerified);
  }
  return object;
}

Napi::Object WriteAddress(Napi::Env env, const Address& address) {
  char text[kAddressTextBytes];
  FormatAddress(address, text);
  Napi::Object object = Napi::Object::New(env);
  object.Set("address", text);
  object.Set("port", address.port);
  object.Set("family", address.family);
  return object;
}

Napi::Error SystemError(Napi::Env env, const platform::Outcome& outcome, const Address& address) {
  char text[kAddressTextBytes];
  FormatAddress(address, text);
  const char* code = uv_err_name(-outcome.error);
  std::string message =
      std::string(outcome.syscall) + " " + code + ": " + uv_strerror(-outcome.error);
  if (address.family != 0) {
    const bool v6 = address.family == 6;
    const std::string where = v6 ? "[" + std::string(text) + "]" : std::string(text);
    message += " " + where + ":" + std::to_string(address.port);
  }
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  error.Set("errno", Napi::Number::New(env, -outcome.error));
  error.Set("syscall", Napi::String::New(env, outcome.syscall));
  error.Set("address", Napi::String::New(env, text));
  error.Set("port", Napi::Number::New(env, address.port));
  return error;
}

}  // namespace holdfast
