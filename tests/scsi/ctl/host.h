// Two hosts with a storage-ctl each and the drive that they share; no device, no clock, no terminal.
#pragma once

#include <gtest/gtest.h>

#include <sstream>

#include "scsi/ctl/commands.h"
#include "support.h"

namespace shstore::scsi::ctl {

class CtlHost {
 public:
  CtlHost(target::Target& target, size_t endpoint, ReservationKey key)
      : host(target, endpoint, key, &stop),
        context{"/dev/" + host.transport.path(),
                &host.unit,
                {},
                "storage-ctl.conf",
                {},
                {},
                out,
                err,
                [this] { return now; },
                [this](std::chrono::milliseconds t) { sleep(t); },
                stop,
                [this](const std::string&) { return says_yes; },
                [this](const std::vector<std::string>& words) { return run(words); }} {
    context.conf.key = key;
    context.conf.max_lock_wait = std::chrono::seconds(60);
  }

  /// Runs a command as it stands on the command line, without options; the exit status.
  int operator()(const std::string& command, std::vector<std::string> arguments = {}) {
    out.str("");
    err.str("");
    context.options.arguments = std::move(arguments);
    const auto* found = find_command(command);
    EXPECT_NE(found, nullptr) << command;
    return found ? found->run(context) : -1;
  }

  void sleep(std::chrono::milliseconds t) {
    now += t;
    if (on_sleep) on_sleep();
  }

  std::atomic<bool> stop{false};
  Host host;
  std::ostringstream out, err;
  std::chrono::steady_clock::time_point now{};
  std::function<void()> on_sleep;
  bool says_yes = false;
  std::function<Result<int>(const std::vector<std::string>&)> run = [](const auto&) { return 0; };
  Context context;
};

class SharedDrive : public testing::Test {
 protected:
  target::Target target{white_paper_san()};
  CtlHost cibou{target, 0, kCibouKey};
  CtlHost dir{target, 1, kDirKey};
  Host third{target, 2, {0xbac003}};

  TransportId cibou_port() { return fc_transport_id(white_paper_san().initiators[0].wwpn); }
  TransportId third_port() { return fc_transport_id(white_paper_san().initiators[2].wwpn); }
  LockState state() { return third.lock.read().value(); }
  bool untouched() { return state().keys.empty() && !state().reservation; }
};

}  // namespace shstore::scsi::ctl
