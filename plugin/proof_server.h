// The plugin's end of config/shared/proof_channel.h.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "config/shared/proof_channel.h"
#include "scsi/base/descriptor.h"

namespace shstore::plugin {

/// Each question is answered by a thread of its own, as a drive that hangs must not keep the others from an answer. Every
/// signal is blocked in them. Thread-safe.
class ProofServer {
 public:
  /// May take as long as a proof takes.
  using Answer = std::function<config::ProofAnswer(const std::string& control_device)>;

  explicit ProofServer(Answer answer);
  ~ProofServer();
  ProofServer(const ProofServer&) = delete;
  ProofServer& operator=(const ProofServer&) = delete;

  /// Listens at `path`, in the place of whatever an earlier life of the daemon left there. Returns why it cannot; empty: it does.
  /// May be tried again, and changes nothing while it listens.
  std::string start(const std::string& path);
  /// Nobody is listened to any more. Those who are just being answered get their answer.
  void stop();

 private:
  // Kept alive by the threads that answer.
  struct Shared;
  std::shared_ptr<Shared> shared_;
  std::string path_;
  base::Descriptor listener_, wake_;
  std::thread thread_;
};

}  // namespace shstore::plugin
