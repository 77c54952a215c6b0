#include "changer/outcome.h"

namespace shstore::changer {

Failure to_failure(const scsi::Error& error) {
  const auto status = [&] {
    switch (error.kind) {
      case scsi::Error::Kind::usage: return ExitStatus::library;
      case scsi::Error::Kind::config: return ExitStatus::config;
      case scsi::Error::Kind::refused:
      case scsi::Error::Kind::unsupported: return ExitStatus::refused;
      case scsi::Error::Kind::spc2_reserve: return ExitStatus::locked;
      case scsi::Error::Kind::device:
      case scsi::Error::Kind::protocol:
      case scsi::Error::Kind::timeout: return ExitStatus::device;
      case scsi::Error::Kind::interrupted: return ExitStatus::timeout;
    }
    return ExitStatus::device;
  }();
  return {status, error.message};
}

}  // namespace shstore::changer
