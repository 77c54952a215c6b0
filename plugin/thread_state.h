// What a thread of this process is doing, as the kernel tells.
#pragma once

#include <sys/types.h>

#include <string_view>

namespace shstore::plugin {

/// True if the thread is asleep in nanosleep or clock_nanosleep at this moment, so that a signal whose handler has no
/// SA_RESTART ends that sleep; also one that goes on after the process was stopped or frozen. False if not, or if the kernel
/// does not say.
bool is_in_nanosleep(pid_t thread);

/// False if the kernel has no word on what the thread does, whatever that is: a daemon that gave up root's rights may not read
/// `syscall`, and a kernel without symbols has no `wchan`; or the thread runs just now.
bool is_told(pid_t thread);

/// The same from the text of /proc/PID/task/TID/syscall ("230 0x0 ...", "running"; empty: it may not be read) and .../wchan
/// ("hrtimer_nanosleep"; "0" or empty: not told).
bool says_nanosleep(std::string_view syscall, std::string_view wchan);

}  // namespace shstore::plugin
