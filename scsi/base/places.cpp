#include "scsi/base/places.h"

namespace shstore::base {

std::string_view etc_dir() {
  return std::string_view(SHSTORE_SCRIPTS_DIR).starts_with("/opt/bacula/") ? "/opt/bacula/etc" : "/etc/bacula";
}

}  // namespace shstore::base
