#include "scsi/attribute_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace shstore::scsi {

std::optional<std::string> AttributeFile::read_open() const {
  constexpr size_t kLongest = 4096;  // a page, as the kernel has it
  std::array<char, kLongest> text;
  ssize_t n = 0;
  do {
    n = ::pread(file_.get(), text.data(), text.size(), 0);
  } while (n < 0 && errno == EINTR);
  if (n < 0) return std::nullopt;
  const std::string all(text.data(), static_cast<size_t>(n));
  constexpr auto kSpace = " \t\n";
  const auto begin = all.find_first_not_of(kSpace);
  if (begin == std::string::npos) return std::string();
  return all.substr(begin, all.find_first_of(kSpace, begin) - begin);
}

std::optional<std::string> AttributeFile::read() {
  if (!file_) file_ = base::Descriptor(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  auto text = file_ ? read_open() : std::nullopt;
  if (!text) file_ = base::Descriptor();
  return text;
}

}  // namespace shstore::scsi
