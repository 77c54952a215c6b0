#include "status/show/annotate.h"

#include <algorithm>
#include <array>

#include "scsi/base/trimmed.h"
#include "status/lock_lines.h"

namespace shstore::status {
namespace {

// bacula-sd 9.6 sends a NUL behind some lines, so that the next one begins with it.
constexpr std::string_view kBlank{" \t\r\n\0", 5};

constexpr std::array kWaitingCodes = {"3612", "3613", "3614", "3615", "3616"};

constexpr std::string_view kDeviceIndent = "    ", kWaitingIndent = "   ";

std::string_view indent_of(std::string_view line) {
  const auto text = line.find_first_not_of(std::string_view("\0", 1));
  if (text == std::string_view::npos) return {};
  line.remove_prefix(text);
  return line.substr(0, std::min(line.find_first_not_of(" \t"), line.size()));
}

const DeviceSnapshot* device_in(const SdSnapshot* sd, std::string_view words) {
  if (sd == nullptr) return nullptr;
  const auto found = std::find_if(sd->devices.begin(), sd->devices.end(),
                                  [&](const auto& d) { return words.find(d.display()) != std::string_view::npos; });
  return found == sd->devices.end() ? nullptr : &*found;
}

// Is one of the plugin's lines about the job (reserve/refusal.h) among these?
bool tells_lock_of(const std::string& lines, uint32_t job) {
  return std::any_of(kWaitingCodes.begin(), kWaitingCodes.end(), [&](const char* code) {
    return lines.find(std::string(code) + " JobId=" + std::to_string(job) + ' ') != std::string::npos;
  });
}

}  // namespace

void Annotator::feed(std::string_view bytes) {
  for (auto end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    pending_ += bytes.substr(0, end + 1);
    bytes.remove_prefix(end + 1);
    line(pending_);
    write_(std::string_view(pending_).substr(passed_));
    pending_.clear();
    passed_ = 0;
  }
  pending_ += bytes;
  if (section_ == Section::other) {
    write_(std::string_view(pending_).substr(passed_));
    passed_ = pending_.size();
  }
}

void Annotator::end() {
  if (blocked_next_) put_blocked({}, {});
  end_waiting();
  end_device();
  write_(std::string_view(pending_).substr(passed_));
  pending_.clear();
  passed_ = 0;
}

void Annotator::line(std::string_view with_newline) {
  const auto words = base::trimmed(with_newline, kBlank);
  const auto indent = indent_of(with_newline);
  if (blocked_next_) put_blocked(words, indent);
  if (words == "Jobs waiting to reserve a drive:") {
    section_ = Section::waiting;
    told_.clear();
    ask();
  } else if (words == "Device status:") {
    if (section_ == Section::waiting) end_waiting();
    section_ = Section::devices;
    if (sd_ == nullptr) ask();
  } else if (words == "====") {
    end_waiting();
    end_device();
    section_ = Section::other;
  } else if (section_ == Section::waiting) {
    told_ += std::string(words) + ' ';
  } else if (section_ == Section::devices) {
    in_devices(words, indent);
  } else {
    header(words);
  }
}

// "cibou-sd Version: 9.6.7 (10 December 2020) ..."; the Director's greeting begins with "1000 OK".
void Annotator::header(std::string_view words) {
  const auto mark = words.find(" Version: ");
  if (mark == std::string_view::npos || words.starts_with("1000 ")) return;
  sd_name_ = words.substr(0, mark);
  sd_ = nullptr;
}

void Annotator::ask() { sd_ = snapshot_of_(sd_name_); }

void Annotator::in_devices(std::string_view words, std::string_view indent) {
  const bool begins = indent.empty() && words.starts_with("Device ") && words.find('"') != std::string_view::npos;
  if (begins || words == "==") {
    end_device();
    if (begins) begin_device(words);
    return;
  }
  if (device_ == nullptr || words.empty()) return;
  if (indent_.empty()) indent_ = indent;
  has_lock_line_ = has_lock_line_ || words.starts_with("shstore=");
  if (blocked_due_ && words.starts_with("Media type:")) blocked_next_ = true;
}

void Annotator::begin_device(std::string_view words) {
  device_ = device_in(sd_, words);
  indent_.clear();
  has_lock_line_ = false;
  blocked_due_ = device_ != nullptr && !device_->live.blocked_by.empty();
  const bool volume_follows = words.ends_with("mounted with:") || words.ends_with("waiting for:");
  blocked_next_ = blocked_due_ && !volume_follows;
}

// Before the line after the one that it follows: that may be such a line already.
void Annotator::put_blocked(std::string_view next, std::string_view indent) {
  const auto own = blocked_line(*sd_, *device_, names_);
  if (!next.starts_with("Device is BLOCKED by another SD=")) put(indent_.empty() ? std::string(indent) : indent_, own);
  blocked_due_ = blocked_next_ = false;
}

// What belongs before the line that ends the device.
void Annotator::end_device() {
  if (device_ != nullptr && !has_lock_line_) {
    for (const auto& remark : remark_lines(*sd_, *device_)) put(indent_, remark);
    put(indent_, lock_line(*sd_, *device_, names_));
  }
  device_ = nullptr;
  blocked_due_ = blocked_next_ = false;
}

// A daemon in which the plugin cannot set the text of a waiting job lists none; the plugin's own list is then
// put here.
void Annotator::end_waiting() {
  if (section_ != Section::waiting || sd_ == nullptr) return;
  for (const auto& w : sd_->waiting) {
    if (!tells_lock_of(told_, w.waiting.job)) put(std::string(kWaitingIndent), waiting_line(*sd_, w, names_));
  }
}

void Annotator::put(const std::string& indent, const std::string& text) {
  write_((indent.empty() ? std::string(kDeviceIndent) : indent) + text + '\n');
}

}  // namespace shstore::status
