#include "changer/mtx_text.h"

#include <gtest/gtest.h>

#include "golden.h"

namespace shstore::changer {
namespace {

constexpr uint16_t kFirstDrive = 256, kFirstSlot = 1024;
constexpr const char* kDevice = "/dev/sg2";

// A volume tag as it lies in the element status: 32 characters (36 less the sequence number), blanks at the end.
std::string tag(std::string text) {
  text.resize(32, ' ');
  return text;
}

Slot full(std::string volume_tag, bool import_export = false) {
  Slot s;
  s.full = true;
  s.volume_tag = std::move(volume_tag);
  s.import_export = import_export;
  return s;
}
Slot empty(std::string volume_tag = {}, bool import_export = false) {
  auto s = full(std::move(volume_tag), import_export);
  s.full = false;
  return s;
}
Drive loaded(std::string volume_tag) {
  Drive d;
  d.full = true;
  d.volume_tag = std::move(volume_tag);
  return d;
}

// `from`: the place in `slots` that each drive's tape came from.
Library library(std::vector<Drive> drives, std::vector<Slot> slots, std::vector<std::optional<uint16_t>> from) {
  Library l{1, std::move(drives), std::move(slots)};
  for (size_t i = 0; i < l.drives.size(); ++i) l.drives[i].address = static_cast<uint16_t>(kFirstDrive + i);
  for (size_t i = 0; i < l.slots.size(); ++i) l.slots[i].address = static_cast<uint16_t>(kFirstSlot + i);
  for (auto& f : from) {
    if (f) f = static_cast<uint16_t>(*f + kFirstSlot - 1);
  }
  assign_homes(l, from);
  return l;
}

// The library of the lab: `mtx status` of it was recorded there.
Library recorded() {
  return library({loaded(tag("LAB003L5")), Drive{}},
                 {full(tag("LAB001L5")), full(tag("LAB002L5")), empty(tag("")), full(tag("LAB004L5")),
                  full(tag("LAB005L5")), full(tag("LAB006L5"))},
                 {3, {}});
}

// Import/export slots, a cleaning tape without barcode, tags with blanks inside and before, alternate tags, a tag of
// blanks only.
Library mixed() {
  auto alternate = full(tag("TWO SIDE"));
  alternate.alternate_tag = tag("OTHER");
  auto drive = loaded(tag(" AB 1"));
  drive.alternate_tag = tag("BACK");
  return library({drive, loaded(tag(""))},
                 {empty(), full(""), alternate, full(tag("")), empty(tag("")), full(tag(" LEAD")),
                  full(tag("IO0007L8"), true), empty({}, true), full("", true)},
                 {1, 5});
}

// A library without a barcode reader.
Library bare() { return library({Drive{}, loaded({})}, {full({}), empty(), empty()}, {{}, 2}); }

struct Stock : testing::TestWithParam<std::pair<const char*, Library (*)()>> {
  Library shown = GetParam().second();
  testing::AssertionResult same(const std::string& text, const char* file) const {
    return tests::equals_golden(text, std::string("changer/stock/") + GetParam().first + '/' + file);
  }
};

// The files beside status.txt are what the stock script printed (stock_script.sh).
TEST_P(Stock, EveryOutputIsThatOfMtxChanger) {
  EXPECT_TRUE(same(mtx_status_text(shown, kDevice), "status.txt"));
  EXPECT_TRUE(same(list_text(shown), "list.txt"));
  EXPECT_TRUE(same(listall_text(shown), "listall.txt"));
  EXPECT_TRUE(same(slots_text(shown), "slots.txt"));
  EXPECT_TRUE(same(loaded_text(shown, 0).value() + loaded_text(shown, 1).value(), "loaded.txt"));
}

INSTANTIATE_TEST_SUITE_P(Libraries, Stock,
                         testing::Values(std::pair{"recorded", &recorded}, std::pair{"mixed", &mixed},
                                         std::pair{"bare", &bare}),
                         [](const auto& p) { return p.param.first; });

TEST(MtxText, ATapeWithoutAHomeIsAnErrorNotSlotZero) {
  const auto crowded = library({loaded(tag("LAB001L5"))}, {full(tag("LAB002L5"))}, {1});
  EXPECT_EQ(mtx_status_text(crowded, kDevice).substr(0, 130),
            "  Storage Changer /dev/sg2:1 Drives, 1 Slots ( 0 Import/Export )\n"
            "Data Transfer Element 0:Full (Unknown Storage Element Loaded):Vol");
  ASSERT_FALSE(loaded_text(crowded, 0));
  EXPECT_EQ(
      loaded_text(crowded, 0).error().message,
      "drive 0 holds a tape (LAB001L5) that came from no slot that is free now, and no other slot is free: take a tape "
      "out of the library");
  EXPECT_EQ(list_text(crowded), "1:LAB002L5\n");
  EXPECT_EQ(listall_text(crowded), "S:1:F:" + tag("LAB002L5") + '\n');
}

TEST(MtxText, ADriveThatIsNotThereIsAnError) {
  const auto answer = loaded_text(bare(), 2);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().status, ExitStatus::library);
  EXPECT_EQ(answer.error().message, "there is no drive 2: the library has drives 0 to 1");
}

TEST(Homes, AnUnknownOriginGetsAFreeSlotThatIsNobodysHome) {
  const auto l =
      library({loaded("A"), loaded("B"), loaded("C")}, {empty(), empty(), empty({}, true), empty()}, {2, {}, {}});
  EXPECT_EQ(l.drives[0].home, 2u);
  EXPECT_EQ(l.drives[1].home, 1u);
  EXPECT_EQ(l.drives[2].home, 4u) << "not an import/export slot";
}

TEST(Homes, AnOriginThatIsFullNowIsNotBelieved) {
  const auto l = library({loaded("A")}, {full("X"), empty()}, {1});
  EXPECT_EQ(l.drives[0].home, 2u);
}

TEST(Homes, TwoDrivesNeverShareOne) {
  const auto l = library({loaded("A"), loaded("B")}, {empty(), full("X")}, {1, 1});
  EXPECT_EQ(l.drives[0].home, 1u);
  EXPECT_EQ(l.drives[1].home, std::nullopt);
}

TEST(Homes, ATapeFromAnImportExportSlotGoesBackThere) {
  const auto l = library({loaded("A")}, {empty(), empty({}, true)}, {2});
  EXPECT_EQ(l.drives[0].home, 2u);
}

}  // namespace
}  // namespace shstore::changer
