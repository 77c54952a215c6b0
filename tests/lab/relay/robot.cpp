// The robot is tgt's. The relay tells the drives what it has moved, refuses to take a tape out of a drive that is getting
// ready, as libraries do, and can be caught in the middle of a move, as its own moves are over too soon to be stopped by hand:
// whoever makes the first of these files has the next MOVE MEDIUM held, with the second one in its place, until that is removed.
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "bays.h"
#include "unit.h"

namespace relay {
namespace {

constexpr char kHoldNextMove[] = "/run/hold-next-move";
constexpr char kMoveHeld[] = "/run/move-held";
enum : uint8_t { kMoveMedium = 0xa5 };

void hold_if_wanted() {
  if (std::rename(kHoldNextMove, kMoveHeld)) return;
  while (!access(kMoveHeld, F_OK)) usleep(20000);
}

class Robot final : public Unit {
 public:
  explicit Robot(const char* node) : device_(node), bays_(open_bays()) { look_into_drives(); }

  Answer execute(const ring_command& command) override {
    if (command.cdb[0] != kMoveMedium) return device_.pass_on(command);
    hold_if_wanted();
    const uint64_t source = number(command.cdb + 4, 2);
    for (unsigned drive = 0; drive < kDrives; drive++)
      if (address_[drive] == source && bays_[drive].is_calibrating()) return check(kIllegalRequest, 0x3a, 0);
    const Answer answer = device_.pass_on(command);
    look_into_drives();
    return answer;
  }
  std::string order(const std::vector<std::string>&) override {
    throw std::invalid_argument("the robot takes no orders");
  }

 private:
  // SMC-3, READ ELEMENT STATUS of the data transfer elements, with volume tags.
  void look_into_drives() {
    std::vector<uint8_t> data(1024);
    Answer answer;
    for (int tries = 0; tries < 3; tries++) {  // tgt's unit attentions
      answer = device_.ask({0xb8, 0x14, 0, 0, 0, 0xff, 0, 0, 4, 0, 0, 0}, data);
      if (answer.status == kGood) break;
    }
    if (answer.status != kGood) throw std::runtime_error("READ ELEMENT STATUS failed");
    const size_t length = number(&data[10], 2);
    for (unsigned drive = 0; drive < kDrives; drive++) note(drive, &data[16 + drive * length]);
  }
  void note(unsigned drive, const uint8_t* element) {
    Bay& bay = bays_[drive];
    char barcode[33] = "";
    address_[drive] = number(element, 2);
    if (element[2] & 1) std::memcpy(barcode, element + 12, 32);
    for (size_t end = std::strlen(barcode); end && barcode[end - 1] == ' ';) barcode[--end] = 0;
    if (!std::strcmp(barcode, bay.barcode)) return;
    std::memcpy(bay.barcode, barcode, sizeof barcode);
    if (*barcode) bay.begin_calibration();
    bay.loads++;
  }

  Device device_;
  Bay* bays_;
  uint64_t address_[kDrives] = {};
};

}  // namespace

std::unique_ptr<Unit> make_robot(const char* node) { return std::make_unique<Robot>(node); }

}  // namespace relay
