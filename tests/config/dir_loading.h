// Loading a bacula-dir.conf from texts in memory.
#pragma once

#include "config/dir_config.h"
#include "loading.h"

namespace shstore::config::testing {

inline DirConfig load_dir(std::string text) {
  MemoryReader reader({{"dir.conf", std::move(text)}});
  return load_dir_config("dir.conf", reader);
}

/// All diagnostics but those that say which resources a fragment lacks, one per line.
inline std::string complaints(const DirConfig& config) {
  std::string result;
  for (const Diagnostic& diagnostic : config.diagnostics) {
    if (diagnostic.message.find("bacula-dir needs one") != std::string::npos) continue;
    if (diagnostic.kind == Diagnostic::Kind::dropped) continue;
    result += to_text(diagnostic, config.files) + "\n";
  }
  return result;
}

/// What a complete configuration needs besides `more`, which begins on line 1. It has the Catalog "Cat", the Client
/// "Cli", the Fileset "Files", the Pool "Pool", the Storage "Sto", the Messages "Std" and the Job "Job".
inline std::string with_the_rest(const std::string& more) {
  return more + R"(
Director { Name = Dir; Query File = /q; Working Directory = /tmp; Pid Directory = /tmp; Password = x; Messages = Std
}
Messages { Name = Std; console = all
}
Catalog { Name = Cat; DB Name = bacula
}
Client { Name = Cli; Address = cli.example.org; Password = x; Catalog = Cat
}
FileSet { Name = Files
  Include { File = /etc
  }
}
Pool { Name = Pool; Pool Type = Backup
}
Storage { Name = Sto; Address = sd.example.org; Password = x; Device = Dev; Media Type = LTO
}
Job { Name = Job; Type = Backup; Client = Cli; FileSet = Files; Storage = Sto; Pool = Pool; Messages = Std
}
)";
}

}  // namespace shstore::config::testing
