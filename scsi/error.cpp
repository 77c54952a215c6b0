#include "scsi/error.h"

#include <system_error>

namespace shstore::scsi {

std::string errno_text(int error) { return std::generic_category().message(error); }

}  // namespace shstore::scsi
