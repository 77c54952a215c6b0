#include "scsi/target/json_field.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace shstore::scsi::target {
namespace {

using nlohmann::json;

const json& null() {
  static const json value;
  return value;
}

}  // namespace

void Field::wrong(const std::string& what) const {
  if (!error_) error_ = where_.empty() ? what : fmt::format("{}: {}", where_, what);
}

void Field::allow_only(std::initializer_list<std::string_view> names) const {
  if (!value_.is_object()) return wrong("must be an object {...}");
  for (const auto& [name, unused] : value_.items()) {
    if (std::find(names.begin(), names.end(), name) == names.end()) at(name).wrong("unknown field");
  }
}

Field Field::operator[](const char* name) const {
  if (has(name)) return at(name);
  const Field missing{null(), inner(name), error_};
  missing.wrong("is missing");
  return missing;
}

std::vector<Field> Field::elements_or_none() const {
  std::vector<Field> all;
  if (!value_.is_array()) {
    wrong("must be a list [...]");
    return all;
  }
  for (size_t i = 0; i < value_.size(); ++i) all.emplace_back(value_[i], fmt::format("{}[{}]", where_, i), error_);
  return all;
}

std::vector<Field> Field::elements() const {
  auto all = elements_or_none();
  if (all.empty()) wrong("must not be empty");
  return all;
}

std::vector<std::pair<std::string, Field>> Field::members() const {
  std::vector<std::pair<std::string, Field>> all;
  if (!value_.is_object()) {
    wrong("must be an object {...}");
    return all;
  }
  for (const auto& [name, value] : value_.items()) all.emplace_back(name, Field(value, inner(name), error_));
  return all;
}

std::string Field::text(size_t longest) const {
  const auto* s = value_.get_ptr<const std::string*>();
  const auto printable = [](char c) { return c >= 0x20 && c < 0x7f; };
  if (s && !s->empty() && s->size() <= longest && std::all_of(s->begin(), s->end(), printable)) return *s;
  wrong(fmt::format("must be a string of 1 to {} printable ASCII characters", longest));
  return {};
}

std::string Field::file_name() const {
  auto name = text(kLongestName);
  check_file_name(name);
  return name;
}

void Field::check_file_name(const std::string& name) const {
  const bool usable = !name.empty() && name.size() <= kLongestName && name.find('/') == std::string::npos &&
                      name.find('\0') == std::string::npos && name.front() != '.';
  if (!usable) wrong(fmt::format("\"{}\" cannot be used as a file name", name));
}

uint64_t Field::hex(std::string_view prefix, size_t shortest, size_t longest, const char* form) const {
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

uint64_t Field::whole_number(uint64_t least, uint64_t most) const {
  const bool fits = value_.is_number_unsigned() && value_.get<uint64_t>() >= least && value_.get<uint64_t>() <= most;
  if (fits) return value_.get<uint64_t>();
  wrong(fmt::format("must be a whole number from {} to {}", least, most));
  return least;
}

double Field::number(double least, double most) const {
  const bool fits = value_.is_number() && value_.get<double>() >= least && value_.get<double>() <= most;
  if (fits) return value_.get<double>();
  wrong(fmt::format("must be a number from {} to {}", least, most));
  return least;
}

bool Field::boolean() const {
  if (value_.is_boolean()) return value_.get<bool>();
  wrong("must be true or false");
  return false;
}

Result<json> parse_json(std::string_view text, const std::string& file) {
  try {
    return json::parse(text);
  } catch (const json::parse_error& e) {
    const auto before = text.substr(0, e.byte);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    return fail(Error::Kind::config, fmt::format("{}:{}: this is not JSON", file, line));
  }
}

}  // namespace shstore::scsi::target
