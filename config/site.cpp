#include "config/site.h"

namespace shstore::config {

Site::Site(std::optional<DirConfig> dir, std::vector<SiteSd> daemons)
    : director(std::move(dir)), sds(std::move(daemons)) {
  for (const SiteSd& sd : sds) members.push_back(membership(sd.config));
  if (director) links.resize(director->storages.size());
}

}  // namespace shstore::config
