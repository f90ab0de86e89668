// Write queues that send the same bytes from one block, among bytes of their own.

#include <doctest/doctest.h>

#include <deque>
#include <memory>
#include <random>
#include <vector>

#include "queues/write_queue.h"

using holdfast::BlockRef;
using holdfast::QueueMemory;
using holdfast::SharedBytes;
using holdfast::WriteQueue;

namespace {

// References, and the header of a block: small beside the bytes of these tests.
constexpr uint64_t kOverheadBytes = 200;

std::vector<std::byte> Bytes(size_t count, uint32_t first) {
  std::vector<std::byte> bytes(count);
  for (size_t i = 0; i < count; ++i) bytes[i] = std::byte((first + i) * 31 % 251);
  return bytes;
}

std::vector<std::byte> Joined(const WriteQueue& queue) {
  std::vector<std::span<const std::byte>> pieces(4096);
  pieces.resize(queue.Gather(pieces));
  std::vector<std::byte> joined;
  for (const auto& piece : pieces) joined.insert(joined.end(), piece.begin(), piece.end());
  return joined;
}

void Add(std::vector<std::byte>* to, const std::vector<std::byte>& bytes, size_t from = 0) {
  to->insert(to->end(), bytes.begin() + static_cast<ptrdiff_t>(from), bytes.end());
}

}  // namespace

TEST_CASE("shared bytes: nothing is copied unless a queue has to keep some") {
  QueueMemory memory;
  const auto bytes = Bytes(10'000, 0);
  SharedBytes shared(bytes, &memory);
  CHECK(shared.bytes().data() == bytes.data());
  CHECK(memory.bytes == 0);
}

TEST_CASE("shared bytes: a thousand queues hold one copy, until the last has sent it") {
  QueueMemory memory;
  const auto bytes = Bytes(100'000, 0);
  std::vector<std::unique_ptr<WriteQueue>> queues;
  {
    SharedBytes shared(bytes, &memory);
    for (size_t i = 0; i < 1000; ++i) {
      queues.push_back(std::make_unique<WriteQueue>(&memory));
      REQUIRE(queues.back()->Append(shared, i));
    }
  }
  CHECK(memory.bytes > 100'000);
  CHECK(memory.bytes < 100'000 + 1000 * 64);
  for (size_t i = 0; i < 1000; ++i) {
    CHECK(memory.bytes > 100'000);
    REQUIRE(queues[i]->bytes() == 100'000 - i);
    queues[i]->Consume(queues[i]->bytes());
  }
  CHECK(memory.bytes == 0);
}

TEST_CASE("shared bytes: the copy is the queues' own") {
  QueueMemory memory;
  WriteQueue queue(&memory);
  auto bytes = Bytes(5000, 7);
  {
    SharedBytes shared(bytes, &memory);
    REQUIRE(queue.Append(shared, 100));
  }
  const auto before = bytes;
  bytes.assign(bytes.size(), std::byte{0});
  std::vector<std::byte> expected;
  Add(&expected, before, 100);
  CHECK(Joined(queue) == expected);
}

TEST_CASE("shared bytes: small ones are copied behind own bytes, where that takes no memory") {
  QueueMemory memory;
  WriteQueue queue(&memory);
  REQUIRE(queue.Append(Bytes(100, 0)));
  const uint64_t before = memory.bytes;
  const auto small = Bytes(256, 3);
  SharedBytes first(small, &memory);
  REQUIRE(queue.Append(first, 0));
  CHECK(memory.bytes == before);
  const auto large = Bytes(257, 3);
  SharedBytes second(large, &memory);
  REQUIRE(queue.Append(second, 0));
  CHECK(memory.bytes > before);
  CHECK(queue.bytes() == 613);
}

TEST_CASE("shared bytes: own bytes before and behind share a block") {
  QueueMemory memory;
  WriteQueue queue(&memory);
  std::vector<std::byte> expected;
  const auto shared_bytes = Bytes(1000, 1);
  SharedBytes shared(shared_bytes, &memory);
  for (uint32_t i = 0; i < 40; ++i) {
    const auto own = Bytes(20, i);
    REQUIRE(queue.Append(own));
    REQUIRE(queue.Append(shared, i));
    Add(&expected, own);
    Add(&expected, shared_bytes, i);
  }
  CHECK(Joined(queue) == expected);
  // One block of 4096 bytes, one of 1000, and 80 references.
  CHECK(memory.bytes < 4096 + 1000 + 80 * 64);
}

TEST_CASE("shared bytes: an abandoned queue keeps what is lent, and counts no more") {
  QueueMemory memory;
  const auto bytes = Bytes(50'000, 0);
  WriteQueue stays(&memory);
  auto leaves = std::make_unique<WriteQueue>(&memory);
  {
    SharedBytes shared(bytes, &memory);
    REQUIRE(stays.Append(shared, 0));
    REQUIRE(leaves->Append(shared, 10));
    REQUIRE(leaves->Append(Bytes(20'000, 5)));
  }
  std::span<const std::byte> lent;
  REQUIRE(leaves->Gather({&lent, 1}) == 1);
  leaves->Abandon();
  CHECK(memory.bytes < 50'000 + kOverheadBytes);
  stays.Consume(50'000);
  CHECK(memory.bytes == 0);
  // The last reference to the block, which nobody counts: the bytes are still there.
  CHECK(std::equal(lent.begin(), lent.end(), bytes.begin() + 10));
  leaves.reset();
  CHECK(memory.bytes == 0);
}

TEST_CASE("shared bytes: an abandoned queue of own bytes counts no more") {
  QueueMemory memory;
  WriteQueue queue(&memory);
  queue.Abandon();
  REQUIRE(queue.Append(Bytes(10'000, 0)));
  REQUIRE(queue.Append(Bytes(3000, 0)));
  queue.Abandon();
  CHECK(memory.bytes == 0);
  queue.Abandon();
  CHECK(memory.bytes == 0);
}

TEST_CASE("shared bytes: many queues in a long random run send each byte once and in order") {
  constexpr uint32_t kSeed = 4'041'616;
  constexpr size_t kQueues = 8;
  INFO("seed " << kSeed);
  std::mt19937 random(kSeed);
  const auto below = [&random](size_t bound) { return random() % bound; };
  QueueMemory memory;
  std::vector<std::unique_ptr<WriteQueue>> queues;
  std::vector<std::deque<std::byte>> models(kQueues);
  for (size_t i = 0; i < kQueues; ++i) queues.push_back(std::make_unique<WriteQueue>(&memory));
  for (uint32_t round = 0; round < 20'000; ++round) {
    const size_t at = below(kQueues);
    WriteQueue& queue = *queues[at];
    auto& model = models[at];
    const auto bytes = Bytes(1 + below(below(10) == 0 ? 9000 : 400), round);
    if (const size_t dice = below(100); dice < 20) {
      REQUIRE(queue.Append(bytes));
      model.insert(model.end(), bytes.begin(), bytes.end());
    } else if (dice < 35) {
      SharedBytes shared(bytes, &memory);
      for (size_t i = 0; i < kQueues; ++i) {
        const size_t from = below(bytes.size());
        if (below(2) == 0) continue;
        REQUIRE(queues[i]->Append(shared, from));
        models[i].insert(models[i].end(), bytes.begin() + static_cast<ptrdiff_t>(from),
                         bytes.end());
      }
    } else if (dice < 36) {
      queues[at]->Abandon();
      queues[at] = std::make_unique<WriteQueue>(&memory);
      model.clear();
    } else {
      std::span<const std::byte> pieces[4];
      const size_t count = queue.Gather(pieces);
      size_t offered = 0;
      for (size_t i = 0; i < count; ++i) {
        REQUIRE_FALSE(pieces[i].empty());
        REQUIRE(std::equal(pieces[i].begin(), pieces[i].end(),
                           model.begin() + static_cast<ptrdiff_t>(offered)));
        offered += pieces[i].size();
      }
      const size_t sent = below(3) == 0 ? below(offered + 1) : offered;
      queue.Consume(sent);
      model.erase(model.begin(), model.begin() + static_cast<ptrdiff_t>(sent));
    }
    REQUIRE(queues[at]->bytes() == models[at].size());
  }
  for (size_t i = 0; i < kQueues; ++i) queues[i]->Consume(queues[i]->bytes());
  CHECK(memory.bytes == 0);
}
