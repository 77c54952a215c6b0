// How a program that is about to move a tape hears from the plugin of the running Storage Daemon whether the jobs that use
// the drive still have its lock.
//
// bacula-sd runs its Changer Command in the thread of the job that changes its Volume, and asks only after that whether the job
// has been failed. So shstore-changer asks the plugin before it moves anything, and the plugin proves the lock on the drive, or
// fails the jobs, before it answers. A Unix socket in the Working Directory, for the daemon's user and root: a plugin that is
// not there is known at once, and what was asked of a dead one is answered by nobody.
//
// One line each way: "prove CONTROL-DEVICE", then "proven", "unclaimed", "failed WHY" or "unknown".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace shstore::config {

/// "/var/lib/bacula/cibou-sd.shstore-proof"
std::string proof_path(const std::string& working_directory, const std::string& sd_name);

struct ProofAnswer {
  enum class Kind {
    unclaimed,  ///< no job relies on the drive's lock
    proven,     ///< it is theirs, by a command that was sent after the question
    failed,     ///< it is not, or the drive does not say: those jobs have been failed; `why`
    unknown,    ///< the plugin knows no such drive
  };
  Kind kind = Kind::unknown;
  std::string why{};
};

inline constexpr size_t kLongestProofLine = 8192;

/// The words, without the newline. Control characters in them become blanks.
std::string proof_question(const std::string& control_device);
std::string proof_answer(const ProofAnswer& answer);
/// The control device; nothing: it is no question.
std::optional<std::string> read_proof_question(std::string_view line);
std::optional<ProofAnswer> read_proof_answer(std::string_view line);

/// Asks. The error says why there was no answer within `deadline`.
tl::expected<ProofAnswer, std::string> ask_for_proof(const std::string& path, const std::string& control_device,
                                                     std::chrono::milliseconds deadline);

/// A line from a socket, without its end; nothing: the other side has closed, said too much, or nothing within `deadline`.
std::optional<std::string> read_line(int socket, std::chrono::milliseconds deadline);
/// All of it, with a newline. False: the other side does not take it.
bool write_line(int socket, const std::string& line);

}  // namespace shstore::config
