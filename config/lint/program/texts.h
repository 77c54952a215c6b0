// The texts that were read, by path: reports show their lines, and ignore comments are looked for in them.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/sources.h"

namespace shstore::config::lint {

/// Of texts with one path the first counts. A text's lines are indexed when the first one is asked for, so that a
/// report costs no more than its findings; therefore one thread at a time.
class Texts {
 public:
  void add(std::shared_ptr<const Sources> sources);
  void add(const std::string& path, std::string text);

  /// Nothing if there is no such file.
  std::optional<std::string_view> text(const std::string& path) const;
  /// Without its line end; empty if there is no such file or line.
  std::string_view line(const std::string& path, uint32_t number) const;
  /// The index of a text that is there.
  const Lines& lines(const std::string& path) const;
  /// Sorted.
  std::vector<std::string> paths() const;

 private:
  struct File {
    std::string_view text;
    mutable std::unique_ptr<Lines> lines;
  };
  std::map<std::string, File> files_;
  std::vector<std::shared_ptr<const Sources>> sources_;
  std::deque<std::string> own_;
};

}  // namespace shstore::config::lint
