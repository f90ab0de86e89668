#include "queues/completion_queue.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

using holdfast::CompletionKind;
using holdfast::CompletionQueue;
using holdfast::kRecordWords;

namespace {

struct Fixture {
  Fixture(uint32_t records, size_t slab_bytes)
      : words(size_t{records} * kRecordWords, -1), slab(slab_bytes), queue(words, slab) {}

  std::array<int32_t, kRecordWords> Record(uint32_t index) const {
    std::array<int32_t, kRecordWords> record;
    std::copy_n(words.begin() + index * kRecordWords, kRecordWords, record.begin());
    return record;
  }

  void Receive(uint32_t connection, std::string_view text) {
    const auto space = queue.Space(static_cast<uint32_t>(text.size()));
    REQUIRE(space.size() == text.size());
    std::memcpy(space.data(), text.data(), text.size());
    const uint32_t offset = queue.Take(static_cast<uint32_t>(text.size()));
    queue.Push(CompletionKind::kData, connection, 1, offset, static_cast<uint32_t>(text.size()));
  }

  std::vector<int32_t> words;
  std::vector<std::byte> slab;
  CompletionQueue queue;
};

}  // namespace

TEST_CASE("completion queue: a record is its kind and seven words, unsigned ones bit for bit") {
  Fixture f(4, 64);
  CHECK(f.queue.empty());
  f.queue.Push(CompletionKind::kClosed, 1, 2, 3, 4, 5, 6, 0xffffffffu);
  f.queue.Push(CompletionKind::kEnd, 8, 9);
  CHECK(f.Record(0) == std::array<int32_t, 8>{5, 1, 2, 3, 4, 5, 6, -1});
  CHECK(f.Record(1) == std::array<int32_t, 8>{3, 8, 9, 0, 0, 0, 0, 0});
  CHECK(f.queue.count() == 2);
}

TEST_CASE("completion queue: full after its capacity of records, with room left in the slab") {
  Fixture f(3, 64);
  for (uint32_t i = 0; i < 3; ++i) {
    CHECK(f.queue.HasRoom());
    CHECK(f.queue.records_left() == 3 - i);
    f.queue.Push(CompletionKind::kDrain, i, 1);
  }
  CHECK_FALSE(f.queue.HasRoom());
  CHECK(f.queue.records_left() == 0);
  CHECK(f.queue.Space(16).empty());
}

TEST_CASE("completion queue: a slab without room lends no space, but still takes bare records") {
  Fixture f(8, 32);
  f.Receive(1, std::string(32, 'x'));
  CHECK(f.queue.Space(1).empty());
  CHECK(f.queue.HasRoom());
  CHECK_FALSE(f.queue.HasRoom(1));
}

TEST_CASE("completion queue: space is at most what was asked for, and at most what is left") {
  Fixture f(8, 32);
  CHECK(f.queue.Space(10).size() == 10);
  CHECK(f.queue.Space(1000).size() == 32);
  f.queue.Take(10);
  CHECK(f.queue.Space(1000).size() == 16);
  CHECK(f.queue.Space(1000).data() == f.slab.data() + 16);
}

TEST_CASE("completion queue: each claim starts on a multiple of eight") {
  Fixture f(8, 64);
  CHECK(f.queue.Take(1) == 0);
  CHECK(f.queue.Take(8) == 8);
  CHECK(f.queue.Take(9) == 16);
  CHECK(f.queue.Take(0) == 32);
  CHECK(f.queue.Take(1) == 32);
  CHECK(f.queue.slab_bytes() == 40);
}

TEST_CASE("completion queue: a slab whose size is no multiple of eight is used to its last byte") {
  Fixture f(8, 30);
  f.Receive(1, std::string(25, 'x'));
  CHECK(f.queue.slab_bytes() == 30);
  CHECK(f.queue.Space(100).empty());
  CHECK_FALSE(f.queue.HasRoom(1));
}

TEST_CASE("completion queue: room for a payload counts its alignment") {
  Fixture f(8, 64);
  f.queue.Take(40);
  CHECK(f.queue.HasRoom(24));
  CHECK(f.queue.HasRoom(17));
  CHECK_FALSE(f.queue.HasRoom(25));
  f.queue.Take(24);
  CHECK_FALSE(f.queue.HasRoom(1));
  CHECK(f.queue.HasRoom(0));
}

TEST_CASE("completion queue: a delivered batch leaves records and slab empty") {
  Fixture f(4, 64);
  f.Receive(1, "hello");
  f.Receive(2, "world");
  CHECK(f.queue.slab_bytes() == 16);
  f.queue.Clear();
  CHECK(f.queue.empty());
  CHECK(f.queue.slab_bytes() == 0);
  CHECK(f.queue.Space(1000).data() == f.slab.data());
}

TEST_CASE("completion queue: a view that outlives its batch reads rubbish") {
  Fixture f(4, 64);
  f.Receive(1, "secret");
  f.queue.Clear();
  for (size_t i = 0; i < 6; ++i) CHECK(f.slab[i] == std::byte{0xdd});
}
