#include "changer/move.h"

#include <gtest/gtest.h>

namespace shstore::changer {
namespace {

// Two drives and four slots, the last for import and export: drive 0 holds the tape of slot 1; slot 2 has one, 3 is empty.
Library library() {
  Library l{1, {Drive{}, Drive{}}, {Slot{}, Slot{}, Slot{}, Slot{}}};
  for (uint16_t i = 0; i < 2; ++i) l.drives[i].address = static_cast<uint16_t>(256 + i);
  for (uint16_t i = 0; i < 4; ++i) l.slots[i].address = static_cast<uint16_t>(1024 + i);
  l.drives[0].full = true;
  l.drives[0].volume_tag = "LAB001L5   ";
  l.slots[1].full = true;
  l.slots[1].volume_tag = "LAB002L5   ";
  l.slots[3].import_export = true;
  assign_homes(l, {1024, {}});
  return l;
}

std::string why(const Outcome<Move>& plan) {
  EXPECT_FALSE(plan);
  if (plan) return "not refused";
  EXPECT_EQ(plan.error().status, ExitStatus::library);
  return plan.error().message;
}

TEST(Load, MovesFromTheSlotToTheDrive) {
  const auto move = plan_load(library(), 2, 1);
  ASSERT_TRUE(move) << move.error().message;
  EXPECT_EQ(move->arm, 1);
  EXPECT_EQ(move->source, 1025);
  EXPECT_EQ(move->destination, 257);
  EXPECT_EQ(move->announcement, "Loading media from Storage Element 2 into drive 1...");
}

TEST(Load, IsRefusedWithWhatIsInTheWay) {
  EXPECT_EQ(why(plan_load(library(), 2, 0)), "drive 0 is full: it holds tape \"LAB001L5\" of slot 1. Unload it first");
  EXPECT_EQ(why(plan_load(library(), 1, 1)), "slot 1 is empty: its tape \"LAB001L5\" is in drive 0");
  EXPECT_EQ(why(plan_load(library(), 3, 1)),
            "slot 3 is empty: \"update slots\" in bconsole tells the catalog what is where");
  EXPECT_EQ(
      why(plan_load(library(), 5, 1)),
      "there is no slot 5: the library has slots 1 to 4. \"update slots\" in bconsole tells the catalog what is where");
  EXPECT_EQ(
      why(plan_load(library(), 0, 1)),
      "there is no slot 0: the library has slots 1 to 4. \"update slots\" in bconsole tells the catalog what is where");
  EXPECT_EQ(
      why(plan_load(library(), 2, 2)),
      "there is no drive 2: the library has 2 drives, numbered from 0. Correct the Drive Index in bacula-sd.conf");
}

TEST(Unload, MovesFromTheDriveToTheSlot) {
  const auto move = plan_unload(library(), 3, 0);
  ASSERT_TRUE(move) << move.error().message;
  EXPECT_EQ(move->source, 256);
  EXPECT_EQ(move->destination, 1026);
  EXPECT_EQ(move->volume_tag, "LAB001L5   ");
  EXPECT_EQ(move->announcement, "Unloading drive 0 into Storage Element 3...");
}

TEST(Unload, OfATapeThatIsInItsSlotHasNothingToDo) {
  EXPECT_FALSE(is_home(library(), 1, 0)) << "it is in the drive";
  EXPECT_TRUE(is_home(library(), 2, 0)) << "the drive holds another one";
  EXPECT_FALSE(is_home(library(), 3, 1)) << "the slot is empty";
  EXPECT_FALSE(is_home(library(), 0, 1));
  EXPECT_FALSE(was_unloaded(library(), 2, 0)) << "what is in the drive is not what should go";
  EXPECT_TRUE(was_unloaded(library(), 2, 1));
}

TEST(Unload, SlotZeroIsWhereTheTapeCameFrom) {
  const auto move = plan_unload(library(), 0, 0);
  ASSERT_TRUE(move) << move.error().message;
  EXPECT_EQ(move->slot, 1u);
  EXPECT_EQ(move->destination, 1024);
}

TEST(Unload, IsRefusedWithWhatIsInTheWay) {
  EXPECT_EQ(why(plan_unload(library(), 2, 0)),
            "slot 2 is full: it holds tape \"LAB002L5\". Drive 0's tape \"LAB001L5\" belongs to slot 1");
  EXPECT_EQ(why(plan_unload(library(), 3, 1)), "drive 1 is empty: there is nothing to unload");
  auto crowded = library();
  for (auto& slot : crowded.slots) slot.full = true;
  assign_homes(crowded, {1024, {}});
  EXPECT_EQ(why(plan_unload(crowded, 0, 0)),
            "drive 0 holds tape \"LAB001L5\", and no slot is free for it: take a tape out of the library");
}

TEST(Transfer, MovesBetweenSlotsAlsoOfImportAndExport) {
  const auto move = plan_transfer(library(), 2, 4);
  ASSERT_TRUE(move) << move.error().message;
  EXPECT_EQ(move->source, 1025);
  EXPECT_EQ(move->destination, 1027);
  EXPECT_EQ(move->announcement, "") << "mtx says nothing";
}

TEST(Transfer, IsRefusedWithWhatIsInTheWay) {
  EXPECT_EQ(why(plan_transfer(library(), 3, 4)),
            "slot 3 is empty: \"update slots\" in bconsole tells the catalog what is where");
  EXPECT_EQ(why(plan_transfer(library(), 2, 2)), "slot 2 is full: it holds tape \"LAB002L5\"");
}

}  // namespace
}  // namespace shstore::changer
