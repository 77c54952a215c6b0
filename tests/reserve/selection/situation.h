// One Storage Daemon at one moment, for the tests of the selection.
#pragma once

#include "reserve/selection/selection.h"

namespace shstore::reserve {

// A library with two tape drives, as bacula-sd has it just after its start. Job 7 wants to write to Pool
// "Full".
struct Situation {
  SdModel model;
  SdUse use;
  JobWish wish;

  Situation() {
    model.drives = {drive("D0", "/dev/nst0"), drive("D1", "/dev/nst1")};
    model.changers = {{"Library", {0, 1}}};
    use.drives.resize(2);
    wish.job = 7;
    wish.storages = {{{"Library"}, "LTO", "Full"}};
    wish.volumes = {{"F1"}, {"F2"}};
  }
  static DriveFacts drive(const std::string& name, const std::string& archive) {
    DriveFacts d;
    d.name = name;
    d.archive_device = archive;
    d.media_type = "LTO";
    d.autochanger = d.robot = true;
    return d;
  }
  // A Volume in the drive that nobody uses.
  void mounted(size_t i, const std::string& volume, const std::string& pool) {
    auto& u = use.drives[i];
    u.label = u.volume = volume;
    u.pool = pool;
    u.appending = true;
  }
  void writing(size_t i, const std::string& volume, const std::string& pool, uint32_t jobs = 1) {
    mounted(i, volume, pool);
    use.drives[i].writers = jobs;
    use.drives[i].volume_in_use = true;
  }
  void held_by_other(size_t i) { use.drives[i].lock = {Refusal::Kind::held_by_other, "0xbac999", {}}; }
};

}  // namespace shstore::reserve
