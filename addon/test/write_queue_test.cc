#include "queues/write_queue.h"

#include <doctest/doctest.h>

#include <array>
#include <deque>
#include <random>
#include <string>
#include <vector>

using holdfast::QueueMemory;
using holdfast::WriteQueue;

namespace {

using Piece = std::span<const std::byte>;

std::vector<std::byte> Bytes(size_t count, uint32_t first) {
  std::vector<std::byte> bytes(count);
  for (size_t i = 0; i < count; ++i) bytes[i] = std::byte((first + i) * 31 % 251);
  return bytes;
}

std::vector<Piece> All(const WriteQueue& queue) {
  std::vector<Piece> pieces(256);
  pieces.resize(queue.Gather(pieces));
  return pieces;
}

std::vector<std::byte> Joined(const std::vector<Piece>& pieces) {
  std::vector<std::byte> joined;
  for (const Piece& piece : pieces) joined.insert(joined.end(), piece.begin(), piece.end());
  return joined;
}

}  // namespace

TEST_CASE("write queue: empty at first, and again when all was sent") {
  QueueMemory memory;
  WriteQueue queue(&memory);
  CHECK(queue.empty());
  CHECK(All(queue).empty());
  REQUIRE(queue.Append(Bytes(10, 0)));
  CHECK(queue.bytes() == 10);
  queue.Consume(10);
  CHECK(queue.empty());
  CHECK(All(queue).empty());
  CHECK(memory.bytes == 0);
  REQUIRE(queue.Append(Bytes(3, 5)));
  CHECK(Joined(All(queue)) == Bytes(3, 5));
}

TEST_CASE("write queue: appending or consuming nothing changes nothing") {
  QueueMemory memory;
  WriteQueue queue(&memory);
  REQUIRE(queue.Append({}));
  queue.Consume(0);
  CHECK(All(queue).empty());
  REQUIRE(queue.Append(Bytes(10, 0)));
  REQUIRE(queue.Append({}));
  queue.Consume(0);
  CHECK(Joined(All(queue)) == Bytes(10, 0));
}

TEST_CASE("write queue: small writes share a chunk, a large one makes one piece") {
  QueueMemory memory;
  WriteQueue queue(&memory);
  for (int i = 0; i < 100; ++i) REQUIRE(queue.Append(Bytes(10, 0)));
  CHECK(All(queue).size() == 1);
  REQUIRE(queue.Append(Bytes(1'000'000, 0)));
  CHECK(All(queue).size() == 2);
  CHECK(queue.bytes() == 1'001'000);
}

TEST_CASE("write queue: gathers no more pieces than there is room for, and in order") {
  QueueMemory memory;
  WriteQueue queue(&memory);
  const std::vector<std::byte> all = Bytes(50'000, 0);
  for (size_t at = 0; at < all.size(); at += 5000) {
    REQUIRE(queue.Append(std::span(all).subspan(at, 5000)));
  }
  std::array<Piece, 3> some;
  REQUIRE(queue.Gather(some) == 3);
  std::vector<Piece> pieces(some.begin(), some.end());
  const std::vector<std::byte> front = Joined(pieces);
  CHECK(std::equal(front.begin(), front.end(), all.begin()));
  CHECK(queue.Gather({}) == 0);
}

// An asynchronous write may still read its chunk while more is appended behind.
TEST_CASE("write queue: what was lent stays where it is, and unchanged") {
  QueueMemory memory;
  WriteQueue queue(&memory);
  REQUIRE(queue.Append(Bytes(100, 0)));
  std::array<Piece, 1> lent;
  REQUIRE(queue.Gather(lent) == 1);
  const std::vector<std::byte> before(lent[0].begin(), lent[0].end());
  for (uint32_t i = 1; i < 200; ++i) REQUIRE(queue.Append(Bytes(i * 7, i)));
  CHECK(std::equal(before.begin(), before.end(), lent[0].begin()));
  std::array<Piece, 1> again;
  REQUIRE(queue.Gather(again) == 1);
  CHECK(again[0].data() == lent[0].data());
  CHECK(again[0].size() >= lent[0].size());
}

TEST_CASE("write queue: a partly sent chunk goes on where it stopped") {
  QueueMemory memory;
  WriteQueue queue(&memory);
  const std::vector<std::byte> all = Bytes(20'000, 3);
  REQUIRE(queue.Append(all));
  for (size_t sent = 0; sent < all.size(); sent += 1250) {
    const std::vector<std::byte> left = Joined(All(queue));
    REQUIRE(left.size() == all.size() - sent);
    REQUIRE(std::equal(left.begin(), left.end(), all.begin() + static_cast<ptrdiff_t>(sent)));
    queue.Consume(1250);
  }
  CHECK(queue.empty());
}

TEST_CASE("write queue: bytes come out once and in order over a long random run") {
  constexpr uint32_t kSeed = 7'070'707;
  INFO("seed " << kSeed);
  std::mt19937 random(kSeed);
  const auto below = [&random](size_t bound) { return random() % bound; };
  QueueMemory memory;
  WriteQueue queue(&memory);
  std::deque<std::byte> model;
  uint32_t next = 0;
  for (int round = 0; round < 20'000; ++round) {
    if (below(2) == 0 && model.size() < 300'000) {
      const size_t most = below(10) == 0 ? 20'000 : 600;
      const std::vector<std::byte> bytes = Bytes(below(most), next);
      next += static_cast<uint32_t>(bytes.size());
      REQUIRE(queue.Append(bytes));
      model.insert(model.end(), bytes.begin(), bytes.end());
    } else {
      std::array<Piece, 4> pieces;
      const size_t count = queue.Gather(pieces);
      size_t offered = 0;
      for (size_t i = 0; i < count; ++i) {
        REQUIRE_FALSE(pieces[i].empty());
        REQUIRE(std::equal(pieces[i].begin(), pieces[i].end(),
                           model.begin() + static_cast<ptrdiff_t>(offered)));
        offered += pieces[i].size();
      }
      const size_t sent = offered == 0 || below(3) == 0 ? offered : below(offered + 1);
      queue.Consume(sent);
      model.erase(model.begin(), model.begin() + static_cast<ptrdiff_t>(sent));
    }
    REQUIRE(queue.bytes() == model.size());
    REQUIRE(queue.empty() == model.empty());
  }
}
