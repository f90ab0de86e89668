// Arbitrary bytes as what JavaScript may have left in shared memory, and as a sequence of
// operations on the queues and the slot map behind it, each beside a simple model. What it must
// never do: read outside of a record or slab, apply a malformed request, lose or repeat a byte or a
// record.

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "models.h"
#include "queues/submission_queue.h"

using namespace holdfast;
using namespace holdfast::fuzz;

namespace {

// Decides on its own whether a record is well-formed, in 64 bits where nothing overflows.
bool IsWellFormed(const int32_t* record, size_t slab_bytes) {
  switch (record[0]) {
    case 1: {
      const auto offset = static_cast<uint32_t>(record[3]);
      const auto length = static_cast<uint32_t>(record[4]);
      return uint64_t{offset} + length <= slab_bytes;
    }
    case 2:
    case 3:
      return record[3] >= 1 && record[3] <= 18;
    case 4:
    case 5:
    case 6:
    case 7:
      return true;
    default:
      return false;
  }
}

class Machine {
 public:
  explicit Machine(Input* input)
      : input_(input),
        // Exact sizes on the heap, so that the sanitizer sees a single byte too far.
        capacity_(input->Byte() % 9),
        slab_bytes_(input->Byte()),
        words_(std::make_unique<int32_t[]>(capacity_ * kRecordWords)),
        slab_(std::make_unique<std::byte[]>(slab_bytes_)),
        submissions_({words_.get(), capacity_ * kRecordWords}, {slab_.get(), slab_bytes_},
                     control_),
        completions_(input->Byte() % 20, 1 + input->Byte() * 3u) {
    for (uint32_t i = 0; i < slab_bytes_; ++i) slab_[i] = std::byte(i * 37);
  }

  void Run() {
    while (!input_->empty()) {
      Step();
      writes_.Check();
      completions_.Check();
    }
    slots_.Check();
    completions_.Deliver();
  }

 private:
  void Step() {
    switch (input_->Byte() % 13) {
      case 0:
        return WriteRecord(input_->Word());
      case 1:
        return WritePlausibleRecord();
      case 2:
        control_[kControlSubmissionCount] = input_->Byte() % (capacity_ + 2);
        return;
      case 3:
        control_[kControlSubmissionCount] = input_->Word();
        control_[kControlSubmitBytes] = input_->Word();
        return;
      case 4:
        return Drain();
      case 5:
        return slots_.Acquire();
      case 6:
        return slots_.Release(input_->Byte());
      case 7:
        return slots_.Find(input_->Byte() % 8 == 0 ? input_->Word() : input_->Byte(),
                           input_->Byte() % 5);
      case 8:
        return writes_.Send(input_->Byte(), input_->Word());
      case 9:
        return completions_.Receive(input_->Byte() * 4u, input_->Word(), input_->Byte());
      case 10:
        return completions_.PushWithPayload(input_->Byte(), input_->Byte());
      case 11:
        return writes_.Share(input_->Byte() * 4u, input_->Byte(), input_->Byte());
      default:
        return completions_.Deliver();
    }
  }

  // Any words whatsoever.
  void WriteRecord(uint32_t at) {
    if (capacity_ == 0) return;
    int32_t* record = &words_[at % capacity_ * kRecordWords];
    for (uint32_t i = 0; i < kRecordWords; ++i) record[i] = static_cast<int32_t>(input_->Word());
  }

  // Small numbers, so that about half of them are well-formed.
  void WritePlausibleRecord() {
    if (capacity_ == 0) return;
    int32_t* record = &words_[input_->Byte() % capacity_ * kRecordWords];
    record[0] = input_->Byte() % 9;
    record[1] = input_->Byte();
    record[2] = input_->Byte() % 5;
    record[3] = input_->Byte();
    record[4] = static_cast<int8_t>(input_->Byte());
  }

  void Drain() {
    const size_t waiting = control_[kControlSubmissionCount];
    const size_t present = waiting < capacity_ ? waiting : capacity_;
    std::vector<const int32_t*> expected;
    for (size_t i = 0; i < present; ++i) {
      const int32_t* record = &words_[i * kRecordWords];
      if (IsWellFormed(record, slab_bytes_)) expected.push_back(record);
    }
    size_t applied = 0;
    const uint32_t malformed = submissions_.Drain([&](const Submission& submission) {
      HF_CHECK(applied < expected.size());
      Apply(submission, expected[applied++]);
    });
    HF_CHECK(applied == expected.size());
    HF_CHECK(malformed == waiting - applied);
    HF_CHECK(submissions_.empty());
    HF_CHECK(control_[kControlSubmitBytes] == 0);
  }

  void Apply(const Submission& submission, const int32_t* record) {
    HF_CHECK(static_cast<int32_t>(submission.op) == record[0]);
    HF_CHECK(submission.id.slot == static_cast<uint32_t>(record[1]));
    HF_CHECK(submission.id.generation == static_cast<uint32_t>(record[2]));
    slots_.Find(submission.id.slot, submission.id.generation);
    switch (submission.op) {
      case SubmissionOp::kWrite:
        HF_CHECK(submission.bytes.size() == static_cast<uint32_t>(record[4]));
        for (size_t i = 0; i < submission.bytes.size(); ++i) {
          HF_CHECK(submission.bytes[i] == slab_[static_cast<uint32_t>(record[3]) + i]);
        }
        return writes_.Append(submission.bytes);
      case SubmissionOp::kEnd:
      case SubmissionOp::kDestroy:
        HF_CHECK(static_cast<int32_t>(submission.reason) == record[3]);
        HF_CHECK(submission.reset == (submission.op == SubmissionOp::kDestroy && record[4] == 1));
        HF_CHECK(submission.keeps_reason ==
                 (submission.op == SubmissionOp::kDestroy && record[4] == 2));
        return completions_.PushWithPayload(kEvidenceBytes, static_cast<uint8_t>(record[3]));
      default:
        HF_CHECK(submission.bytes.empty());
        return;
    }
  }

  Input* const input_;
  const uint32_t capacity_;
  const uint32_t slab_bytes_;
  const std::unique_ptr<int32_t[]> words_;
  const std::unique_ptr<std::byte[]> slab_;
  std::array<uint32_t, kControlWords> control_ = {};
  SubmissionQueue submissions_;
  CompletionModel completions_;
  SlotModel slots_;
  WriteModel writes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  Machine(&input).Run();
  return 0;
}
