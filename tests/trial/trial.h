// One command of a trial and the two answers to it.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "scsi/persistent_reserve.h"
#include "scsi/transport.h"

namespace shstore::scsi::trial {

struct Step {
  size_t nexus = 0;
  Command command;
  std::string text;  ///< "nexus 1: RESERVE type 3 key 0xa1"
  /// What ends the parameter list of REGISTER with SPEC_I_PT and of REGISTER AND MOVE: TransportIDs of these nexuses.
  std::vector<size_t> ports{};
};
inline constexpr size_t kNobodysPort = 99;  ///< among Step::ports: a port that has no access

/// The keys that a trial uses: one per nexus, one that two may share, one that nobody registers.
inline constexpr uint64_t kKeys[] = {0xa1, 0xb2, 0xc3, 0xdd};
inline constexpr uint64_t kNobodysKey = 0xee;

/// What a random sequence is made from. The same seed gives the same sequence.
class Generator {
 public:
  /// `abort`: PREEMPT AND ABORT too, in which the kernel's loopback fabric hangs. `bits`: ALL_TG_PT and APTPL too.
  /// `ports`: SPEC_I_PT and REGISTER AND MOVE with the names of nexuses, all of which have to see the drive through one target port.
  Generator(unsigned seed, size_t nexuses, bool abort, bool bits, bool ports)
      : random_(seed), nexuses_(nexuses), abort_(abort), bits_(bits), ports_(ports) {}
  Step next();

 private:
  size_t pick(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }
  bool chance(unsigned percent) { return pick(100) < percent; }
  uint64_t key_of(size_t nexus);
  Step pr_out(size_t nexus);
  void specify_ports(Step& step);
  void move(Step& step);
  Step pr_in(size_t nexus);
  Step other(size_t nexus);

  std::mt19937 random_;
  size_t nexuses_;
  bool abort_, bits_, ports_;
};

/// How the two sides name the same things: found out at the start of a trial.
struct Names {
  uint32_t generation = 0;              ///< PRGENERATION at the start
  std::vector<TransportId> initiators;  ///< of each nexus
  std::vector<uint16_t> target_ports;   ///< relative target port of each
};

/// The step as one side is to have it: with its own names of the ports.
Command command_for(const Step& step, const Names& names);

/// Empty if both answers mean the same. PR IN and PR OUT: status, sense and data, where PRGENERATION counts from the
/// start and a TransportID stands for its nexus. Other commands: whether there was a reservation conflict or a unit
/// attention, because the rest is the device's own.
std::string difference(const Step& step, const Reply& real, const Names& real_names, const Reply& ours,
                       const Names& our_names);

/// The row of docs/lio-differences.md that this difference is, or nullptr. `state`: what both sides have.
const char* known_difference(const Step& step, const Reply& real, const Reply& ours, const FullStatus& state);
/// The type of the reservation that there is, 0 for none.
unsigned held_type(const FullStatus& status);

/// True for a command that LIO and SPC-4 answer alike but that may leave different states.
bool unregisters(const Step& step);
bool preempts(const Step& step);
bool preempts_own_key(const Step& step);
bool moves(const Step& step);
bool specifies_ports(const Step& step);

/// What both sides must agree in: registrations by nexus and the reservation, without PRGENERATION.
std::string state_meaning(const FullStatus& status, const Names& names);

/// "GOOD 00 00 ..." for messages.
std::string describe_reply(const Reply& reply);

}  // namespace shstore::scsi::trial
