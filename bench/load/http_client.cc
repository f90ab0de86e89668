#include "http_client.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "report.h"
#include "stream_pattern.h"

namespace bench {
namespace {

constexpr std::string_view kStatusLine = "HTTP/1.1 200 OK\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kLength = "\r\nContent-Length: ";
// Node's own header fields take some 150.
constexpr size_t kAnswerBytesMax = 4096;

uint64_t ChecksumOf(uint64_t offset, std::string_view text) {
  return Checksum(offset, reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

}  // namespace

void HttpClient::Ask(uint64_t now_ns) {
  char path[32];
  std::snprintf(path, sizeof path, "/%08" PRIx32 "%08" PRIx32, number_, asked_++);
  path_ = path;
  const std::string request = "GET " + path_ + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  const ssize_t taken = send(fd_, request.data(), request.size(), MSG_NOSIGNAL);
  if (taken < 0) FailErrno("send");
  // The buffer is empty: the answer to all that was sent before has come.
  if (static_cast<size_t>(taken) != request.size()) Refuse("took a part of a request only");
  asked_at_ns_ = now_ns;
  sent_checksum_ += ChecksumOf(sent_bytes_, path_);
  sent_bytes_ += path_.size();
}

bool HttpClient::Receive() {
  char bytes[kAnswerBytesMax];
  const ssize_t length = recv(fd_, bytes, sizeof bytes, 0);
  if (length < 0 && errno == EAGAIN) return false;
  if (length < 0) FailErrno("recv");
  if (length == 0) Refuse("was ended by the server");
  if (IsAnswered()) Refuse("got bytes it did not ask for");
  answer_.append(bytes, static_cast<size_t>(length));
  const size_t head_end = answer_.find(kHeadEnd);
  if (head_end == std::string::npos) {
    if (answer_.size() > kAnswerBytesMax) Refuse("got a head without end");
    return false;
  }
  const std::string_view head(answer_.data(), head_end);
  const std::string expected_length = std::to_string(path_.size());
  if (CheckedHead(head) != expected_length) Refuse("got another length: " + std::string(head));
  const std::string_view body = std::string_view(answer_).substr(head_end + kHeadEnd.size());
  if (body.size() < path_.size()) return false;
  if (body != path_) Refuse("asked for " + path_ + " and got " + std::string(body));
  received_checksum_ += ChecksumOf(received_bytes_, body);
  received_bytes_ += body.size();
  answer_.clear();
  path_.clear();
  return true;
}

// The value of Content-Length.
std::string_view HttpClient::CheckedHead(std::string_view head) const {
  if (!head.starts_with(kStatusLine)) Refuse("got no 200: " + std::string(head));
  const size_t at = head.find(kLength);
  if (at == std::string_view::npos) Refuse("got no length: " + std::string(head));
  const std::string_view rest = head.substr(at + kLength.size());
  return rest.substr(0, rest.find("\r\n"));
}

// A message in JSON: no quotes or control characters.
void HttpClient::Refuse(const std::string& what) const {
  std::string text = "connection " + std::to_string(number_) + " " + what;
  for (char& c : text) {
    if (c < ' ' || c == '"' || c == '\\') c = ' ';
  }
  Fail(text);
}

void HttpClient::Close() {
  close(fd_);
}

}  // namespace bench
