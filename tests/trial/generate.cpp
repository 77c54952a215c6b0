#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trial.h"

namespace shstore::scsi::trial {
namespace {

// Commands besides PERSISTENT RESERVE: what a stranger may do under a reservation. None of them moves the medium of a
// drive that is empty.
struct OtherCommand {
  const char* name;
  Bytes cdb;
  uint32_t data_in;
};

const std::vector<OtherCommand>& other_commands() {
  static const std::vector<OtherCommand> all = {
      {"TEST UNIT READY", {0x00, 0, 0, 0, 0, 0}, 0},    {"INQUIRY", {0x12, 0, 0, 0, 36, 0}, 36},
      {"READ(6)", {0x08, 0, 0, 2, 0, 0}, 512},          {"REWIND", {0x01, 0, 0, 0, 0, 0}, 0},
      {"SPACE(6)", {0x11, 0, 0, 0, 1, 0}, 0},           {"WRITE FILEMARKS(6)", {0x10, 0, 0, 0, 0, 0}, 0},
      {"MODE SENSE(6)", {0x1a, 0, 0x3f, 0, 64, 0}, 64}, {"LOG SENSE", {0x4d, 0, 0x40, 0, 0, 0, 0, 0, 64, 0}, 64},
  };
  return all;
}

const char* name_of(unsigned service_action) {
  static constexpr const char* kNames[] = {"REGISTER",
                                           "RESERVE",
                                           "RELEASE",
                                           "CLEAR",
                                           "PREEMPT",
                                           "PREEMPT AND ABORT",
                                           "REGISTER AND IGNORE EXISTING KEY",
                                           "REGISTER AND MOVE"};
  return service_action < std::size(kNames) ? kNames[service_action] : "service action";
}

}  // namespace

uint64_t Generator::key_of(size_t nexus) {
  if (chance(80)) return kKeys[nexus];
  const size_t which = pick(std::size(kKeys) + 2);
  if (which < std::size(kKeys)) return kKeys[which];
  return which == std::size(kKeys) ? 0 : kNobodysKey;
}

Step Generator::pr_out(size_t nexus) {
  // Register often enough that there is something to reserve.
  static constexpr unsigned kActions[] = {0, 0, 0, 6, 6, 1, 1, 1, 1, 2, 2, 3, 4, 4};
  unsigned action = kActions[pick(std::size(kActions))];
  if (action == 4 && abort_ && chance(50)) action = 5;
  if (ports_ && chance(8)) {
    Step step{nexus, {cdb_pr_out(PrOut::register_and_move, PrType::exclusive_access), {}, 0, kCommandDeadline}, {}};
    move(step);
    return step;
  }
  if (chance(2)) action = static_cast<unsigned>(7 + pick(25));  // REGISTER AND MOVE and what does not exist
  static constexpr uint8_t kTypes[] = {3, 3, 3, 1, 5, 6, 7, 8};
  const auto type = chance(4) ? static_cast<uint8_t>(pick(16)) : kTypes[pick(std::size(kTypes))];
  const bool registers = action == 0 || action == 6;
  const uint64_t key = registers && chance(50) ? 0 : key_of(nexus);
  uint64_t service_action_key = registers                    ? (chance(15) ? 0 : key_of(nexus))
                                : action == 4 || action == 5 ? key_of(pick(nexuses_))
                                                             : 0;
  if (registers && chance(10)) service_action_key = kKeys[3];

  Bytes data(kPrOutParameters, 0);
  put_be64(data, 0, key);
  put_be64(data, 8, service_action_key);
  Bytes cdb = cdb_pr_out(static_cast<PrOut>(action), static_cast<PrType>(type));
  std::string note;
  if (bits_ && chance(40)) {
    data[20] = static_cast<uint8_t>((chance(50) ? 0x04 : 0) | (chance(70) ? 0x01 : 0));
    note = fmt::format(" bits {:02x}", data[20]);
  }
  if (chance(3)) {
    static constexpr uint32_t kLengths[] = {8, 16, 23, 25, 32};
    const auto length = kLengths[pick(std::size(kLengths))];
    data.resize(length, 0);
    put_be32(cdb, 5, length);
    note += fmt::format(" length {}", length);
  }
  Step step{nexus, Command{cdb, data, 0, kCommandDeadline},
            fmt::format("nexus {}: {} type {} key 0x{:x} service action key 0x{:x}{}", nexus, name_of(action), type,
                        key, service_action_key, note)};
  if (ports_ && action == 0 && note.find("length") == std::string::npos && chance(25)) {
    specify_ports(step);
    step.text += fmt::format(" SPEC_I_PT {}", fmt::join(step.ports, " "));
  }
  return step;
}

// One other nexus or two, now and then a port that has no access. Not one's own: which registration that would be is not said.
void Generator::specify_ports(Step& step) {
  const size_t first = (step.nexus + 1 + pick(nexuses_ - 1)) % nexuses_;
  step.ports = {chance(10) ? kNobodysPort : first};
  for (size_t n = 0; n < nexuses_; ++n) {
    if (n != step.nexus && n != step.ports.front() && chance(40)) step.ports.push_back(n);
  }
  step.command.data_out[20] |= 0x08;
}

void Generator::move(Step& step) {
  auto& data = step.command.data_out;
  data.assign(kPrOutParameters, 0);
  put_be64(data, 0, key_of(step.nexus));
  put_be64(data, 8, chance(5) ? 0 : kKeys[pick(std::size(kKeys))]);
  data[17] = static_cast<uint8_t>((chance(50) ? 0x02 : 0) | (chance(50) ? 0x01 : 0));
  step.ports = {chance(5) ? kNobodysPort : chance(5) ? step.nexus : (step.nexus + 1 + pick(nexuses_ - 1)) % nexuses_};
  step.text = fmt::format("nexus {}: REGISTER AND MOVE key 0x{:x} service action key 0x{:x} bits {:02x} to {}",
                          step.nexus, be64(data, 0), be64(data, 8), data[17], step.ports.front());
}

Step Generator::pr_in(size_t nexus) {
  const auto action = static_cast<uint8_t>(chance(3) ? 4 + pick(28) : pick(4));
  static constexpr uint16_t kRooms[] = {1024, 1024, 1024, 8, 16, 24, 32, 255};
  const auto room = kRooms[pick(std::size(kRooms))];
  return {nexus, Command{cdb_pr_in(static_cast<PrIn>(action), room), {}, room, kCommandDeadline},
          fmt::format("nexus {}: PERSISTENT RESERVE IN service action {} allocation length {}", nexus, action, room)};
}

Step Generator::other(size_t nexus) {
  const auto& command = other_commands()[pick(other_commands().size())];
  return {nexus, Command{command.cdb, {}, command.data_in, kCommandDeadline},
          fmt::format("nexus {}: {}", nexus, command.name)};
}

Step Generator::next() {
  const size_t nexus = pick(nexuses_);
  const size_t kind = pick(10);
  return kind < 5 ? pr_out(nexus) : kind < 8 ? pr_in(nexus) : other(nexus);
}

}  // namespace shstore::scsi::trial
