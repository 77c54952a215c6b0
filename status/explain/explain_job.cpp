#include "status/explain/explain_job.h"

#include <fmt/format.h>

#include <algorithm>

#include "status/look/mutual_wait_words.h"

namespace shstore::status {
namespace {

using State = JobExplanation::State;

template <class Items, class Wanted>
auto find_if_or_null(const Items& items, Wanted wanted) -> decltype(&*items.begin()) {
  const auto found = std::find_if(items.begin(), items.end(), wanted);
  return found == items.end() ? nullptr : &*found;
}

std::string named(uint32_t job, const std::string& name) {
  return name.empty() ? fmt::format("Job {}", job) : fmt::format("Job {} ({})", job, name);
}

/// When the plugin first refused a drive to the job; `device` empty: any drive.
std::optional<record::WallTime> refused_since(const SdKnowledge& known, uint32_t job, const std::string& device) {
  std::optional<record::WallTime> first;
  for (const auto& w : known.snapshot.waiting) {
    if (w.waiting.job != job || (!device.empty() && w.device != device)) continue;
    if (!first || w.waiting.since < *first) first = w.waiting.since;
  }
  return first;
}

std::string display_of(const SdKnowledge& known, const std::string& name) {
  const auto* device = known.config.find_device(name);
  return device == nullptr ? '"' + name + '"' : fmt::format("\"{}\" ({})", name, *device->archive_device);
}

class Explainer {
 public:
  Explainer(const SdKnowledge& known, uint32_t job, const WishHints& hints) : known_(known), hints_(hints) {
    out_.job = job;
    if (!known.bacula) return;
    running_ = find_if_or_null(known.bacula->running, [&](const auto& r) { return r.job == job; });
    ended_ = find_if_or_null(known.bacula->ended, [&](const auto& e) { return e.job == job; });
    for (const auto& line : known.bacula->waiting) {
      if (line.job == job) out_.bacula_says.push_back(line.text);
    }
  }

  JobExplanation run() && {
    note_what_was_not_asked();
    if (waits()) {
      out_.state = State::waits;
      select_drive();
    } else if (running_ != nullptr) {
      out_.state = State::has_drive;
      describe_running();
      remark_on_ring();
    } else if (const auto* claimed = claimed_drive()) {
      out_.state = State::has_drive;
      out_.summary = fmt::format("{} has {}", named(out_.job, {}), display_of(known_, claimed->name));
      remark_on_ring();
    } else if (ended_ != nullptr) {
      out_.state = State::ended;
      out_.summary =
          fmt::format("{} has ended: {}, {}", named(out_.job, ended_->name), ended_->status, ended_->finished);
    } else if (!hints_.device.empty()) {
      out_.state = State::planned;
      select_drive();
    } else {
      describe_unknown();
    }
    return std::move(out_);
  }

 private:
  // A job that was refused every drive without a line still stands in bacula-sd's list, with a drive that
  // nobody has.
  bool waits() const {
    // The plugin's state is written a moment after the drive was given.
    if (running_ != nullptr && (running_->files != 0 || running_->bytes != 0)) return false;
    if (!out_.bacula_says.empty() || refused_since(known_, out_.job, {})) return claimed_drive() == nullptr;
    if (running_ == nullptr) return false;
    const auto use = sd_use(known_, 0);
    for (size_t i = 0; i < use.drives.size(); ++i) {
      if (*known_.config.devices[i].name == running_->device)
        return counted(running_->device) && !use.drives[i].is_busy();
    }
    return false;
  }

  bool counted(const std::string& device) const {
    return find_if_or_null(known_.bacula->devices, [&](const auto& d) { return d.name == device && d.counters; }) !=
           nullptr;
  }

  const DeviceSnapshot* claimed_drive() const {
    return find_if_or_null(known_.snapshot.devices, [&](const auto& d) {
      return std::any_of(d.claims.begin(), d.claims.end(), [&](const auto& c) { return c.job == out_.job; });
    });
  }

  void note_what_was_not_asked() {
    if (!known_.bacula) {
      out_.unknown.push_back(
          "What bacula-sd itself says of its jobs and drives: give --bconsole and --storage, or "
          "--bacula-status");
    }
    for (const auto& note : known_.snapshot.notes) out_.unknown.push_back(note);
  }

  void describe_unknown() {
    out_.summary = fmt::format(
        "{} is not known to {}: it neither runs, nor waits for a drive, nor is it among the last that "
        "ended{}",
        named(out_.job, {}), known_.snapshot.sd_name, known_.bacula ? "" : ", as far as the plugin knows");
    out_.remarks.push_back(
        "A job that no drive comes into question for is not listed by bacula-sd either; ask with --device "
        "and --pool what it would get");
  }

  void describe_running() {
    const auto& r = *running_;
    const auto drive = display_of(known_, r.device);
    const auto who = named(r.job, r.name);
    const auto volume =
        r.volume.empty() ? std::string("a Volume yet to be chosen") : fmt::format("Volume \"{}\"", r.volume);
    if (r.files != 0 || r.bytes != 0) {
      out_.summary = fmt::format("{} {} {} in {}: {} files, {} bytes so far", who,
                                 r.reading ? "reads from" : "writes to", volume, drive, r.files, r.bytes);
    } else {
      out_.summary = fmt::format("{} has {} for {}, and no data has come yet", who, drive, volume);
    }
    for (const auto& name : known_.bacula->waiting_for_client) {
      if (name.starts_with(r.name + '.')) out_.remarks.push_back("It waits for its Client to connect");
    }
    if (r.spooling) out_.remarks.push_back("It spools: the drive is not written to at the moment");
    if (r.waits_to_despool) out_.remarks.push_back("It waits for its turn to despool: another job writes to the drive");
    for (const auto& d : known_.bacula->devices) {
      if (d.name != r.device) continue;
      for (const auto& remark : d.remarks) out_.remarks.push_back("bacula-sd says of the drive: " + remark);
    }
  }

  void select_drive() {
    auto wish = job_wish(known_, out_.job, running_, hints_);
    if (!wish_is_known())
      wish.wish = wish_from_plugin(std::move(wish.wish));
    else
      out_.unknown.insert(out_.unknown.end(), wish.unknown.begin(), wish.unknown.end());
    const auto model = sd_model(known_);
    const auto use = sd_use(known_, out_.job);
    const auto selection = reserve::select(model, use, wish.wish);
    for (const auto& verdict : reserve::verdicts(selection)) add_drive(verdict, model, use, wish.wish);
    if (wish_is_known()) out_.expected = selection.lines;
    if (out_.drives.size() > 1 && !usage_is_known(model)) {
      out_.unknown.push_back(
          "How much each drive has read and written, by which Bacula prefers one: taken is that they are "
          "equal (after setdebug level=1 storage=NAME the status shows it)");
    }
    if (selection.drive) out_.chosen = model.drives[*selection.drive].name;
    tell_of_mutual_waits();
    summarize(wish.wish, selection);
  }

  // Of a job that waits in a ring "nothing to do" would be false.
  void tell_of_mutual_waits() {
    if (out_.state != State::waits) return;
    for (const auto& wait : mutual_waits_of(known_.snapshot)) {
      if (wait.job != out_.job) continue;
      for (auto& sentence : mutual_wait_words(known_.snapshot, wait)) out_.remarks.push_back(std::move(sentence));
      for (auto& d : out_.drives) {
        const bool of_ring = std::any_of(wait.ring.begin(), wait.ring.end(),
                                         [&](const auto& link) { return d.device == display_of(known_, link.has); });
        if (of_ring && !d.given) d.what_to_do = mutual_wait_end(wait);
      }
    }
  }

  // The job that has a drive of the ring is no better off.
  void remark_on_ring() {
    for (const auto& wait : mutual_waits_of(known_.snapshot)) {
      if (std::find(wait.having.begin(), wait.having.end(), out_.job) == wait.having.end()) continue;
      for (auto& sentence : mutual_wait_words(known_.snapshot, wait)) out_.remarks.push_back(std::move(sentence));
    }
  }

  bool usage_is_known(const reserve::SdModel& model) const {
    return known_.bacula &&
           std::all_of(model.drives.begin(), model.drives.end(), [&](const auto& d) { return counted(d.name); });
  }

  bool wish_is_known() const { return running_ != nullptr || !hints_.device.empty(); }

  // Only the plugin knows the job, and from it no more than the drives it was refused.
  reserve::JobWish wish_from_plugin(reserve::JobWish wish) {
    for (const auto& d : known_.snapshot.devices) {
      if (!refused_since(known_, out_.job, display_of(known_, d.name))) continue;
      wish.storages = {{{d.autochanger.empty() ? d.name : d.autochanger}, d.media_type, {}, "Backup"}};
    }
    out_.unknown.push_back("Which Storage and Pool the job asked for, and whether it reads");
    return wish;
  }

  void add_drive(const reserve::Verdict& verdict, const reserve::SdModel& model, const reserve::SdUse& use,
                 const reserve::JobWish& wish) {
    DriveExplanation d;
    d.device = model.drives[verdict.drive].display();
    d.given = verdict.decisive.obstacle == reserve::Obstacle::none;
    auto words = reserve::explain(verdict.decisive, model, use, wish);
    d.why = d.given ? "nothing keeps the job from it now" : std::move(words.why);
    d.what_to_do = std::move(words.what_to_do);
    d.line = verdict.decisive.line;
    d.since = refused_since(known_, out_.job, d.device);
    if (!d.given) {
      for (const auto& other : verdict.others) {
        if (!reserve::is_preference(other.obstacle)) d.also.push_back(reserve::explain(other, model, use, wish).why);
      }
    }
    out_.drives.push_back(std::move(d));
  }

  void summarize(const reserve::JobWish& wish, const reserve::Selection& selection) {
    const auto& storage = wish.storages.front();
    const auto from = storage.devices.empty() ? std::string{} : fmt::format(" of \"{}\"", storage.devices.front());
    const auto purpose = !wish_is_known() ? std::string{}
                         : wish.append    ? fmt::format(" to write to Pool \"{}\"", storage.pool)
                                          : std::string(" to read from");
    const auto since = refused_since(known_, out_.job, {});
    const auto name = running_ != nullptr ? running_->name : std::string{};
    if (out_.state == State::waits) {
      out_.summary = fmt::format("{} waits for a drive{}{}{}", named(out_.job, name), from, purpose,
                                 since ? ", since " + record::moment_in_words(*since) : "");
      if (selection.drive)
        out_.remarks.push_back("It gets " + display_of(known_, out_.chosen) +
                               " at bacula-sd's next try, within a minute");
    } else if (selection.drive) {
      out_.summary =
          fmt::format("A job that asks for a drive{}{} would get {}", from, purpose, display_of(known_, out_.chosen));
    } else {
      out_.summary = fmt::format("A job that asks for a drive{}{} would wait", from, purpose);
    }
    if (!selection.suitable) {
      out_.remarks.push_back(
          "No drive comes into question at all: bacula-sd gives the job up, 9.6 after ten minutes, 15 at once");
    }
  }

  const SdKnowledge& known_;
  const WishHints& hints_;
  const RunningJob* running_ = nullptr;
  const EndedJob* ended_ = nullptr;
  JobExplanation out_;
};

}  // namespace

JobExplanation explain_job(const SdKnowledge& known, uint32_t job, const WishHints& hints) {
  return Explainer(known, job, hints).run();
}

}  // namespace shstore::status
