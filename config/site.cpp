#include "config/site.h"

namespace shstore::config {

Site::Site(std::optional<DirConfig> dir, std::vector<SiteSd> daemons)
    : director(std::move(dir)), sds(std::move(daemons)) {
  if (director) links.resize(director->storages.size());
}

}  // namespace shstore::config
