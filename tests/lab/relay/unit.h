// A drive or the robot behind one backstore: what it does with the commands that LIO lets through, and with the orders of a
// test.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "answer.h"

namespace relay {

// tgt's device, by its SCSI generic node.
class Device {
 public:
  explicit Device(const char* node);  // throws std::runtime_error
  // The command as it came, with its buffer.
  Answer pass_on(const ring_command& command) const;
  // A command of the relay's own that brings data.
  Answer ask(std::vector<uint8_t> cdb, std::vector<uint8_t>& data) const;

 private:
  int file_;
};

class Unit {
 public:
  virtual ~Unit() = default;
  virtual Answer execute(const ring_command& command) = 0;
  virtual void reset() {}  // LIO has reset the logical unit
  // An order of the test, in words; "" is done, anything else is what to print. Throws std::invalid_argument for an order
  // that it does not understand.
  virtual std::string order(const std::vector<std::string>& words) = 0;
};

std::unique_ptr<Unit> make_drive(const char* node, unsigned drive, const char* folder_of_tapes);
std::unique_ptr<Unit> make_robot(const char* node);

}  // namespace relay
