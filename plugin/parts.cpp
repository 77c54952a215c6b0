#include "plugin/parts.h"

#include <dlfcn.h>

#include <filesystem>

#include "reserve/record/attentions.h"

namespace shstore::plugin {

std::string own_file() {
  Dl_info where{};
  static const char kSomethingOfOurs = 0;
  if (::dladdr(&kSomethingOfOurs, &where) == 0 || where.dli_fname == nullptr) return {};
  std::error_code error;
  return std::filesystem::absolute(where.dli_fname, error);
}

std::string name_of(const Plugin& p, const std::string& control) {
  for (const auto& d : p.shared.devices) {
    if (d.control_device == control) return d.name;
  }
  return control;
}

void pass_on_attentions(Plugin& p, const std::string& control, const std::vector<std::string>& attentions) {
  (void)record::record_attentions(record::attentions_path(p.shared.working_directory, p.shared.sd_name), control,
                                  attentions);
  p.drives->prove_soon([&](const auto& c) { return c == control; });
}

}  // namespace shstore::plugin
