// The side of bacula-sd in one event, as a test says it.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugin/admission.h"

namespace shstore::plugin {

/// What bacula-sd hears, and what it says of the device at hand.
struct FakeCaller final : Caller {
  explicit FakeCaller(std::optional<std::string> codes_, int dcr_number = 1)
      : codes(std::move(codes_)), number(dcr_number) {}
  const void* dcr() const override { return reinterpret_cast<const void*>(static_cast<uintptr_t>(number)); }
  std::optional<std::string> edit_device_codes(const char* wanted) const override {
    if (std::string_view(wanted) == "%v") return volume;
    EXPECT_STREQ(wanted, "%a\n%l");
    return codes;
  }
  bool begins_to_append(const std::string&) const override { return appends; }
  void set_reserve_message(const std::string& text) const override { reserve_message = text; }
  void message(MessageType type, const std::string& text) const override { log.emplace_back(type, text); }
  void debug(const std::string&) const override { ++traced; }
  void note(const std::string& text) const override { noted.push_back(text); }

  std::optional<std::string> codes;
  std::optional<std::string> volume{};
  bool appends = false;
  int number;
  mutable std::string reserve_message;
  mutable std::vector<std::pair<MessageType, std::string>> log;
  mutable std::vector<std::string> noted;
  mutable int traced = 0;
};

}  // namespace shstore::plugin
