#include "scsi/error.h"

#include <system_error>

#include "scsi/base/printable.h"

namespace shstore::scsi {

tl::unexpected<Error> fail(Error::Kind kind, std::string_view message) {
  return tl::make_unexpected(Error{kind, base::printable(message)});
}

std::string errno_text(int error) { return std::generic_category().message(error); }

}  // namespace shstore::scsi
