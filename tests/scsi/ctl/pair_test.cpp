// storage-ctl with --archive: the lock is on that drive, or nowhere.
#include "program.h"

namespace shstore::scsi::ctl {
namespace {

struct ArchiveGiven : StorageCtl {
  std::string tape = san.folder.write("tape0", "");
  void stands_for(const std::string& serial) const { san.folder.write("tape0.drive", serial + '\n'); }
};

TEST_F(ArchiveGiven, LocksThatDrive) {
  stands_for(white_paper_san().drives[0].serial);
  EXPECT_EQ(run(cibou({"trylock", "--archive", tape})), 0);
  EXPECT_TRUE(state().held_by(kCibouKey));
}

TEST_F(ArchiveGiven, LocksNoOther) {
  stands_for("another");
  for (const char* command : {"trylock", "lock", "register", "unlock"}) {
    Process p(cibou({command, "--archive", tape}));
    EXPECT_EQ(p.end(), 4);
    EXPECT_NE(p.said().find("is another drive than its Archive Device " + tape + " (serial number another)"),
              std::string::npos);
  }
  EXPECT_TRUE(untouched());
}

TEST_F(ArchiveGiven, SaysWhereNobodyTells) {
  Process p(cibou({"trylock", "--archive", tape}));
  EXPECT_EQ(p.end(), 0);
  EXPECT_NE(p.said().find("are one drive cannot be proven"), std::string::npos);
}

}  // namespace
}  // namespace shstore::scsi::ctl
