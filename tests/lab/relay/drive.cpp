// A tape drive. What it is (INQUIRY, MODE SENSE, the door lock) is tgt's; the tape, its position and what the log pages tell
// are the relay's, because tgt 1.0.85 has no READ POSITION, no LOCATE, no LOG SENSE, and a SPACE that does not stop at
// filemarks. Clauses are SSC-4's.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <stdexcept>

#include "bays.h"
#include "log_pages.h"
#include "medium.h"
#include "unit.h"

namespace relay {
namespace {

enum : uint8_t {
  kTestUnitReady = 0x00,
  kRewind = 0x01,
  kRequestSense = 0x03,
  kRead = 0x08,
  kWrite = 0x0a,
  kWriteFilemarks = 0x10,
  kSpace = 0x11,
  kInquiry = 0x12,
  kErase = 0x19,
  kLoadUnload = 0x1b,
  kPreventAllow = 0x1e,
  kLocate10 = 0x2b,
  kReadPosition = 0x34,
  kLogSense = 0x4d,
  kLocate16 = 0x92
};

Answer filemark_detected(uint32_t left) { return check_left(kNoSense | kFilemark, 0, 1, static_cast<int32_t>(left)); }
Answer end_of_data(uint32_t left) { return check_left(kBlankCheck, 0, 5, static_cast<int32_t>(left)); }
Answer beginning_of_tape(uint32_t left) {
  return check_left(kNoSense | kEndOfMedium, 0, 4, static_cast<int32_t>(left));
}

void put(const ring_command& command, const uint8_t* data, size_t size, Answer& answer) {
  size_t done = 0;
  for (unsigned i = 0; i < command.pieces && done < size; i++) {
    const size_t part = std::min(command.piece[i].length, size - done);
    std::memcpy(command.piece[i].data, data + done, part);
    done += part;
  }
  answer.got = static_cast<int64_t>(done);
}

class Drive final : public Unit {
 public:
  Drive(const char* node, unsigned drive, const char* folder)
      : device_(node), bay_(open_bays()[drive]), folder_(folder), seen_loads_(bay_.loads - 1) {}

  Answer execute(const ring_command& command) override {
    notice_load();
    const uint64_t before = medium_ ? medium_->position() : 0;
    const Answer answer = done(command);
    if (is_traced_) trace(command, before, answer);
    return answer;
  }
  Answer done(const ring_command& command) {
    if (is_away_) return check(kIllegalRequest, 0x25, 0);  // LOGICAL UNIT NOT SUPPORTED
    if (const auto ordered = ordered_answer(command.cdb[0])) return *ordered;
    switch (command.cdb[0]) {
      case kTestUnitReady:
        if (bay_.is_calibrating()) return becoming_ready();
        return *bay_.barcode && !medium_ ? no_medium() : device_.pass_on(command);
      case kLoadUnload: return load_unload(command);
      case kPreventAllow: {
        const Answer answer = device_.pass_on(command);
        if (answer.status == kGood) is_prevented_ = command.cdb[4] & 1;
        return answer;
      }
      case kLogSense: return log_sense(command);
      case kRewind:
      case kRead:
      case kWrite:
      case kWriteFilemarks:
      case kSpace:
      case kErase:
      case kLocate10:
      case kLocate16:
      case kReadPosition:
        if (bay_.is_calibrating()) return becoming_ready();
        return medium_ ? on_tape(command) : no_medium();
      default: return device_.pass_on(command);
    }
  }

  void reset() override {
    is_prevented_ = false;
    if (rewinds_at_reset_ && medium_) medium_->locate(0);
  }

  // calibration SECONDS        after each later load the drive is not ready that long
  // alert FLAG                 that TapeAlert flag is up until page 2Eh is read
  // answer KEY ASC ASCQ [OPCODE [TIMES [AFTER]]]   (hexadecimal) the next command, or the next with that opcode, ends with it, not
  //                            done; AFTER: so many of them are done before
  // reset-rewinds on|off       a reset of the logical unit brings the tape to its beginning, or leaves it where it is
  // away on|off                the drive has gone, as its library tells of it, or is there again
  // move OBJECT                the tape stands somewhere else, and nobody has been told
  // position                   prints object and file number
  // trace on|off               each command goes to the relay's standard error, in the test's out/relay-drive0
  std::string order(const std::vector<std::string>& words) override {
    notice_load();
    const auto value = [&](size_t index, int base = 10) { return std::stoul(words.at(index), nullptr, base); };
    if (words.at(0) == "calibration") {
      bay_.calibration_seconds = static_cast<uint32_t>(value(1));
    } else if (words[0] == "alert") {
      if (value(1) < 1 || value(1) > 64) throw std::invalid_argument("TapeAlert flags are 1 to 64");
      log_.alerts.set(value(1));
    } else if (words[0] == "answer") {
      const Ordered next{check(static_cast<unsigned>(value(1, 16)), static_cast<uint8_t>(value(2, 16)),
                               static_cast<uint8_t>(value(3, 16))),
                         words.size() > 4 ? static_cast<int>(value(4, 16)) : -1, words.size() > 6 ? value(6) : 0};
      ordered_.insert(ordered_.end(), words.size() > 5 ? value(5) : 1, next);
    } else if (words[0] == "reset-rewinds") {
      rewinds_at_reset_ = words.at(1) == "on";
    } else if (words[0] == "away") {
      is_away_ = words.at(1) == "on";
    } else if (words[0] == "move") {
      if (!medium_ || value(1) > medium_->end_of_data())
        throw std::invalid_argument("there is no such place on the tape");
      medium_->locate(value(1));
    } else if (words[0] == "trace") {
      is_traced_ = words.at(1) == "on";
    } else if (words[0] == "position") {
      if (!medium_) return "no tape";
      return std::to_string(medium_->position()) + " " + std::to_string(medium_->filemarks_before());
    } else {
      throw std::invalid_argument("no such order");
    }
    return "";
  }

 private:
  struct Ordered {
    Answer answer;
    int opcode;  // -1: any but those that a unit attention does not stop (SPC-4 5.14)
    unsigned long after;
  };

  void trace(const ring_command& command, uint64_t before, const Answer& answer) const {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    std::fprintf(stderr, "%ld.%03ld %02x %02x at %llu to %llu status %02x sense %02x/%02x%02x\n", now.tv_sec,
                 now.tv_nsec / 1000000, command.cdb[0], command.cdb[1], static_cast<unsigned long long>(before),
                 static_cast<unsigned long long>(medium_ ? medium_->position() : 0), answer.status, answer.sense[2],
                 answer.sense[12], answer.sense[13]);
  }

  void notice_load() {
    if (seen_loads_ == bay_.loads) return;
    seen_loads_ = bay_.loads;
    take_in();
  }
  void take_in() {
    medium_.reset();
    if (*bay_.barcode) medium_ = std::make_unique<Medium>(folder_, bay_.barcode);
  }

  std::optional<Answer> ordered_answer(uint8_t opcode) {
    for (auto next = ordered_.begin(); next != ordered_.end(); ++next) {
      if (next->opcode < 0 ? opcode == kInquiry || opcode == kRequestSense : next->opcode != opcode) continue;
      if (next->after > 0) {
        --next->after;
        continue;
      }
      const Answer answer = next->answer;
      ordered_.erase(next);
      return answer;
    }
    return std::nullopt;
  }

  // An unload during the calibration is ignored, as seen on drives. A tape that is unloaded waits in the drive's mouth, where
  // LOAD takes it from; to everything else the drive is empty.
  Answer load_unload(const ring_command& command) {
    const bool is_load = command.cdb[4] & 1;
    if (bay_.is_calibrating()) return good();
    if (!*bay_.barcode) return no_medium();
    if (is_load == (medium_ != nullptr)) return is_load ? (medium_->locate(0), good()) : good();
    if (!is_load && is_prevented_) return check(kIllegalRequest, 0x53, 2);
    if (is_load) {
      take_in();
      bay_.begin_calibration();
    } else {
      medium_.reset();
    }
    return good();
  }

  Answer on_tape(const ring_command& command) {
    const uint8_t* cdb = command.cdb;
    switch (cdb[0]) {
      case kRewind: medium_->locate(0); return good();
      case kErase: medium_->erase(); return good();
      case kRead: return read(command);
      case kWrite: return write(command);
      case kWriteFilemarks: return write_filemarks(static_cast<uint32_t>(number(cdb + 2, 3)));
      case kSpace: return space(cdb[1] & 15, static_cast<int32_t>(static_cast<uint32_t>(number(cdb + 2, 3)) << 8) >> 8);
      case kLocate10: return locate(0, number(cdb + 3, 4));
      case kLocate16: return locate((cdb[1] >> 3) & 7, number(cdb + 4, 8));
      default: return read_position(command);
    }
  }

  // 7.3: blocks are read one by one; with a fixed length there may be several in one command.
  Answer read(const ring_command& command) {
    const bool is_fixed = command.cdb[1] & 1, allows_short = command.cdb[1] & 2;
    const auto count = static_cast<uint32_t>(number(command.cdb + 2, 3));
    const uint32_t blocks = is_fixed ? count : 1, length = is_fixed && count ? command.length / count : count;
    if (!count) return good();
    uint32_t got = 0;
    for (uint32_t done = 0; done < blocks; done++) {
      const uint32_t left = is_fixed ? count - done : length;
      Answer answer;
      const Medium::Object* object = medium_->ahead();
      if (!object) {
        answer = end_of_data(left);
      } else if (object->is_filemark) {
        medium_->step(+1);
        answer = filemark_detected(left);
      } else {
        const uint32_t part = std::min(length, object->length), size = object->length;
        medium_->read_block(command.piece, command.pieces, got, part);
        medium_->step(+1);
        log_.bytes_read += part;
        got += part;
        if (size != length && !(allows_short && size < length && !is_fixed))
          answer = check_left(kNoSense | kIncorrectLength, 0, 0,
                              is_fixed ? static_cast<int32_t>(left) : static_cast<int32_t>(length - size));
      }
      if (answer.status != kGood) {
        answer.got = got;
        return answer;
      }
    }
    Answer answer;
    answer.got = got;
    return answer;
  }

  Answer write(const ring_command& command) {
    const bool is_fixed = command.cdb[1] & 1;
    const auto count = static_cast<uint32_t>(number(command.cdb + 2, 3));
    const uint32_t blocks = is_fixed ? count : 1, length = is_fixed && count ? command.length / count : count;
    if (!count) return good();
    for (uint32_t done = 0; done < blocks; done++) {
      if (!medium_->write_block(command.piece, command.pieces, done * length, length))
        return check_left(kVolumeOverflow | kEndOfMedium, 0, 2, static_cast<int32_t>(is_fixed ? count - done : length));
      log_.bytes_written += length;
    }
    return medium_->is_past_early_warning() ? check_left(kNoSense | kEndOfMedium, 0, 2, 0) : good();
  }
  Answer write_filemarks(uint32_t count) {
    for (; count; count--)
      if (!medium_->write_filemark())
        return check_left(kVolumeOverflow | kEndOfMedium, 0, 2, static_cast<int32_t>(count));
    return medium_->is_past_early_warning() ? check_left(kNoSense | kEndOfMedium, 0, 2, 0) : good();
  }

  // 7.7: over blocks it ends behind the first filemark in its way; back, before it.
  Answer space(unsigned code, int32_t count) {
    enum { kBlocks = 0, kFilemarks = 1, kEndOfData = 3 };
    if (code == kEndOfData) {
      medium_->locate(medium_->end_of_data());
      return good();
    }
    if (code != kBlocks && code != kFilemarks) return invalid_field();
    const int way = count < 0 ? -1 : +1;
    auto left = static_cast<uint32_t>(count < 0 ? -count : count);
    while (left) {
      const Medium::Object* object = way > 0 ? medium_->ahead() : medium_->behind();
      if (!object) return way > 0 ? end_of_data(left) : beginning_of_tape(left);
      medium_->step(way);
      if (code == kBlocks && object->is_filemark) return filemark_detected(left);
      if (code == kBlocks || object->is_filemark) left--;
    }
    return good();
  }

  Answer locate(unsigned kind, uint64_t target) {
    enum { kObject = 0, kFile = 1, kEndOfData = 3 };
    if (kind == kObject && target <= medium_->end_of_data()) {
      medium_->locate(target);
    } else if (kind == kFile) {
      medium_->locate(0);
      while (medium_->ahead() && medium_->filemarks_before() < target) medium_->step(+1);
      if (medium_->filemarks_before() < target) return check(kBlankCheck, 0, 5);
    } else if (kind <= kEndOfData) {
      medium_->locate(medium_->end_of_data());
      if (kind != kEndOfData) return check(kBlankCheck, 0, 5);
    } else {
      return invalid_field();
    }
    return good();
  }

  // 7.5: short form, by either of its service actions, and long form. Nothing waits in a buffer here.
  Answer read_position(const ring_command& command) {
    const unsigned form = command.cdb[1] & 0x1f;
    const uint64_t position = medium_->position();
    uint8_t data[32] = {};
    data[0] = static_cast<uint8_t>((position ? 0 : 0x80) | (medium_->is_past_early_warning() ? 0x40 : 0));
    Answer answer;
    if (form == 0 || form == 1) {
      put_number(data + 4, 4, position);
      put_number(data + 8, 4, position);
      put(command, data, 20, answer);
    } else if (form == 6) {
      put_number(data + 8, 8, position);
      put_number(data + 16, 8, medium_->filemarks_before());
      put(command, data, 32, answer);
    } else {
      return invalid_field();
    }
    return answer;
  }

  Answer log_sense(const ring_command& command) {
    log_.has_medium = *bay_.barcode;
    log_.is_mounted = medium_ != nullptr;
    log_.is_calibrating = bay_.is_calibrating();
    const uint8_t code = command.cdb[2] & 0x3f;
    const auto page = command.cdb[3] ? std::nullopt : log_page(code, log_);
    if (!page) return invalid_field();
    Answer answer;
    put(command, page->data(), std::min<size_t>(page->size(), number(command.cdb + 7, 2)), answer);
    if (code == 0x2e) clear_alerts_read(log_, static_cast<size_t>(answer.got));
    return answer;
  }

  Device device_;
  Bay& bay_;
  std::string folder_;
  uint32_t seen_loads_;
  std::unique_ptr<Medium> medium_;  // the tape that is loaded, at its head
  bool is_prevented_ = false, rewinds_at_reset_ = false, is_away_ = false;
  bool is_traced_ = std::getenv("RELAY_TRACE") && *std::getenv("RELAY_TRACE");
  std::deque<Ordered> ordered_;
  LogState log_;
};

}  // namespace

std::unique_ptr<Unit> make_drive(const char* node, unsigned drive, const char* folder_of_tapes) {
  return std::make_unique<Drive>(node, drive, folder_of_tapes);
}

}  // namespace relay
