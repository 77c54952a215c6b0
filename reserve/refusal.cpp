#include "reserve/refusal.h"

namespace shstore::reserve {
namespace {

std::string beginning(const char* code, JobId job) { return std::string(code) + " JobId=" + std::to_string(job) + ' '; }

}  // namespace

std::string refusal_text(JobId job, const std::string& device, const Refusal& refusal) {
  if (refusal.kind == Refusal::Kind::held_by_other) {
    return beginning("3612", job) + "waiting because device " + device + " is reserved by: " + refusal.holder + '.';
  }
  return beginning("3613", job) + "cannot lock device " + device + ": " + refusal.reason + '.';
}

std::string misconfigured_text(JobId job, const std::string& device, const std::string& reason) {
  return beginning("3614", job) + "may not use device " + device + ", which is configured for locking: " + reason + '.';
}

}  // namespace shstore::reserve
