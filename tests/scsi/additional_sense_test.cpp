// Our copy of the table of sense codes is libsgutils2's.
#include "scsi/additional_sense.h"

#include <gtest/gtest.h>

#ifdef SHSTORE_SGUTILS
#include <scsi/sg_lib.h>
#include <scsi/sg_lib_data.h>
#endif

#include <cctype>
#include <map>
#include <regex>

namespace shstore::scsi {
namespace {

TEST(AdditionalSense, HasSPCsWords) {
  EXPECT_EQ(additional_sense_text(0x2900), "power on, reset, or bus device reset occurred");
  EXPECT_EQ(additional_sense_text(0x2400), "invalid field in CDB");
  EXPECT_EQ(additional_sense_text(0x2907), "I_T nexus loss occurred");
  EXPECT_EQ(additional_sense_text(0x0000), "no additional sense information");
  EXPECT_EQ(additional_sense_text(0x4105), "data path failure [0x5]");
  EXPECT_EQ(additional_sense_text(0x8301), "") << "a vendor's own";
  EXPECT_EQ(additional_sense_text(0xffff), "");
}

#ifdef SHSTORE_SGUTILS
std::string as_ours(std::string text) {
  if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1]))) {
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  }
  for (const auto& [small, great] : {std::pair("cdb", "CDB"), {"lvd", "LVD"}, {"luns", "LUNs"}, {"lun", "LUN"}}) {
    text = std::regex_replace(text, std::regex(std::string("\\b") + small + "\\b"), great);
  }
  return text;
}
#endif

TEST(AdditionalSense, IsTheTableOfLibsgutils2) {
#ifndef SHSTORE_SGUTILS
  GTEST_SKIP() << "libsgutils2-dev was not there when this was built";
#else
  std::map<uint16_t, std::string> theirs;
  for (const auto* row = sg_lib_asc_ascq; row->text != nullptr; ++row) {
    theirs.try_emplace(static_cast<uint16_t>(row->asc << 8 | row->ascq), as_ours(row->text));
  }
  EXPECT_GT(theirs.size(), 700U);
  // A later release may know more, and may say it in other words; the one that was copied has these.
  const bool copied = std::string(sg_lib_version()).starts_with("2.79 ");
  size_t same = 0;
  for (const auto& [code, text] : theirs) {
    if (additional_sense_text(code) == text) ++same;
    if (copied) {
      EXPECT_EQ(additional_sense_text(code), text) << std::hex << code;
    }
  }
  EXPECT_GT(same, theirs.size() * 9 / 10);
#endif
}

}  // namespace
}  // namespace shstore::scsi
