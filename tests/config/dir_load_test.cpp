// bacula-dir.conf: what is taken from it, and what bacula-dir refuses.
#include <gtest/gtest.h>

#include "dir_loading.h"

namespace shstore::config::testing {
namespace {

TEST(DirLoad, TakesWhatTheLinterNeeds) {
  const DirConfig config = load_dir(with_the_rest(R"(Autochanger { Name = Lib; Address = sd2; Password = "p w"
  Device = Changer; Media Type = LTO; SD Port = 9113; Autochanger = Lib; Maximum Concurrent Jobs = 4
}
Storage { Name = Drive; Address = sd2; Password = x; Device = Drive-0; Media Type = LTO
  Shared Storage = Lib; Autochanger = yes
}
)"));
  EXPECT_EQ(complaints(config), "");
  ASSERT_EQ(config.storages.size(), 3U);
  const DirStorage* const lib = config.find_storage("Lib");
  ASSERT_NE(lib, nullptr);
  EXPECT_TRUE(lib->is_autochanger_resource);
  EXPECT_EQ(*lib->password, "p w");
  EXPECT_EQ(*lib->sd_port, 9113U);
  EXPECT_EQ(*lib->maximum_concurrent_jobs, 4U);
  ASSERT_EQ(lib->devices.size(), 1U);
  EXPECT_EQ(*lib->devices[0], "Changer");
  EXPECT_EQ(*config.find_storage("Drive")->shared_storage, "Lib");
  EXPECT_EQ(*config.find_storage("Drive")->autochanger, "yes");
  EXPECT_EQ(config.find_storage("lib"), nullptr);
  ASSERT_EQ(config.jobs.size(), 1U);
  EXPECT_EQ(*config.jobs[0].file_set, "Files");
  EXPECT_EQ(*config.clients[0].address, "cli.example.org");
}

TEST(DirLoad, RunLinesNameWhatTheyOverride) {
  const DirConfig config = load_dir(with_the_rest(R"(Schedule { Name = Weekly
  Run = Level=Full Pool=Pool Storage=Sto Priority=7 1st sun at 23:05
  Run = Incremental mon-sat at 23:05
}
)"));
  EXPECT_EQ(complaints(config), "");
  ASSERT_EQ(config.runs.size(), 2U);
  EXPECT_EQ(config.runs[0].schedule, "Weekly");
  EXPECT_EQ(*config.runs[0].storage, "Sto");
  EXPECT_EQ(*config.runs[0].priority, 7U);
  EXPECT_EQ(*config.runs[0].level, "Full");
  EXPECT_EQ(*config.runs[1].level, "Incremental");
  EXPECT_FALSE(config.runs[1].storage.given);
}

TEST(DirLoad, NamesMustExist) {
  EXPECT_EQ(complaints(load_dir(with_the_rest(R"(Schedule { Name = S
  Run = Pool=Pol daily at 1:00
  Run = Storage=Nowhere daily at 1:00
}
Job { Name = J; JobDefs = Nothing; Client = Cly; Type = Backup; FileSet = Files; Pool = Pool; Messages = Std
  RunScript { Command = "x"; RunsOnClient = Elsewhere; RunsWhen = Before
  }
  Storage = Sto, Stoo
}
Storage { Name = T; Address = a; Password = x; Device = D; Media Type = M; Autochanger = Chg
}
)"))),
            "dir.conf:2:14: error: no Pool resource is named \"Pol\"; did you mean \"Pool\"?\n"
            "dir.conf:3:17: error: no Storage resource is named \"Nowhere\"\n"
            "dir.conf:5:27: error: no JobDefs resource is named \"Nothing\"\n"
            "dir.conf:5:45: error: no Client resource is named \"Cly\"; did you mean \"Cli\"?\n"
            "dir.conf:6:45: error: no Client resource is named \"Elsewhere\"\n"
            "dir.conf:8:18: error: no Storage resource is named \"Stoo\"; did you mean \"Sto\"?\n"
            "dir.conf:10:90: error: no Storage resource is named \"Chg\"\n");
}

TEST(DirLoad, AJobMayTakeWhatItLacksFromItsJobDefs) {
  EXPECT_EQ(complaints(load_dir(with_the_rest(R"(JobDefs { Name = Defs; Type = Backup; Client = Cli; FileSet = Files
  Messages = Std; Pool = Pool; Storage = Sto
}
Job { Name = Complete; JobDefs = Defs
}
Job { Name = Incomplete; Type = Backup; Client = Cli; FileSet = Files; Messages = Std
}
Job { Name = Unstored; Type = Backup; Client = Cli; FileSet = Files; Messages = Std; Pool = Pool
}
)"))),
            "dir.conf:6:1: error: Job \"Incomplete\": the required directive \"Pool\" is missing, in its JobDefs too\n"
            "dir.conf:8:1: error: Job \"Unstored\": neither it nor its Pool \"Pool\" names a Storage\n");
}

TEST(DirLoad, AnOlderNameDoesNotStandForARequiredOne) {
  EXPECT_EQ(complaints(load_dir("Storage { Name = S; SD Address = a; Password = x; Device = D; Media Type = M\n}\n")),
            "dir.conf:1:1: error: Storage \"S\": the required directive \"Address\" is missing\n");
  EXPECT_EQ(complaints(load_dir("Storage { Name = S; SD Address = a; Address = b; Password = x; Device = D\n"
                                "  Media Type = M\n}\n")),
            "dir.conf:1:37: error: \"Address\" is given twice in this Storage; it is first given on line 1\n");
}

TEST(DirLoad, EnterprisesSharedStorageIsTakenAndRefused) {
  const DirConfig config = load_dir(
      "Director { Name = D; Shared Storage = yes\n  Query File = /q; Password = x\n"
      "  Working Directory = /tmp; Pid Directory = /tmp\n}\n");
  EXPECT_EQ(complaints(config),
            "dir.conf:1:22: error: only Bacula Enterprise knew \"Shared Storage\" in Director; the community's Bacula "
            "refuses it\n");
  EXPECT_TRUE(*config.director->shared_storage);
}

TEST(DirLoad, ADeviceResourceBelongsToTheStorageDaemon) {
  EXPECT_EQ(complaints(load_dir("Device { Name = D\n}\n")),
            "dir.conf:1:1: error: a Device resource belongs in bacula-sd.conf, not here\n");
}

TEST(DirLoad, TheFileOfTheOtherDaemonIsOneErrorWhateverElseIsInIt) {
  const std::string both = "Director { Name = d; Password = p; Foo = 1\n}\n";
  const DirConfig director = load_dir(both + device("") + device(""));
  EXPECT_EQ(
      complaints(director),
      "dir.conf:3:1: error: this is a bacula-sd.conf and not a bacula-dir.conf: 2 of its resources are of the other "
      "daemon only, this one is the first\n");
  EXPECT_FALSE(director.director);
  const SdConfig sd = load(both + "Pool { Name = P; Pool Type = Backup\n}\nClient { Name = C\n}\nJob { Name = J\n}\n");
  EXPECT_EQ(
      complaints(sd),
      "sd.conf:3:1: error: this is a bacula-dir.conf and not a bacula-sd.conf: 3 of its resources are of the other "
      "daemon only, this one is the first\n");
  EXPECT_TRUE(sd.directors.empty());
}

TEST(DirLoad, AFileWithResourcesOfEitherDaemonIsReadAsWhatItWasGivenFor) {
  const SdConfig mixed = load(device("") + "Job { Name = J\n}\nPool { Name = P; Pool Type = Backup\n}\n");
  EXPECT_EQ(mixed.devices.size(), 1U);
  EXPECT_EQ(complaints(mixed),
            "sd.conf:6:1: error: a Job resource belongs in bacula-dir.conf, not here\n"
            "sd.conf:8:1: error: a Pool resource belongs in bacula-dir.conf, not here\n");
}

TEST(DirLoad, OnlyTheFirstNameOfADeviceLineMakesADevice) {
  EXPECT_EQ(
      complaints(load_dir(with_the_rest(R"(Storage { Name = S; Address = a; Password = x; Media Type = M
  Device = One, Two, Dev
}
)"))),
      "dir.conf:2:17: error: Device: Bacula does not know \"Two\", because it stands first in no Device directive; "
      "write one directive for each device\n");
}

TEST(DirLoad, PoolTypesAndScratch) {
  EXPECT_EQ(complaints(load_dir(with_the_rest(R"(Pool { Name = A; Pool Type = Backpu
}
Pool { Name = Scratch; Pool Type = Scratch
}
Pool { Name = B; Pool Type = Backup; Next Pool = Scratch
}
)"))),
            "dir.conf:1:30: error: Pool Type: expected one of Backup, Copy, Cloned, Archive, Migration, Scratch, found "
            "\"Backpu\"; did you mean \"Backup\"?\n"
            "dir.conf:5:50: error: Pool \"B\": Next Pool cannot be \"Scratch\", from which only other Pools take "
            "volumes\n");
}

}  // namespace
}  // namespace shstore::config::testing
