#include "scsi/bytes.h"

namespace shstore::scsi {

void append(Bytes& to, ByteView from) { to.insert(to.end(), from.begin(), from.end()); }

}  // namespace shstore::scsi
