// What the load generator says: one JSON object a line on stdout.
#ifndef HOLDFAST_BENCH_LOAD_REPORT_H
#define HOLDFAST_BENCH_LOAD_REPORT_H

#include <cstdint>
#include <string>

namespace bench {

class JsonLine {
 public:
  explicit JsonLine(const char* event);
  JsonLine& Add(const char* name, uint64_t value);
  JsonLine& Add(const char* name, double value);
  // As 16 hexadecimal digits: JSON numbers hold 53 bits.
  JsonLine& AddChecksum(const char* name, uint64_t value);
  // The text is written as it is: no quotes or control characters in it.
  JsonLine& Add(const char* name, const std::string& text);
  // Elements in JSON, separated by commas.
  JsonLine& AddList(const char* name, const std::string& elements);
  void Print();

 private:
  std::string text_;
};

// Prints {"event":"error",...} and ends the process with status 1.
[[noreturn]] void Fail(const std::string& message);
[[noreturn]] void FailErrno(const std::string& call);

}  // namespace bench

#endif
