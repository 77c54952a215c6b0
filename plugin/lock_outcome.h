// How an action of the lock port ends, in short.
#pragma once

#include <string>
#include <utility>

#include "reserve/action.h"
#include "scsi/error.h"

namespace shstore::plugin {

inline reserve::Outcome lock_done() { return {}; }
inline reserve::Outcome lock_failed(std::string text) { return {reserve::Outcome::Kind::failed, {}, std::move(text)}; }
template <class T>
reserve::Outcome lock_outcome(const scsi::Result<T>& result) {
  return result ? lock_done() : lock_failed(result.error().message);
}

}  // namespace shstore::plugin
