#include "plugin/control_line.h"

namespace shstore::plugin {
namespace {

bool same_moment(const timespec& a, const timespec& b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }

// A node that udev has made anew has another moment, even where it has got the old one's number.
bool same_node(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_rdev == b.st_rdev && same_moment(a.st_ctim, b.st_ctim);
}

}  // namespace

bool ControlLine::leads_there(const std::string& path, const std::string& device) const {
  struct stat now {};
  return line_ && line_->path() == path && device_ == device && ::stat(path.c_str(), &now) == 0 &&
         same_node(now, file_);
}

scsi::Result<scsi::Transport*> ControlLine::get(const std::string& path, const std::string& device, Instant now) {
  new_ = !leads_there(path, device) || now - opened_ >= kLongest;
  if (!new_) return line_.get();
  line_.reset();
  // Before it is opened: a path that changes between the two is opened again.
  struct stat file {};
  (void)::stat(path.c_str(), &file);
  auto opened = open_(path);
  if (!opened) return tl::make_unexpected(opened.error());
  line_ = std::move(*opened);
  device_ = device;
  file_ = file;
  opened_ = now;
  return line_.get();
}

}  // namespace shstore::plugin
