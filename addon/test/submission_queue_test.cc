#include "queues/submission_queue.h"

#include <doctest/doctest.h>

#include <array>
#include <climits>
#include <vector>

using namespace holdfast;

namespace {

constexpr uint32_t kCapacity = 8;
constexpr uint32_t kSlabBytes = 64;

struct Fixture {
  Fixture() : words(kCapacity * kRecordWords), slab(kSlabBytes), queue(words, slab, control) {
    for (uint32_t i = 0; i < kSlabBytes; ++i) slab[i] = std::byte(i);
  }

  void Add(std::array<int32_t, 5> record) {
    std::copy(record.begin(), record.end(),
              words.begin() + control[kControlSubmissionCount]++ * kRecordWords);
  }

  uint32_t Drain() {
    seen.clear();
    return queue.Drain([this](const Submission& submission) { seen.push_back(submission); });
  }

  // The record alone: is it taken?
  bool Takes(std::array<int32_t, 5> record) {
    Add(record);
    const uint32_t malformed = Drain();
    REQUIRE(malformed + seen.size() == 1);
    return malformed == 0;
  }

  std::vector<int32_t> words;
  std::vector<std::byte> slab;
  std::array<uint32_t, kControlWords> control = {};
  SubmissionQueue queue;
  std::vector<Submission> seen;
};

int32_t Op(SubmissionOp op) {
  return static_cast<int32_t>(op);
}
constexpr int32_t kWrite = 1;
constexpr int32_t kEnd = 2;
constexpr int32_t kDestroy = 3;
constexpr int32_t kSomeReason = static_cast<int32_t>(DisconnectReason::kLifetime);

}  // namespace

TEST_CASE("submission queue: requests come in order with all their fields") {
  Fixture f;
  CHECK(f.queue.empty());
  f.Add({Op(SubmissionOp::kWrite), 5, 9, 8, 3});
  f.Add({Op(SubmissionOp::kPause), 6, 1});
  f.Add({Op(SubmissionOp::kEnd), 7, 2, kSomeReason});
  f.Add({Op(SubmissionOp::kDestroy), 8, 3, kSomeReason, 1});
  f.Add({Op(SubmissionOp::kResume), 9, 4});
  CHECK_FALSE(f.queue.empty());
  CHECK(f.Drain() == 0);
  REQUIRE(f.seen.size() == 5);
  CHECK(f.seen[0].op == SubmissionOp::kWrite);
  CHECK(f.seen[0].id == ConnectionId{5, 9});
  REQUIRE(f.seen[0].bytes.size() == 3);
  CHECK(f.seen[0].bytes[0] == std::byte{8});
  CHECK(f.seen[0].bytes[2] == std::byte{10});
  CHECK(f.seen[1].op == SubmissionOp::kPause);
  CHECK(f.seen[2].reason == DisconnectReason::kLifetime);
  CHECK_FALSE(f.seen[2].reset);
  CHECK(f.seen[3].reset);
  CHECK(f.seen[4].id == ConnectionId{9, 4});
}

TEST_CASE("submission queue: draining leaves it empty, and its slab free") {
  Fixture f;
  f.Add({kWrite, 1, 1, 0, 10});
  f.control[kControlSubmitBytes] = 10;
  f.Drain();
  CHECK(f.queue.empty());
  CHECK(f.control[kControlSubmitBytes] == 0);
  CHECK(f.Drain() == 0);
  CHECK(f.seen.empty());
}

TEST_CASE("submission queue: an unknown operation is counted and left out") {
  Fixture f;
  for (const int32_t op : {0, -1, 8, 9, 255, INT_MAX, INT_MIN}) {
    CAPTURE(op);
    CHECK_FALSE(f.Takes({op, 1, 1, kSomeReason, 0}));
  }
}

TEST_CASE("submission queue: a write outside of the slab is counted and left out") {
  Fixture f;
  CHECK(f.Takes({kWrite, 1, 1, 0, 64}));
  CHECK(f.Takes({kWrite, 1, 1, 64, 0}));
  CHECK(f.Takes({kWrite, 1, 1, 63, 1}));
  CHECK_FALSE(f.Takes({kWrite, 1, 1, 0, 65}));
  CHECK_FALSE(f.Takes({kWrite, 1, 1, 64, 1}));
  CHECK_FALSE(f.Takes({kWrite, 1, 1, 65, 0}));
  CHECK_FALSE(f.Takes({kWrite, 1, 1, -1, 0}));
  CHECK_FALSE(f.Takes({kWrite, 1, 1, 0, -1}));
}

TEST_CASE("submission queue: offset plus length beyond 32 bits does not wrap into the slab") {
  Fixture f;
  CHECK_FALSE(f.Takes({kWrite, 1, 1, 32, static_cast<int32_t>(0xffffffe0u)}));  // sum: 0
  CHECK_FALSE(f.Takes({kWrite, 1, 1, static_cast<int32_t>(0xffffffe0u), 32}));
  CHECK_FALSE(f.Takes({kWrite, 1, 1, 1, -1}));
  CHECK_FALSE(f.Takes({kWrite, 1, 1, INT_MIN, INT_MIN}));
}

TEST_CASE("submission queue: an end without a reason of the list is counted and left out") {
  Fixture f;
  for (const int32_t op : {kEnd, kDestroy}) {
    CAPTURE(op);
    CHECK(f.Takes({op, 1, 1, 1, 0}));
    CHECK(f.Takes({op, 1, 1, static_cast<int32_t>(kDisconnectReasonCount) - 1, 0}));
    CHECK_FALSE(f.Takes({op, 1, 1, 0, 0}));
    CHECK_FALSE(f.Takes({op, 1, 1, -1, 0}));
    CHECK_FALSE(f.Takes({op, 1, 1, static_cast<int32_t>(kDisconnectReasonCount), 0}));
    CHECK_FALSE(f.Takes({op, 1, 1, INT_MIN, 0}));
  }
}

TEST_CASE("submission queue: an end never resets, a destroy only when it says so") {
  Fixture f;
  f.Add({kEnd, 1, 1, kSomeReason, 1});
  f.Add({kDestroy, 1, 1, kSomeReason, 0});
  f.Add({kDestroy, 1, 1, kSomeReason, 2});
  f.Add({kDestroy, 1, 1, kSomeReason, 1});
  CHECK(f.Drain() == 0);
  REQUIRE(f.seen.size() == 4);
  CHECK_FALSE(f.seen[0].reset);
  CHECK_FALSE(f.seen[1].reset);
  CHECK_FALSE(f.seen[2].reset);
  CHECK(f.seen[3].reset);
}

TEST_CASE("submission queue: a destroy keeps a reason only when it says so, an end never") {
  Fixture f;
  f.Add({kEnd, 1, 1, kSomeReason, 2});
  f.Add({kDestroy, 1, 1, kSomeReason, 1});
  f.Add({kDestroy, 1, 1, kSomeReason, 2});
  CHECK(f.Drain() == 0);
  REQUIRE(f.seen.size() == 3);
  CHECK_FALSE(f.seen[0].keeps_reason);
  CHECK_FALSE(f.seen[1].keeps_reason);
  CHECK(f.seen[2].keeps_reason);
}

TEST_CASE("submission queue: a malformed record does not take its neighbours with it") {
  Fixture f;
  f.Add({kWrite, 1, 1, 0, 4});
  f.Add({99, 2, 1});
  f.Add({kWrite, 3, 1, 4, 4});
  CHECK(f.Drain() == 1);
  REQUIRE(f.seen.size() == 2);
  CHECK(f.seen[0].id.slot == 1);
  CHECK(f.seen[1].id.slot == 3);
}

TEST_CASE("submission queue: a count beyond the capacity counts as malformed, and is not read") {
  Fixture f;
  for (uint32_t i = 0; i < kCapacity; ++i) f.Add({kWrite, static_cast<int32_t>(i), 1, 0, 1});
  f.control[kControlSubmissionCount] = kCapacity + 5;
  CHECK(f.Drain() == 5);
  CHECK(f.seen.size() == kCapacity);
  f.control[kControlSubmissionCount] = 0xffffffffu;
  CHECK(f.Drain() == 0xffffffffu - kCapacity);
  CHECK(f.seen.size() == kCapacity);
  CHECK(f.queue.empty());
}

TEST_CASE("submission queue: an id is passed on as it is, however wild") {
  Fixture f;
  f.Add({Op(SubmissionOp::kPause), -1, INT_MIN});
  CHECK(f.Drain() == 0);
  REQUIRE(f.seen.size() == 1);
  CHECK(f.seen[0].id == ConnectionId{0xffffffffu, 0x80000000u});
}

TEST_CASE("submission queue: without capacity everything is malformed") {
  std::array<uint32_t, kControlWords> control = {3, 0};
  SubmissionQueue queue({}, {}, control);
  CHECK(queue.Drain([](const Submission&) { FAIL("nothing to apply"); }) == 3);
}
