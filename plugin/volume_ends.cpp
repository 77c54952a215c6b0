#include "plugin/volume_ends.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace shstore::plugin {

UnendedVolumes::UnendedVolumes(std::vector<record::UnendedVolume> before, std::function<void()> changed)
    : changed_(std::move(changed)), volumes_(std::move(before)) {
  if (volumes_.size() > kMost) volumes_.erase(volumes_.begin(), volumes_.end() - kMost);
}

std::optional<TapePlace> UnendedVolumes::find(const std::string& volume) const {
  const std::lock_guard lock(mutex_);
  for (const auto& v : volumes_) {
    if (v.volume == volume) return TapePlace{v.file, v.object};
  }
  return std::nullopt;
}

// In the same file a later place says the same: that is not worth a write of the state.
void UnendedVolumes::put(const std::string& volume, const TapePlace& place) {
  bool news = true;
  {
    const std::lock_guard lock(mutex_);
    const auto same = std::find_if(volumes_.begin(), volumes_.end(), [&](const auto& v) { return v.volume == volume; });
    if (same != volumes_.end()) {
      news = same->file != place.file || same->object > place.object;
      volumes_.erase(same);
    } else if (volumes_.size() == kMost) {
      volumes_.erase(volumes_.begin());
    }
    volumes_.push_back({volume, place.file, place.object});
  }
  if (news) changed_();
}

void UnendedVolumes::ended(const std::string& volume) {
  {
    const std::lock_guard lock(mutex_);
    if (std::erase_if(volumes_, [&](const auto& v) { return v.volume == volume; }) == 0) return;
  }
  changed_();
}

std::vector<record::UnendedVolume> UnendedVolumes::all() const {
  const std::lock_guard lock(mutex_);
  return volumes_;
}

void VolumeEnds::clear() {
  volume_.clear();
  begin_.reset();
  before_.reset();
  suspect_ = fresh_ = false;
}

void VolumeEnds::opens(const std::string& volume) {
  closed_at_.reset();
  if (volume == volume_ && begin_) return;  // one more job joins
  clear();
  volume_ = volume;
  fresh_ = true;
}

// Counters that are lower are another device's.
bool VolumeEnds::goes_on(const scsi::TapeStatistics& now) const {
  return !volume_.empty() && begin_ && now.writes >= last_.writes && now.others >= last_.others &&
         now.errors >= last_.errors;
}

// It was written down before anything was written; if nothing was, it is as it was before.
void VolumeEnds::forget(const scsi::TapeStatistics& now) {
  if (goes_on(now) && !suspect_ && now.writes == begun_.writes) {
    if (before_)
      unended_->put(volume_, *before_);
    else
      unended_->ended(volume_);
  }
  clear();
}

void VolumeEnds::closed(const std::optional<scsi::TapeStatistics>& now) {
  if (!now || !goes_on(*now)) return clear();
  if (now->writes == begun_.writes) return forget(*now);
  if (now->errors == last_.errors && now->others > last_.others) unended_->ended(volume_);
  clear();
}

// Any place that was seen in a file is at its beginning or behind it: who appends further on in that file is behind data that
// nothing ends. So the place of the beginning is known from the first block on, and not only once a look has come after it.
void VolumeEnds::see(const TapePlace& place, const scsi::TapeStatistics& counted, bool wrote) {
  if (volume_.empty()) {
    fresh_ = false;
    return;
  }
  const TapePlace behind_the_next{place.file, place.object + 1};
  if (std::exchange(fresh_, false)) {
    begin_ = place;
    begun_ = last_ = counted;
    before_ = unended_->find(volume_);
    suspect_ = before_ && place.file == before_->file && place.object >= before_->object;
    if (!suspect_) unended_->put(volume_, behind_the_next);
    return;
  }
  if (!begin_) return;
  if (!suspect_) {
    const auto known = unended_->find(volume_);
    if (wrote)
      unended_->put(volume_, place);
    else if (known && known->file < place.file)
      unended_->put(volume_, behind_the_next);
  }
  last_ = counted;
}

// At least so many blocks were there before: a write that was refused, or went to the tape before this one, only makes it fewer.
void VolumeEnds::see_changed(const TapePlace& place, const scsi::TapeStatistics& after) {
  constexpr uint64_t kLabel = 1;
  if (!volume_.empty() || !closed_at_ || suspect_ || place.file != 0 || after.writes <= closed_at_->writes) return;
  const auto written = after.writes - closed_at_->writes;
  if (place.object <= written + kLabel) return;
  begin_ = TapePlace{0, place.object - written};
  begun_ = last_ = *closed_at_;
  suspect_ = true;
}

void VolumeEnds::follows_cut_off(const std::string& volume, const TapePlace& place,
                                 const scsi::TapeStatistics& counted) {
  volume_ = volume;
  begin_ = place;
  begun_ = last_ = counted;
  suspect_ = true;
  fresh_ = false;
}

std::string VolumeEnds::cut_off(uint64_t writes) const {
  if (!suspect_ || writes <= begun_.writes) return {};
  const auto on =
      volume_.empty() ? std::string("the Volume that was changed to") : fmt::format("Volume \"{}\"", volume_);
  return fmt::format("the data on {} before block {} was cut off, and is not ended by a filemark", on, begin_->object);
}

}  // namespace shstore::plugin
