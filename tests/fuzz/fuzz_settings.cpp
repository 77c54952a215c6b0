// storage-ctl.conf and shstore-changer.conf of any content: what storage-ctl takes the linter takes, messages stay in one
// line, and what is understood is within its bounds.
#include <algorithm>

#include "changer/program/settings.h"
#include "config/storage_ctl_text.h"
#include "fuzzing.h"
#include "scsi/storage_ctl_conf.h"

namespace {

using namespace shstore;
using fuzzing::must;

bool has_error(const config::StorageCtlText& text) {
  return std::any_of(text.diagnostics.begin(), text.diagnostics.end(),
                     [](const auto& d) { return d.severity == config::Severity::error; });
}

void check_storage_ctl_conf(std::string_view text) {
  const auto conf = scsi::parse_storage_ctl_conf(text, "c");
  const auto linted = config::read_storage_ctl_text(text, "c");
  if (!conf) {
    fuzzing::must_be_one_line("a message of storage-ctl", base::printable(conf.error().message));
    must(conf.error().kind == scsi::Error::Kind::config && conf.error().message.starts_with("c"),
         "an error without its place", conf.error().message);
    return;
  }
  must(conf->key.value != 0, "a key that is none");
  must(!has_error(linted), "storage-ctl takes what the linter refuses",
       linted.diagnostics.empty() ? "" : linted.diagnostics[0].message);
  must(linted.max_lock_wait.value == static_cast<uint64_t>(conf->max_lock_wait.count()),
       "two readings of max_lock_wait");
}

void check_changer_conf(std::string_view text) {
  const auto settings = changer::program::parse_settings(text, "c");
  if (settings) {
    must(settings->ready_wait.count() >= 0 && settings->drive_wait.count() >= 0 && settings->robot_wait.count() >= 0,
         "a time that is none");
  } else {
    must(settings.error().message.starts_with("c"), "an error without its place", settings.error().message);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string text(bytes, bytes + size);
  check_storage_ctl_conf(text);
  check_changer_conf(text);
  return 0;
}
