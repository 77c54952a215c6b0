// report: what a library is and how it answers, as JSON without names, for docs/libraries.md. Its schema is
// docs/library-card.schema.json. No I/O.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scsi/base/anonymous.h"
#include "scsi/changer_unit.h"

namespace shstore::changer::program {

inline constexpr const char* kLibraryCardSchema = "shstore-library-card/1";

/// One page of READ ELEMENT STATUS, as its header and the counts say it, whether or not anything of it can be understood.
struct PageHeader {
  uint8_t type = 0, flags = 0;  ///< ELEMENT TYPE CODE; PVOLTAG 80h, AVOLTAG 40h
  uint16_t descriptor_length = 0;
  uint32_t byte_count = 0;  ///< BYTE COUNT OF DESCRIPTOR DATA AVAILABLE
  size_t received = 0;      ///< bytes of descriptors that came
};
std::vector<PageHeader> page_headers(scsi::ByteView answer);

/// What one READ ELEMENT STATUS came to.
struct Answer {
  scsi::ElementStatusRequest request;
  std::optional<scsi::Sense> refused{};  ///< CHECK CONDITION
  bool conflict = false;
  std::vector<PageHeader> pages{};
};

struct LibraryFacts {
  scsi::StandardInquiry inquiry;
  std::string serial;  ///< empty: it does not tell
  std::optional<scsi::ElementAddresses> addresses{};
  std::vector<Answer> answers{};
  std::optional<scsi::LibraryStatus> status{};
  std::string error{};        ///< why there is no status
  bool reservations = false;  ///< it knows PERSISTENT RESERVE IN
};

/// `device`: the robot's path, which must not be in it.
std::string library_card(const LibraryFacts& facts, const std::string& device, const base::Anonymizer& hidden);

/// "A00003L4" -> "A99999A9", with the last two characters of a medium's kind as they are: "A99999L4".
std::string barcode_pattern(const std::string& barcode);

}  // namespace shstore::changer::program
