// Reading JSON that people write: every value knows where in the file it is; the first thing wrong is kept.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scsi/error.h"

namespace shstore::scsi::target {

inline constexpr size_t kLongestName = 64;

/// One value and where in the file it is, as "initiators[0].wwpn". The first thing found wrong is kept in
/// `error`, and reading goes on with default values: whoever reads looks at `error` at the end.
class Field {
 public:
  Field(const nlohmann::json& value, std::string where, std::optional<std::string>& error)
      : value_(value), where_(std::move(where)), error_(error) {}

  void wrong(const std::string& what) const;
  void allow_only(std::initializer_list<std::string_view> names) const;
  bool has(const char* name) const { return value_.is_object() && value_.contains(name); }
  /// A field that is not there reads as null, which no reader below accepts.
  Field operator[](const char* name) const;
  std::vector<Field> elements() const;          ///< of a list that is not empty
  std::vector<Field> elements_or_none() const;  ///< of a list that may be empty
  std::vector<std::pair<std::string, Field>> members() const;

  std::string text(size_t longest) const;  ///< printable ASCII, 1 to `longest` characters
  std::string file_name() const;
  void check_file_name(const std::string& name) const;
  uint64_t hex(std::string_view prefix, size_t shortest, size_t longest, const char* form) const;
  uint64_t whole_number(uint64_t least, uint64_t most) const;
  double number(double least, double most) const;
  bool boolean() const;

 private:
  std::string inner(const std::string& name) const { return where_.empty() ? name : where_ + "." + name; }
  Field at(const std::string& name) const { return {value_.at(name), inner(name), error_}; }

  const nlohmann::json& value_;
  std::string where_;
  std::optional<std::string>& error_;
};

/// An error of kind config names `file` and the line.
Result<nlohmann::json> parse_json(std::string_view text, const std::string& file);

}  // namespace shstore::scsi::target
