// The configuration parser on any text: no crash, no endless loop, every place inside the text.
#include <algorithm>
#include <cstdlib>

#include "config/sd_config.h"

namespace {

using namespace shstore::config;

class OneText final : public FileReader {
 public:
  explicit OneText(std::string text) : text_(std::move(text)) {}
  tl::expected<std::string, std::string> read(const std::string& path) override {
    if (path == "sd.conf") return text_;
    return tl::make_unexpected("cannot open " + path);
  }

 private:
  std::string text_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string text(bytes, bytes + size);
  const auto lines = static_cast<uint32_t>(std::count(text.begin(), text.end(), '\n') +
                                           std::count(text.begin(), text.end(), '\r') + 1);
  OneText reader(text);
  const auto config = load_sd_config("sd.conf", reader);
  for (const auto& d : config.diagnostics) {
    if (d.message.empty() || d.at.line > lines + 1) std::abort();
    (void)to_text(d, config.files);
  }
  return 0;
}
