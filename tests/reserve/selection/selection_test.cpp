#include "reserve/selection/selection.h"

#include <gtest/gtest.h>

#include <functional>

#include "situation.h"

namespace shstore::reserve {
namespace {

struct Case {
  const char* situation;
  std::function<void(Situation&)> arrange;
  std::optional<size_t> drive;
  std::string volume;
  std::vector<std::string> lines;  // as `status storage` shows them
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.situation; }

class SelectionTable : public testing::TestWithParam<Case> {};

TEST_P(SelectionTable, ChoosesAndSpeaksAsBaculaDoes) {
  Situation s;
  GetParam().arrange(s);
  const auto selection = select(s.model, s.use, s.wish);
  EXPECT_EQ(selection.drive, GetParam().drive);
  EXPECT_EQ(selection.volume, GetParam().volume);
  EXPECT_EQ(selection.lines, GetParam().lines);
}

const std::vector<Case> kWriters{
    {"after the start: the first drive and the first Volume",
     [](Situation&) {},
     0,
     "F1",
     // Pass 1 looks for a mounted Volume. That a drive without any pool is of another pool is said, and no
     // obstacle.
     {"3606 JobId=7 prefers mounted drives, but Tape device \"D0\" (/dev/nst0) has no Volume.",
      "3608 JobId=7 wants Pool=\"Full\" but have Pool=\"\" nreserve=0 on Tape device \"D0\" (/dev/nst0)."}},
    {"the second drive has moved less since the start: it is looked at first, but what nobody prefers goes "
     "by the order",
     [](Situation& s) { s.use.drives[0].usage = 1000; },
     0,
     "F1",
     {"3606 JobId=7 prefers mounted drives, but Tape device \"D1\" (/dev/nst1) has no Volume.",
      "3608 JobId=7 wants Pool=\"Full\" but have Pool=\"\" nreserve=0 on Tape device \"D1\" (/dev/nst1)."}},
    {"the second drive has a Volume of the pool: the job goes there",
     [](Situation& s) { s.mounted(1, "F2", "Full"); },
     1,
     "F2",
     {}},
    {"a job writes to that Volume: it joins", [](Situation& s) { s.writing(1, "F2", "Full"); }, 1, "F2", {}},
    {"it would join, but the drive takes one job at a time",
     [](Situation& s) {
       s.writing(0, "F1", "Full");
       s.model.drives[0].max_jobs = 1;
     },
     1,
     "F2",
     {"3608 JobId=7 wants Pool=\"Full\" but have Pool=\"\" nreserve=0 on Tape device \"D1\" (/dev/nst1).",
      "3609 JobId=7 Max concurrent jobs=1 exceeded on Tape device \"D0\" (/dev/nst0)."}},
    {"two drives, both mounted with another pool, nobody uses them: the first one changes its pool",
     [](Situation& s) {
       s.mounted(0, "I1", "Incr");
       s.mounted(1, "I2", "Incr");
     },
     0,
     "F1",
     {"3608 JobId=7 wants Pool=\"Full\" but have Pool=\"Incr\" nreserve=0 on Tape device \"D0\" "
      "(/dev/nst0)."}},
    {"two drives, both writing for another pool: the job waits",
     [](Situation& s) {
       s.writing(0, "I1", "Incr");
       s.writing(1, "I2", "Incr");
     },
     {},
     "",
     {"3605 JobId=7 wants free drive but Tape device \"D0\" (/dev/nst0) is busy.",
      "3608 JobId=7 wants Pool=\"Full\" but have Pool=\"Incr\" nreserve=0 on Tape device \"D0\" "
      "(/dev/nst0)."}},
    {"another host holds the only drive that may be selected",
     [](Situation& s) {
       s.model.drives[1].auto_select = false;
       s.mounted(0, "F1", "Full");
       s.held_by_other(0);
     },
     {},
     "",
     {"3612 JobId=7 waiting because device \"D0\" (/dev/nst0) is reserved by: 0xbac999."}},
    {"another host holds the first drive: the second one is taken, though it is in the first one's line",
     [](Situation& s) { s.held_by_other(0); },
     1,
     "F1",
     {"3612 JobId=7 waiting because device \"D0\" (/dev/nst0) is reserved by: 0xbac999.",
      "3606 JobId=7 prefers mounted drives, but Tape device \"D0\" (/dev/nst0) has no Volume.",
      "3608 JobId=7 wants Pool=\"Full\" but have Pool=\"\" nreserve=0 on Tape device \"D0\" (/dev/nst0)."}},
    {"a drive that the plugin cannot lock is never given",
     [](Situation& s) {
       s.model.changers[0].drives = {0};
       s.mounted(0, "F1", "Full");
       s.use.drives[0].misconfigured = "it has a Lock Command but no Control Device";
     },
     {},
     "",
     {"3614 JobId=7 may not use device \"D0\" (/dev/nst0), which is configured for locking: it has a Lock "
      "Command but no "
      "Control Device."}},
    {"one drive unmounted by the operator, one being read",
     [](Situation& s) {
       s.use.drives[0].unmounted = true;
       s.use.drives[1].reading = true;
     },
     {},
     "",
     {"3603 JobId=7 Tape device \"D1\" (/dev/nst1) is busy reading.",
      "3604 JobId=7 Tape device \"D0\" (/dev/nst0) is BLOCKED due to user unmount."}},
    {"a drive that is promised to a restore is as good as being read",
     [](Situation& s) {
       s.model.changers[0].drives = {1};
       s.use.drives[1].reserved = 1;
       s.use.drives[1].reserved_for_read = true;
     },
     {},
     "",
     {"3603 JobId=7 Tape device \"D1\" (/dev/nst1) is busy reading."}},
    {"a drive that is promised to a job of the same pool is joined",
     [](Situation& s) {
       s.model.changers[0].drives = {0};
       s.use.drives[0].reserved = 1;
       s.use.drives[0].pool = "Full";
     },
     0,
     "F1",
     {}},
    {"neither read-only drives nor those with Auto Select = no are given, and nothing is said about it",
     [](Situation& s) {
       s.model.drives[0].read_only = true;
       s.model.drives[1].auto_select = false;
     },
     {},
     "",
     {}},
    {"asked for by its own name, a drive with Auto Select = no is given",
     [](Situation& s) {
       s.model.drives[1].auto_select = false;
       s.wish.storages[0].devices = {"D1"};
       s.mounted(1, "F1", "Full");
       s.model.drives[1].autochanger = false;
     },
     1,
     "F1",
     {}},
    {"disabled drives and those of another Media Type are passed over without a word",
     [](Situation& s) {
       s.use.drives[0].enabled = false;
       s.model.drives[1].media_type = "DLT";
     },
     {},
     "",
     {}},
    {"the Volume takes no third job: the other drive gets the next Volume",
     [](Situation& s) {
       s.writing(0, "F1", "Full", 2);
       s.wish.volumes[0].max_jobs = 2;
     },
     1,
     "F2",
     {"3608 JobId=7 wants Pool=\"Full\" but have Pool=\"\" nreserve=0 on Tape device \"D1\" (/dev/nst1).",
      "3611 JobId=7 Volume max jobs=2 exceeded on Tape device \"D0\" (/dev/nst0)."}},
    {"a Volume that will be read is not written: the next one",
     [](Situation& s) { s.use.read_volumes = {"F1"}; },
     0,
     "F2",
     {"3606 JobId=7 prefers mounted drives, but Tape device \"D0\" (/dev/nst0) has no Volume.",
      "3608 JobId=7 wants Pool=\"Full\" but have Pool=\"\" nreserve=0 on Tape device \"D0\" (/dev/nst0)."}},
    {"no Volume at all: the job gets a drive, where it will wait for the operator",
     [](Situation& s) { s.wish.volumes.clear(); },
     0,
     "",
     {"3606 JobId=7 prefers mounted drives, but Tape device \"D0\" (/dev/nst0) has no Volume.",
      "3608 JobId=7 wants Pool=\"Full\" but have Pool=\"\" nreserve=0 on Tape device \"D0\" (/dev/nst0)."}},
    {"Prefer Mounted Volumes = no: the free drive and not the mounted one",
     [](Situation& s) {
       s.wish.prefer_mounted_volumes = false;
       s.writing(0, "F1", "Full");
       s.use.drives[0].usage = 1;
     },
     1,
     "F2",
     {"3608 JobId=7 wants Pool=\"Full\" but have Pool=\"\" nreserve=0 on Tape device \"D1\" (/dev/nst1)."}},
    {"Prefer Mounted Volumes = no, and no drive is free: it joins one that writes",
     [](Situation& s) {
       s.wish.prefer_mounted_volumes = false;
       s.model.changers[0].drives = {0};
       s.writing(0, "F1", "Full");
     },
     0,
     "F1",
     {}},
    {"Prefer Mounted Volumes = no, but the only Volume is in the drive that writes: back to that drive",
     [](Situation& s) {
       s.wish.prefer_mounted_volumes = false;
       s.writing(0, "F1", "Full");
       s.use.drives[0].usage = 1;
       s.wish.volumes = {{"F1"}};
     },
     0,
     "F1",
     {"3605 JobId=7 wants free drive but Tape device \"D0\" (/dev/nst0) is busy.",
      "3608 JobId=7 wants Pool=\"Full\" but have Pool=\"\" nreserve=0 on Tape device \"D1\" (/dev/nst1)."}},
    {"a file device needs no mounted Volume",
     [](Situation& s) {
       for (auto& d : s.model.drives) {
         d.type = "File";
         d.robot = false;
       }
     },
     0,
     "F1",
     {"3608 JobId=7 wants Pool=\"Full\" but have Pool=\"\" nreserve=0 on File device \"D0\" (/dev/nst0)."}},
};

const std::vector<Case> kReaders{
    {"a restore takes the first drive that nobody uses",
     [](Situation& s) {
       s.wish.append = false;
       s.writing(0, "I1", "Incr");
     },
     1,
     "",
     {"3602 JobId=7 Tape device \"D0\" (/dev/nst0) is busy (already reading/writing). read=0, writers=1 "
      "reserved=0"}},
    {"with a promise on the first drive the second is the less used one, and the first is not even asked",
     [](Situation& s) {
       s.wish.append = false;
       s.writing(0, "I1", "Incr");
       s.use.drives[0].reserved = 1;
     },
     1,
     "",
     {}},
    {"a restore may have a read-only drive",
     [](Situation& s) {
       s.wish.append = false;
       s.model.drives[0].read_only = true;
     },
     0,
     "",
     {}},
    {"a restore waits for the operator and for another host",
     [](Situation& s) {
       s.wish.append = false;
       s.use.drives[0].unmounted = true;
       s.held_by_other(1);
     },
     {},
     "",
     {"3612 JobId=7 waiting because device \"D1\" (/dev/nst1) is reserved by: 0xbac999.",
      "3601 JobId=7 Tape device \"D0\" (/dev/nst0) is BLOCKED due to user unmount."}},
};

INSTANTIATE_TEST_SUITE_P(Writers, SelectionTable, testing::ValuesIn(kWriters));
INSTANTIATE_TEST_SUITE_P(Readers, SelectionTable, testing::ValuesIn(kReaders));

TEST(Selection, IsSuitableIfADriveFitsThoughItIsBusy) {
  Situation s;
  s.use.drives[0].unmounted = s.use.drives[1].unmounted = true;
  EXPECT_TRUE(select(s.model, s.use, s.wish).suitable);
  s.wish.storages[0].media_type = "DLT";
  EXPECT_FALSE(select(s.model, s.use, s.wish).suitable);
}

TEST(Selection, AsksSevenTimesForEachDriveAsFactsAboutBaculaSay) {
  Situation s;
  s.held_by_other(0);
  s.model.changers[0].drives = {0};
  const auto selection = select(s.model, s.use, s.wish);
  size_t refused = 0;
  for (const auto& t : selection.tries) refused += t.obstacle == Obstacle::lock;
  EXPECT_LE(refused, 7u);
  EXPECT_GE(refused, 4u);
}

}  // namespace
}  // namespace shstore::reserve
