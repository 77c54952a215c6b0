// The values of the Director and of Messages that have a syntax of their own, as Bacula's JSON tools show them.
#pragma once

#include <nlohmann/json.hpp>
#include <span>

#include "config/dir_file_set.h"
#include "config/dir_run_script.h"
#include "config/dir_schedule.h"
#include "config/document.h"

namespace shstore::config {

using Json = nlohmann::ordered_json;

/// dird/bdirjson.c, display_run().
Json to_json(std::span<const ScheduleRun> runs);

/// display_runscript().
Json to_json(std::span<const RunScript> scripts);

/// display_include_exclude(): all Include blocks, but only the first Exclude block, and only its files.
Json includes_to_json(std::span<const FileSetBlock> blocks);
Json excludes_to_json(std::span<const FileSetBlock> blocks);

/// lib/bjson.c, display_msgs(): the destinations of a Messages resource. `newer`: as 15.0.3 shows them, with the types
/// that 9.6.7 does not know or does not show.
Json destinations_to_json(const Block& messages, bool newer = false);

}  // namespace shstore::config
