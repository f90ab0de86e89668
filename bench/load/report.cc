#include "report.h"

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace bench {

JsonLine::JsonLine(const char* event) : text_(std::string("{\"event\":\"") + event + "\"") {}

JsonLine& JsonLine::Add(const char* name, uint64_t value) {
  text_ += std::string(",\"") + name + "\":" + std::to_string(value);
  return *this;
}

JsonLine& JsonLine::Add(const char* name, double value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.3f", value);
  text_ += std::string(",\"") + name + "\":" + digits;
  return *this;
}

JsonLine& JsonLine::AddChecksum(const char* name, uint64_t value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%016" PRIx64, value);
  return Add(name, std::string(digits));
}

JsonLine& JsonLine::Add(const char* name, const std::string& text) {
  text_ += std::string(",\"") + name + "\":\"" + text + "\"";
  return *this;
}

JsonLine& JsonLine::AddList(const char* name, const std::string& elements) {
  text_ += std::string(",\"") + name + "\":[" + elements + "]";
  return *this;
}

void JsonLine::Print() {
  std::printf("%s}\n", text_.c_str());
  std::fflush(stdout);
}

void Fail(const std::string& message) {
  JsonLine("error").Add("message", message).Print();
  std::exit(1);
}

void FailErrno(const std::string& call) {
  Fail(call + ": " + std::strerror(errno));
}

}  // namespace bench
