// What the program finds around it; tests build their own.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "config/lint/rule.h"
#include "config/sd_config.h"
#include "scsi/base/progress.h"

namespace shstore::config::lint {

struct World {
  FileReader& files;
  CommandRunner& commands;
  const Surroundings& disk;
  std::function<std::string()> standard_input;  ///< all of it
  std::string host;                             ///< this machine's name
  std::string directory;                        ///< the working directory
  bool is_terminal = false;                     ///< standard output is one
  bool no_color = false;                        ///< NO_COLOR is set (no-color.org)
  std::ostream& out;
  std::ostream& err;
  base::ShowProgress progress{};  ///< of a site with many files
  bool ends_after = false;        ///< the process: what is large need not be given back to the system bit by bit
};

}  // namespace shstore::config::lint
