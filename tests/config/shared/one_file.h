// A configuration that is one text, whatever file is asked for.
#pragma once

#include <string>
#include <utility>

#include "config/reading.h"

namespace shstore::config::testing {

class OneFile final : public FileReader {
 public:
  explicit OneFile(std::string text) : text_(std::move(text)) {}
  tl::expected<std::string, std::string> read(const std::string&) override { return text_; }

 private:
  std::string text_;
};

}  // namespace shstore::config::testing
