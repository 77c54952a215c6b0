#include "config/lint/program/texts.h"

namespace shstore::config::lint {

void Texts::add(std::shared_ptr<const Sources> sources) {
  if (!sources) return;
  for (const SourceText& file : sources->files) files_.try_emplace(file.path, File{file.text, nullptr});
  sources_.push_back(std::move(sources));
}

void Texts::add(const std::string& path, std::string text) {
  if (files_.contains(path)) return;
  own_.push_back(std::move(text));
  files_.emplace(path, File{own_.back(), nullptr});
}

std::optional<std::string_view> Texts::text(const std::string& path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? std::nullopt : std::optional(found->second.text);
}

std::string_view Texts::line(const std::string& path, uint32_t number) const {
  return files_.contains(path) ? lines(path).line(number) : std::string_view();
}

const Lines& Texts::lines(const std::string& path) const {
  const File& file = files_.at(path);
  if (!file.lines) file.lines = std::make_unique<Lines>(file.text);
  return *file.lines;
}

std::vector<std::string> Texts::paths() const {
  std::vector<std::string> result;
  for (const auto& [path, file] : files_) result.push_back(path);
  return result;
}

}  // namespace shstore::config::lint
