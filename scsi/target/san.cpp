#include "scsi/target/san.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

namespace shstore::scsi::target {
namespace {

using nlohmann::json;

constexpr size_t kLongestName = 64;
constexpr size_t kLongestSerial = 32;

// One value and where in the file it is, as "initiators[0].wwpn". The first thing found wrong is kept, and reading
// goes on with default values: parse_san() looks at the end.
class Field {
 public:
  Field(const json& value, std::string where, std::optional<std::string>& error)
      : value_(value), where_(std::move(where)), error_(error) {}

  void wrong(const std::string& what) const {
    if (!error_) error_ = where_.empty() ? what : fmt::format("{}: {}", where_, what);
  }

  void allow_only(std::initializer_list<std::string_view> names) const {
    if (!value_.is_object()) return wrong("must be an object {...}");
    for (const auto& [name, unused] : value_.items()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) at(name).wrong("unknown field");
    }
  }

  bool has(const char* name) const { return value_.is_object() && value_.contains(name); }

  // A field that is not there reads as null, which no reader below accepts.
  Field operator[](const char* name) const {
    if (has(name)) return at(name);
    const Field missing{null(), inner(name), error_};
    missing.wrong("is missing");
    return missing;
  }

  std::vector<Field> elements() const {
    std::vector<Field> all;
    if (!value_.is_array()) {
      wrong("must be a list [...]");
      return all;
    }
    for (size_t i = 0; i < value_.size(); ++i) all.emplace_back(value_[i], fmt::format("{}[{}]", where_, i), error_);
    if (all.empty()) wrong("must not be empty");
    return all;
  }

  std::vector<std::pair<std::string, Field>> members() const {
    std::vector<std::pair<std::string, Field>> all;
    if (!value_.is_object()) {
      wrong("must be an object {...}");
      return all;
    }
    for (const auto& [name, value] : value_.items()) all.emplace_back(name, Field(value, inner(name), error_));
    return all;
  }

  // Printable ASCII, 1 to `longest` characters.
  std::string text(size_t longest) const {
    const auto* s = value_.get_ptr<const std::string*>();
    const auto printable = [](char c) { return c >= 0x20 && c < 0x7f; };
    if (s && !s->empty() && s->size() <= longest && std::all_of(s->begin(), s->end(), printable)) return *s;
    wrong(fmt::format("must be a string of 1 to {} printable ASCII characters", longest));
    return {};
  }

  std::string file_name() const {
    auto name = text(kLongestName);
    check_file_name(name);
    return name;
  }

  void check_file_name(const std::string& name) const {
    const bool usable = !name.empty() && name.size() <= kLongestName && name.find('/') == std::string::npos &&
                        name.find('\0') == std::string::npos && name.front() != '.';
    if (!usable) wrong(fmt::format("\"{}\" cannot be used as a file name", name));
  }

  uint64_t hex(std::string_view prefix, size_t shortest, size_t longest, const char* form) const {
    const auto* s = value_.get_ptr<const std::string*>();
    uint64_t number = 0;
    if (s && s->starts_with(prefix)) {
      const auto digits = std::string_view(*s).substr(prefix.size());
      const auto* end = digits.data() + digits.size();
      const bool fits = digits.size() >= shortest && digits.size() <= longest && digits.front() != '-';
      if (fits) {
        const auto parsed = std::from_chars(digits.data(), end, number, 16);
        if (parsed.ec == std::errc{} && parsed.ptr == end) return number;
      }
    }
    wrong(fmt::format("must be {}", form));
    return 0;
  }

  uint16_t port() const {
    const bool fits = value_.is_number_unsigned() && value_.get<uint64_t>() >= 1 && value_.get<uint64_t>() <= 0xffff;
    if (fits) return value_.get<uint16_t>();
    wrong("must be a whole number from 1 to 65535");
    return 1;
  }

 private:
  static const json& null() {
    static const json value;
    return value;
  }
  std::string inner(const std::string& name) const { return where_.empty() ? name : where_ + "." + name; }
  Field at(const std::string& name) const { return {value_.at(name), inner(name), error_}; }

  const json& value_;
  std::string where_;
  std::optional<std::string>& error_;
};

template <class Items>
bool has_name(const Items& items, const std::string& name) {
  return std::any_of(items.begin(), items.end(), [&](const auto& item) { return item.name == name; });
}

Drive read_drive(const Field& f, const San& san) {
  f.allow_only({"name", "vendor", "product", "revision", "serial", "pr_generation"});
  Drive drive;
  drive.name = f["name"].text(kLongestName);
  drive.vendor = f["vendor"].text(8);
  drive.product = f["product"].text(16);
  drive.revision = f["revision"].text(4);
  drive.serial = f["serial"].text(kLongestSerial);
  if (f.has("pr_generation")) {
    const char* form = "a hexadecimal number from \"0x0\" to \"0xffffffff\"";
    drive.pr_generation = static_cast<uint32_t>(f["pr_generation"].hex("0x", 1, 8, form));
  }
  if (has_name(san.drives, drive.name)) f.wrong(fmt::format("there is another drive named \"{}\"", drive.name));
  return drive;
}

std::vector<Device> read_devices(const Field& f, const San& san) {
  std::vector<Device> devices;
  for (const auto& [name, value] : f.members()) {
    value.check_file_name(name);
    const auto wanted = value.text(kLongestName);
    const auto found = std::find_if(san.drives.begin(), san.drives.end(), [&](auto& d) { return d.name == wanted; });
    if (found == san.drives.end()) {
      value.wrong(fmt::format("there is no drive named \"{}\"", wanted));
      continue;
    }
    const auto drive = static_cast<size_t>(found - san.drives.begin());
    for (const auto& other : devices) {
      if (other.drive == drive) value.wrong(fmt::format("drive \"{}\" is already \"{}\"", wanted, other.name));
    }
    devices.push_back({name, drive});
  }
  return devices;
}

Initiator read_initiator(const Field& f, const San& san) {
  f.allow_only({"name", "wwpn", "relative_target_port", "devices"});
  Initiator initiator;
  initiator.name = f["name"].file_name();
  initiator.wwpn = f["wwpn"].hex("", 16, 16, "16 hexadecimal digits");
  if (f.has("relative_target_port")) initiator.relative_target_port = f["relative_target_port"].port();
  initiator.devices = read_devices(f["devices"], san);
  if (has_name(san.initiators, initiator.name)) {
    f.wrong(fmt::format("there is another initiator named \"{}\"", initiator.name));
  }
  for (const auto& other : san.initiators) {
    if (other.wwpn == initiator.wwpn) f["wwpn"].wrong(fmt::format("initiator \"{}\" has the same", other.name));
  }
  return initiator;
}

}  // namespace

Result<San> parse_san(std::string_view text, const std::string& file) {
  const auto bad = [&](const std::string& what) {
    return fail(Error::Kind::config, fmt::format("{}: {}", file, what));
  };
  json document;
  try {
    document = json::parse(text);
  } catch (const json::parse_error& e) {
    const auto before = text.substr(0, e.byte);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    return fail(Error::Kind::config, fmt::format("{}:{}: this is not JSON", file, line));
  }
  San san;
  std::optional<std::string> error;
  const Field root(document, "", error);
  root.allow_only({"drives", "initiators"});
  if (error) return bad(*error);
  for (const auto& f : root["drives"].elements()) san.drives.push_back(read_drive(f, san));
  for (const auto& f : root["initiators"].elements()) san.initiators.push_back(read_initiator(f, san));
  if (error) return bad(*error);
  return san;
}

Result<San> load_san(const std::string& path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in || !text) {
    const auto why = errno != 0 ? errno_text(errno) : std::string("it is empty or not a file");
    return fail(Error::Kind::config, fmt::format("cannot read {}: {}", path, why));
  }
  return parse_san(text.str(), path);
}

}  // namespace shstore::scsi::target
