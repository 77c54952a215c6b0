#include "config/shared/site_lock.h"

#include "scsi/base/run_program.h"

namespace shstore::config {
namespace {

constexpr int kConflict = 24;  // SG_LIB_CAT_RES_CONFLICT of sg3_utils; storage-ctl's as well
constexpr int kWaited = 75;    // storage-ctl: waited in vain; sg3_utils: no SCSI device
constexpr size_t kLongestLine = 200;

std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  text = text.substr(text.rfind('\n') + 1);
  return text.size() > kLongestLine ? text.substr(0, kLongestLine) + "..." : text;
}

bool looks_like_a_key(const std::string& text) {
  const auto digits = text.starts_with("0x") ? text.substr(2) : text;
  return !digits.empty() && digits.size() <= 16 && digits.find_first_not_of("0123456789abcdefABCDEF") == digits.npos;
}

}  // namespace

SiteLock::Ran SiteLock::run(const char* operation) const {
  const auto end = base::run_program(expand_command(device_, operation), {deadline_});
  debug_(device_.display() + ": Lock Command, " + operation + ": " +
         (end ? "status " + std::to_string(end->status) + ", output: " + end->output : end.error()));
  if (!end) return {0, {}, end.error(), false};
  Ran ran{end->status, last_line(end->output), {}};
  if (end->timed_out) {
    ran.trouble = "the Lock Command's \"" + std::string(operation) + "\" has not ended within " +
                  std::to_string(std::chrono::ceil<std::chrono::seconds>(deadline_).count()) + " s";
  }
  return ran;
}

SiteAnswer SiteLock::failed(const char* operation, const Ran& ran) {
  if (!ran.trouble.empty()) return {SiteAnswer::Kind::failed, {}, ran.trouble};
  return {SiteAnswer::Kind::failed,
          {},
          "the Lock Command's \"" + std::string(operation) + "\" ended with status " + std::to_string(ran.status) +
              (ran.last_line.empty() ? ", saying nothing" : ": " + ran.last_line)};
}

SiteAnswer SiteLock::try_lock() {
  const auto ran = run("trylock");
  const bool refused = ran.trouble.empty() && (ran.status == kConflict || ran.status == kWaited);
  if (ran.started) may_have_it_ = !refused;
  if (ran.trouble.empty() && ran.status == 0) return {};
  if (!refused) return failed("trylock", ran);
  const auto key = holder();
  if (key.empty() && ran.status == kWaited) {
    return {
        SiteAnswer::Kind::failed,
        {},
        "the Lock Command's \"trylock\" ended with status 75, but its \"wholocked\" tells of nobody who has the lock (sg3_utils end with 75 "
        "where a device is no SCSI device)" +
            (ran.last_line.empty() ? std::string{} : ": " + ran.last_line)};
  }
  return {SiteAnswer::Kind::held_elsewhere, key, {}};
}

std::string SiteLock::holder() const {
  const auto ran = run("wholocked");
  return ran.trouble.empty() && ran.status == 0 && looks_like_a_key(ran.last_line) ? ran.last_line : std::string{};
}

SiteAnswer SiteLock::unlock() {
  const auto ran = run("unlock");
  if (!ran.trouble.empty() || ran.status != 0) return failed("unlock", ran);
  may_have_it_ = false;
  return {};
}

void SiteLock::unregister() const { static_cast<void>(run("unregister")); }

}  // namespace shstore::config
