// pr_trial DEVICE DEVICE [DEVICE]: one drive of a real device server as two or three nexuses see it, on trial with
// ours. Exit status 0: no difference but known ones; 1: a difference; 2: the trial could not be held.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <deque>
#include <iostream>
#include <map>

#include "scsi/base/progress.h"
#include "scsi/target/target.h"
#include "trial.h"

namespace shstore::scsi::trial {
namespace {

constexpr int kDifferent = 1, kNoTrial = 2;

/// Either side of the trial: some nexuses to one drive.
class Side {
 public:
  virtual ~Side() = default;
  virtual Result<Reply> execute(size_t nexus, const Command& command) = 0;
  Names names;
};

class RealSide final : public Side {
 public:
  static Result<std::unique_ptr<RealSide>> open(const std::vector<std::string>& paths) {
    auto side = std::make_unique<RealSide>();
    for (const auto& path : paths) {
      auto opened = open_transport(path);
      if (!opened) return tl::make_unexpected(opened.error());
      side->nexuses_.push_back(std::move(*opened));
    }
    return side;
  }
  Result<Reply> execute(size_t nexus, const Command& command) override { return nexuses_[nexus]->execute(command); }

 private:
  std::vector<std::unique_ptr<Transport>> nexuses_;
};

class OurSide final : public Side {
 public:
  OurSide(size_t nexuses, bool bits, bool ports) : target_(san(nexuses, bits, ports)) {}
  Result<Reply> execute(size_t nexus, const Command& command) override {
    return target_.execute(target_.endpoints()[nexus], command);
  }

 private:
  static target::San san(size_t nexuses, bool bits, bool ports) {
    target::San s;
    s.drives.push_back({"drive", "V", "P", "1", "S", 0});
    auto& options = s.drives[0].reservation_options;
    options.all_target_ports = options.persist_through_power_loss = bits;
    options.specify_initiator_ports = options.register_and_move = ports;
    for (size_t i = 0; i < nexuses; ++i) {
      s.initiators.push_back({fmt::format("n{}", i), 0x10 + i, 1, {{"sg0", 0}}});
    }
    return s;
  }
  target::Target target_;
};

Result<Reply> pr_out(Side& side, size_t nexus, PrOut action, uint64_t key, uint64_t service_action_key,
                     bool all_target_ports = false) {
  const PrOutParameters parameters{
      .key = {key}, .service_action_key = {service_action_key}, .all_target_ports = all_target_ports};
  return side.execute(
      nexus, {cdb_pr_out(action, PrType::exclusive_access), encode_pr_out_parameters(parameters), 0, kCommandDeadline});
}

// No registration, no reservation, no pending unit attention on any nexus.
Result<void> reset(Side& side, size_t nexuses) {
  for (int round = 0; round < 2; ++round) {
    for (size_t n = 0; n < nexuses; ++n) {
      for (int i = 0; i < 10; ++i) {
        const auto reply = side.execute(n, {cdb_pr_in(PrIn::read_keys, 8), {}, 8, kCommandDeadline});
        if (!reply) return tl::make_unexpected(reply.error());
        if (reply->status == Status::good) break;
      }
    }
    if (round == 1) break;
    for (const auto action : {PrOut::register_and_ignore_existing_key, PrOut::clear}) {
      const auto key = action == PrOut::clear ? kKeys[0] : 0;
      auto reply = pr_out(side, 0, action, key, kKeys[0]);
      // LIO takes a registration that was made with ALL_TG_PT back with that bit only.
      if (reply && reply->status == Status::check_condition) reply = pr_out(side, 0, action, key, kKeys[0], true);
      if (!reply) return tl::make_unexpected(reply.error());
      if (reply->status != Status::good) {
        return fail(Error::Kind::device, "the drive cannot be cleared: " + describe_reply(*reply));
      }
    }
  }
  return {};
}

// Through nexus 0, whose unit attentions it consumes: on both sides alike.
Result<FullStatus> full_status(Side& side) {
  for (int attentions = 0;; ++attentions) {
    const auto reply = side.execute(0, {cdb_pr_in(PrIn::read_full_status, 4096), {}, 4096, kCommandDeadline});
    if (!reply) return tl::make_unexpected(reply.error());
    if (reply->status == Status::good) return decode_read_full_status(reply->data_in);
    if (attentions == 10) return fail(Error::Kind::device, "READ FULL STATUS: " + describe_reply(*reply));
  }
}

FullStatus without_keys(FullStatus status) {
  for (auto& r : status.registrants) r.key = {0};
  return status;
}

// Which TransportID is which nexus: registers each in turn. Two devices of one nexus are found here.
Result<void> learn_names(Side& side, size_t nexuses) {
  side.names.initiators.clear();
  side.names.target_ports.clear();
  for (size_t n = 0; n < nexuses; ++n) {
    const auto reply = pr_out(side, n, PrOut::register_key, 0, kKeys[n]);
    if (!reply) return tl::make_unexpected(reply.error());
    const auto status = full_status(side);
    if (!status) return tl::make_unexpected(status.error());
    if (reply->status != Status::good || status->registrants.size() != n + 1) {
      return fail(Error::Kind::usage,
                  fmt::format("device {} is not a nexus of its own: {}", n, describe_reply(*reply)));
    }
    for (const auto& r : status->registrants) {
      if (r.key.value != kKeys[n]) continue;
      side.names.initiators.push_back(r.initiator);
      side.names.target_ports.push_back(r.relative_target_port);
    }
  }
  if (auto done = reset(side, nexuses); !done) return done;
  const auto status = full_status(side);
  if (!status) return tl::make_unexpected(status.error());
  side.names.generation = status->generation;
  return {};
}

struct Report {
  unsigned long commands = 0, unknown = 0;
  std::map<std::string, unsigned long> known;
};

class Trial {
 public:
  Trial(Side& real, Side& ours, size_t nexuses, Generator generator)
      : real_(real), ours_(ours), nexuses_(nexuses), generator_(std::move(generator)) {}

  Result<Report> run(unsigned long commands, unsigned long stop_after) {
    if (auto ready = start_over(); !ready) return tl::make_unexpected(ready.error());
    while (report_.commands < commands && report_.unknown < stop_after) {
      if (report_.commands % 100 == 0) {
        progress_(fmt::format("{} of {} commands, {} differences", report_.commands, commands, report_.unknown));
      }
      if (auto done = step(); !done) return tl::make_unexpected(done.error());
    }
    return report_;
  }

 private:
  Result<void> start_over() {
    for (auto* side : {&real_, &ours_}) {
      if (auto done = reset(*side, nexuses_); !done) return done;
      if (auto done = learn_names(*side, nexuses_); !done) return done;
    }
    history_.clear();
    return {};
  }

  Result<void> step() {
    const auto s = generator_.next();
    ++report_.commands;
    const auto real = real_.execute(s.nexus, command_for(s, real_.names));
    const auto ours = ours_.execute(s.nexus, command_for(s, ours_.names));
    if (!real) return tl::make_unexpected(real.error());
    if (!ours) return tl::make_unexpected(ours.error());
    history_.push_back(s.text + "  ->  " + describe_reply(*real));
    if (history_.size() > 12) history_.pop_front();
    const auto different = difference(s, *real, real_.names, *ours, ours_.names);
    const bool done = real->status == Status::good;
    if (different.empty() && is_attention(*ours)) return drain(s);
    const bool may_differ = unregisters(s) || preempts(s) || moves(s) || specifies_ports(s);
    if (different.empty()) return done && may_differ ? compare_states(s) : Result<void>{};

    const auto state = full_status(ours_);
    if (!state) return tl::make_unexpected(state.error());
    if (const auto taken = full_status(real_); !taken) return tl::make_unexpected(taken.error());
    if (const char* name = known_difference(s, *real, *ours, *state)) {
      ++report_.known[name];
      return compare_states(s, true);
    }
    tell(s, different);
    return start_over();
  }

  static bool is_attention(const Reply& reply) {
    const auto sense = decode_sense(reply.sense);
    return reply.status == Status::check_condition && sense && sense->key == SenseKey::unit_attention;
  }

  // One unit attention was reported by both. SAM-5 5.14 keeps the others for the next commands; LIO forgets them.
  Result<void> drain(const Step& s) {
    const Step read{s.nexus, {cdb_pr_in(PrIn::read_keys, 8), {}, 8, kCommandDeadline}, s.text + ", then READ KEYS"};
    for (;;) {
      const auto real = real_.execute(read.nexus, read.command), ours = ours_.execute(read.nexus, read.command);
      if (!real) return tl::make_unexpected(real.error());
      if (!ours) return tl::make_unexpected(ours.error());
      if (!is_attention(*real) && !is_attention(*ours)) return {};
      if (!is_attention(*real) && is_attention(*ours)) {
        ++report_.known["one-attention-clears-all"];
        continue;
      }
      if (const auto different = difference(read, *real, real_.names, *ours, ours_.names); !different.empty()) {
        tell(read, different);
        return start_over();
      }
    }
  }

  // After a command that may have left different states, although both sides answered alike or as is known.
  Result<void> compare_states(const Step& s, bool expected = false) {
    const auto real = full_status(real_), ours = full_status(ours_);
    if (!real) return tl::make_unexpected(real.error());
    if (!ours) return tl::make_unexpected(ours.error());
    const auto a = state_meaning(*real, real_.names), b = state_meaning(*ours, ours_.names);
    const auto count = [](const FullStatus& status, const Side& side) {
      return status.generation - side.names.generation;
    };
    if (a == b && count(*real, real_) == count(*ours, ours_)) return {};
    if (a == b && unregisters(s) && count(*real, real_) + 1 == count(*ours, ours_)) {
      ++report_.known["unregister-not-counted"];
      --real_.names.generation;
      return {};
    }
    if (a == b && specifies_ports(s) && count(*real, real_) > count(*ours, ours_)) {
      ++report_.known["ports-counted-each"];
      real_.names.generation += count(*real, real_) - count(*ours, ours_);
      return {};
    }
    if (moves(s) &&
        state_meaning(without_keys(*real), real_.names) == state_meaning(without_keys(*ours), ours_.names)) {
      ++report_.known["move-keeps-a-key"];
    } else if (preempts_own_key(s)) {
      ++report_.known["preempt-own-key"];
    } else if (preempts(s) && is_all_registrants(static_cast<PrType>(held_type(*ours)))) {
      ++report_.known["preempt-all-registrants-by-key"];
    } else if (!expected) {
      tell(s, fmt::format("state: real: {}; ours: {}", a, b));
    }
    return start_over();
  }

  void tell(const Step& s, const std::string& different) {
    ++report_.unknown;
    if (show_) show_("");  // what is printed is not to stand behind it
    std::cout << fmt::format("DIFFERENCE at command {}:\n", report_.commands);
    for (const auto& line : history_) std::cout << "    " << line << '\n';
    std::cout << "  " << s.text << "\n  " << different << '\n';
  }

  Side& real_;
  Side& ours_;
  size_t nexuses_;
  Generator generator_;
  const base::ShowProgress show_ = base::progress_on_terminal();
  base::Progress progress_{show_};
  std::deque<std::string> history_;
  Report report_;
};

int run(const std::vector<std::string>& paths, unsigned seed, unsigned long commands, unsigned long stop_after,
        bool abort, bool bits, bool ports) {
  auto real = RealSide::open(paths);
  if (!real) {
    std::cerr << "pr_trial: " << real.error().message << '\n';
    return kNoTrial;
  }
  OurSide ours(paths.size(), bits, ports);
  std::cout << fmt::format("seed {}, {} commands, {} nexuses\n", seed, commands, paths.size());
  const auto report =
      Trial(**real, ours, paths.size(), Generator(seed, paths.size(), abort, bits, ports)).run(commands, stop_after);
  if (!report) {
    std::cerr << "pr_trial: " << report.error().message << '\n';
    return kNoTrial;
  }
  for (const auto& [name, count] : report->known)
    std::cout << fmt::format("known difference {}: {} times\n", name, count);
  std::cout << fmt::format("{} commands compared, {} unknown differences\n", report->commands, report->unknown);
  return report->unknown == 0 ? 0 : kDifferent;
}

}  // namespace
}  // namespace shstore::scsi::trial

int main(int argc, char** argv) {
  CLI::App app{"Compares a real device server's persistent reservations with shstore-target's, command by command."};
  std::vector<std::string> paths;
  unsigned seed = std::random_device{}();
  unsigned long commands = 20000, stop_after = 1;
  app.add_option("DEVICES", paths, "one drive as two or three nexuses see it; its registrations are wiped")
      ->required()
      ->expected(2, 3);
  app.add_option("--seed", seed, "of the random sequence; random unless given");
  app.add_option("--commands", commands, "how many")->capture_default_str();
  app.add_option("--stop-after", stop_after, "end after so many unknown differences")->capture_default_str();
  bool abort = false;
  app.add_flag("--abort", abort, "send PREEMPT AND ABORT too");
  bool bits = false;
  app.add_flag("--bits", bits, "set ALL_TG_PT and APTPL now and then; ours has both");
  bool ports = false;
  app.add_flag("--ports", ports, "set SPEC_I_PT now and then, send REGISTER AND MOVE; ours has both");
  CLI11_PARSE(app, argc, argv);
  try {
    return shstore::scsi::trial::run(paths, seed, commands, stop_after, abort, bits, ports);
  } catch (const std::exception& e) {
    std::cerr << "pr_trial: " << e.what() << '\n';
    return 2;
  }
}
