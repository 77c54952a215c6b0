// A drive that is nothing but a tape of blocks and filemarks, for what is told by READ POSITION and SPACE.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "scsi/read_position.h"
#include "scsi/sense.h"
#include "scsi/transport.h"

namespace shstore::scsi {

/// SSC-4 7.7, 7.10. By one thread.
class TapeTransport final : public Transport {
 public:
  /// 'b': a block, '|': a filemark. It stands at the end.
  explicit TapeTransport(std::string all) : tape(std::move(all)), at(tape.size()) {}

  std::string tape;
  size_t at;
  int spaces = 0;  ///< so many SPACE so far
  bool knows_space = true;
  std::function<void()> before_space = [] {};

  Result<Reply> execute(const Command& command) override {
    if (command.cdb[0] == kReadPosition) return position(*decode_cdb_read_position(command.cdb));
    if (command.cdb[0] != 0x11) return illegal();
    ++spaces;
    before_space();
    return knows_space ? space(command.cdb) : illegal();
  }
  const std::string& path() const override { return path_; }

 private:
  static Reply sense(SenseKey key, uint8_t asc, uint8_t ascq) {
    Bytes bytes(18, 0);
    bytes[0] = 0x70;
    bytes[2] = static_cast<uint8_t>(key);
    bytes[7] = 10;
    bytes[12] = asc;
    bytes[13] = ascq;
    return {Status::check_condition, bytes, {}};
  }
  static Reply illegal() { return sense(SenseKey::illegal_request, 0x20, 0); }
  Reply position(PositionForm form) const {
    uint64_t file = 0;
    for (size_t i = 0; i < at; ++i) file += tape[i] == '|' ? 1 : 0;
    return {Status::good, {}, encode_read_position(form, {.beginning = at == 0, .object = at, .file = file})};
  }
  Reply space(const Bytes& cdb) {
    const int32_t count =
        static_cast<int32_t>(uint32_t{cdb[2]} << 24 | uint32_t{cdb[3]} << 16 | uint32_t{cdb[4]} << 8) >> 8;
    const bool marks = cdb[1] == 1, back = count < 0;
    for (int32_t left = back ? -count : count; left > 0;) {
      if (back ? at == 0 : at == tape.size())
        return sense(back ? SenseKey::no_sense : SenseKey::blank_check, 0, back ? 4 : 5);
      if (back) --at;
      const bool mark = tape[at] == '|';
      if (!back) ++at;
      if (!marks && mark) return sense(SenseKey::no_sense, 0, 1);
      if (marks == mark) --left;
    }
    return {Status::good, {}, {}};
  }

  std::string path_ = "/dev/sg0";
};

}  // namespace shstore::scsi
