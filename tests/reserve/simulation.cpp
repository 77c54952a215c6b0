#include "simulation.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "reserve/mutual_wait.h"

namespace shstore::reserve {
namespace {

using namespace std::chrono_literals;

constexpr Duration kRetry{30000};     // bacula-sd's, in its first ten minutes
constexpr Duration kWakeUp{20};       // from JobNotice::come to the job's next try
constexpr Duration kComeBack{60000};  // after a crash
constexpr Duration kLookForRings{15000};

class Simulation {
 public:
  explicit Simulation(const SimulatedSite& site);
  SimulationReport run();

 private:
  enum class State { idle, asking, waiting, writing, proving };
  struct Job {
    int host = 0;
    JobContext owner = 0;
    State state = State::idle;
    std::vector<int> choice;  ///< drives
    size_t asked = 0;         ///< of them, in this pass
    int drive = -1;           ///< that it got
    Instant since{};          ///< waits
    unsigned turn = 0;        ///< events of an earlier state are void
    JobHalf half = JobHalf::whole;
    bool begun = false;  ///< it has all the drives that it needs
    Instant granted{};
    bool of_copy = false;  ///< this place is for the half that writes what the job of the place before it reads
  };
  struct Engine {
    std::unique_ptr<Drive> drive;
    bool busy = false;
    unsigned life = 0;    ///< results for an earlier life are void
    unsigned alarm = 0;   ///< only the last one set counts
    unsigned proven = 0;  ///< the drive's count of breaks when the lock was last seen to be ours
    int writers = 0;
    bool looks = false;  ///< for jobs that wait: counted in looked_at_
  };
  struct Event {
    Instant at;
    uint64_t order;
    std::function<void()> happens;
    bool operator<(const Event& other) const { return std::tie(at, order) > std::tie(other.at, other.order); }
  };

  Engine& engine(int host, int drive) { return engines_[static_cast<size_t>(host * site_.drives + drive)]; }
  Drive& awake(int host, int drive);
  void at(Instant moment, std::function<void()> happens) { events_.push({moment, ++order_, std::move(happens)}); }
  Duration random_time(Duration from, Duration to) {
    return Duration(std::uniform_int_distribution<int64_t>(from.count(), to.count())(random_));
  }
  // How long a job writes.
  Duration length() {
    if (!site_.mixed) return random_time(site_.shortest, site_.longest);
    const auto shortest = static_cast<double>(site_.shortest.count()),
               longest = static_cast<double>(site_.longest.count());
    return Duration(static_cast<int64_t>(
        shortest * std::pow(longest / shortest, std::uniform_real_distribution<double>(0, 1)(random_))));
  }
  // From now to the next job in a place.
  Duration until_next() {
    if (site_.every == 0ms) return random_time(0ms, site_.pause * 2);
    const auto over = std::chrono::duration_cast<Duration>(now_ - Instant(1h)) % site_.every;
    return site_.every - over + random_time(0ms, site_.pause);
  }
  int random_number(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }

  void poke(int host, int drive);
  void finish(int host, int drive, const Outcome& outcome, bool after_break);
  void tell_notices(int host, int drive);
  void collect(int host, int drive);
  void begin(size_t job);
  void ask(size_t job);
  void refused(size_t job);
  void granted(size_t job);
  void conclude(size_t job);
  void end(size_t job);
  void forget(size_t job);
  void break_a_lock();
  void crash();
  void look_for_rings(int host);
  std::vector<JobOnDrives> jobs_of(int host) const;
  bool is_for_ever(const MutualWait& wait) const;
  void begin_other_half(size_t reader);
  void check(int host, int drive);
  void count(int drive);

  const SimulatedSite site_;
  std::mt19937_64 random_;
  Instant now_ = Instant(1h), stop_;
  uint64_t order_ = 0;
  JobContext next_owner_ = 1;
  std::vector<ModelDrive> drives_;
  std::vector<unsigned> breaks_;  ///< by drive
  std::vector<Engine> engines_;
  std::vector<Job> jobs_;
  std::map<JobContext, size_t> job_of_;
  std::priority_queue<Event> events_;
  std::vector<unsigned> looked_at_;  ///< drives, by host
  std::vector<MutualWaits> mutual_;  ///< by host
  std::vector<Instant> counted_;     ///< by drive: its time is shared out until then
  Duration idle_{}, waits_{};
  size_t waited_ = 0;
  SimulationReport report_;
};

Simulation::Simulation(const SimulatedSite& site)
    : site_(site),
      random_(site.seed),
      stop_(now_ + site.lasts),
      drives_(static_cast<size_t>(site.drives)),
      breaks_(static_cast<size_t>(site.drives)),
      engines_(static_cast<size_t>(site.hosts * site.drives)),
      looked_at_(static_cast<size_t>(site.hosts)),
      mutual_(static_cast<size_t>(site.hosts), MutualWaits({site.mutual_wait, 600s, 60s})),
      counted_(static_cast<size_t>(site.drives), now_) {
  report_.hours_of_drive.resize(static_cast<size_t>(site.hosts));
  for (int h = 0; h < site.hosts; ++h) {
    for (int j = 0; j < site.jobs_per_host; ++j) {
      Job place;
      place.host = h;
      jobs_.push_back(place);
      const size_t number = jobs_.size() - 1;
      if (site.copies > 0) {
        place.of_copy = true;
        jobs_.push_back(place);
      }
      at(now_ + random_time(0ms, site.pause), [this, number] { begin(number); });
    }
  }
  if (site.copies > 0 && site.mutual_wait > 0ms) {
    for (int h = 0; h < site.hosts; ++h) at(now_ + random_time(0ms, kLookForRings), [this, h] { look_for_rings(h); });
  }
  const auto days = static_cast<int>(site.lasts / 24h) + 1;
  for (int i = 0; i < days * site.breaks_per_day; ++i)
    at(now_ + random_time(0ms, site.lasts), [this] { break_a_lock(); });
  for (int i = 0; i < days * site.crashes_per_day; ++i) at(now_ + random_time(0ms, site.lasts), [this] { crash(); });
}

Drive& Simulation::awake(int host, int drive) {
  auto& e = engine(host, drive);
  if (!e.drive) {
    Timing timing;
    timing.hand_off = site_.hand_off;
    timing.verify = site_.verify;
    timing.watch_first = site_.watch_first;
    timing.seed = static_cast<uint32_t>(random_());
    e.drive = std::make_unique<Drive>(timing);
  }
  return *e.drive;
}

void Simulation::poke(int host, int drive) {
  auto& e = engine(host, drive);
  if (!e.drive || e.busy) return;
  auto& looked_at = looked_at_[static_cast<size_t>(host)];
  if (e.drive->watches() != e.looks) looked_at += (e.looks = !e.looks) ? 1u : -1u;
  e.drive->share_looks(std::max(1u, looked_at));
  const Action action = e.drive->next_action(now_);
  tell_notices(host, drive);
  if (action == Action::none) {
    const auto moment = e.drive->next_moment();
    const auto alarm = ++e.alarm;
    if (moment) {
      at(std::max(*moment, now_), [this, host, drive, alarm] {
        if (engine(host, drive).alarm == alarm) poke(host, drive);
      });
    }
    return;
  }
  ++report_.actions;
  const auto outcome = perform(drives_[static_cast<size_t>(drive)], host, action, e.drive->keep_registration());
  if (outcome.reading && outcome.reading->ours && action != Action::release)
    e.proven = breaks_[static_cast<size_t>(drive)];
  e.busy = true;
  const auto life = e.life;
  const auto breaks = breaks_[static_cast<size_t>(drive)];
  at(now_ + random_time(1ms, 30ms), [this, host, drive, outcome, life, breaks] {
    if (engine(host, drive).life == life) finish(host, drive, outcome, breaks == breaks_[static_cast<size_t>(drive)]);
  });
}

void Simulation::finish(int host, int drive, const Outcome& outcome, bool) {
  auto& e = engine(host, drive);
  e.busy = false;
  e.drive->finish(outcome, now_);
  tell_notices(host, drive);
  collect(host, drive);
  check(host, drive);
  poke(host, drive);
}

void Simulation::tell_notices(int host, int drive) {
  for (const auto& notice : engine(host, drive).drive->take_notices()) {
    const auto found = job_of_.find(notice.owner);
    if (found == job_of_.end()) continue;
    const size_t number = found->second;
    auto& job = jobs_[number];
    if (notice.kind == JobNotice::Kind::regained) ++report_.regained;
    if (notice.kind == JobNotice::Kind::come) {
      for (const int other : job.choice) {
        auto& e = engine(host, other);
        if (other != drive && e.drive) e.drive->called_elsewhere(notice.owner, now_ + Timing{}.promise);
      }
      const auto turn = job.turn;
      at(now_ + kWakeUp, [this, number, turn] {
        if (jobs_[number].turn == turn && jobs_[number].state == State::waiting) ask(number);
      });
    }
    if (notice.fatal() && (job.state == State::writing || job.state == State::proving)) {
      ++report_.failed;
      const auto turn = job.turn;
      at(now_, [this, number, turn] {
        if (jobs_[number].turn == turn) end(number);
      });
    }
  }
}

void Simulation::collect(int host, int drive) {
  std::vector<std::pair<size_t, Answer>> answered;
  for (size_t j = 0; j < jobs_.size(); ++j) {
    const auto& job = jobs_[j];
    const bool here = job.host == host && ((job.state == State::asking && job.choice[job.asked] == drive) ||
                                           (job.state == State::proving && job.drive == drive));
    if (!here) continue;
    if (const auto answer = engine(host, drive).drive->answer(job.owner)) answered.emplace_back(j, *answer);
  }
  for (const auto& [j, answer] : answered) {
    if (jobs_[j].state == State::proving)
      end(j);
    else if (answer.granted)
      granted(j);
    else
      refused(j);
  }
}

void Simulation::begin(size_t number) {
  if (now_ >= stop_) return;
  if (number + 1 < jobs_.size() && jobs_[number + 1].of_copy && jobs_[number + 1].state != State::idle) {
    at(now_ + 1s, [this, number] { begin(number); });  // the other half of the Copy before is not over yet
    return;
  }
  auto& job = jobs_[number];
  job.owner = next_owner_++;
  job_of_[job.owner] = number;
  job.choice.clear();
  const int first = random_number(site_.drives);
  for (int i = 0; i < site_.drives_per_job; ++i) job.choice.push_back((first + i) % site_.drives);
  job.since = now_;
  job.half = site_.copies > 0 && random_number(100) < site_.copies ? JobHalf::reads : JobHalf::whole;
  report_.copies += job.half == JobHalf::reads;
  ++report_.jobs;
  for (const int drive : job.choice) count(drive);  // it did not want them till now
  ask(number);
}

// What bacula-sd's Director does once the half that reads has its drive.
void Simulation::begin_other_half(size_t reader) {
  const auto& reads = jobs_[reader];
  auto& job = jobs_[reader + 1];
  job.owner = next_owner_++;
  job_of_[job.owner] = reader + 1;
  job.half = JobHalf::writes;
  job.choice.clear();
  const int first = random_number(site_.drives);
  for (int i = 0; i < site_.drives && static_cast<int>(job.choice.size()) < site_.drives_per_job; ++i) {
    if (const int drive = (first + i) % site_.drives; drive != reads.drive) job.choice.push_back(drive);
  }
  job.since = now_;
  for (const int drive : job.choice) count(drive);
  ask(reader + 1);
}

void Simulation::ask(size_t number) {
  auto& job = jobs_[number];
  job.state = State::asking;
  job.asked = 0;
  ++job.turn;
  const int drive = job.choice[0];
  awake(job.host, drive).request(job.owner, static_cast<JobId>(number), now_);
  collect(job.host, drive);
  poke(job.host, drive);
}

void Simulation::refused(size_t number) {
  auto& job = jobs_[number];
  if (++job.asked < job.choice.size()) {
    const int drive = job.choice[job.asked];
    awake(job.host, drive).request(job.owner, static_cast<JobId>(number), now_);
    collect(job.host, drive);
    poke(job.host, drive);
    return;
  }
  for (const int drive : job.choice) count(drive);
  job.state = State::waiting;
  const auto turn = job.turn;
  at(now_ + kRetry, [this, number, turn] {
    if (jobs_[number].turn == turn && jobs_[number].state == State::waiting) ask(number);
  });
}

void Simulation::granted(size_t number) {
  auto& job = jobs_[number];
  job.drive = job.choice[job.asked];
  for (const int drive : job.choice) {
    count(drive);
    auto& e = engine(job.host, drive);
    if (drive == job.drive || !e.drive) continue;
    e.drive->stop_waiting(job.owner, now_);
    poke(job.host, drive);
  }
  job.state = State::writing;
  ++job.turn;
  ++engine(job.host, job.drive).writers;
  check(job.host, job.drive);
  const auto waited = std::chrono::duration_cast<Duration>(now_ - job.since);
  waits_ += waited;
  ++waited_;
  report_.longest_wait = std::max(report_.longest_wait, waited);
  job.granted = now_;
  job.begun = job.half != JobHalf::reads;
  if (!job.begun) return begin_other_half(number);
  const auto lasts = length() + (site_.robot == 0ms ? 0ms : random_time(site_.robot / 2, site_.robot));
  const auto conclude_later = [&](size_t which) {
    const auto turn = jobs_[which].turn;
    at(now_ + lasts, [this, which, turn] {
      if (jobs_[which].turn == turn) conclude(which);
    });
  };
  conclude_later(number);
  if (job.half != JobHalf::writes) return;
  jobs_[number - 1].begun = true;
  conclude_later(number - 1);
}

void Simulation::conclude(size_t number) {
  auto& job = jobs_[number];
  job.state = State::proving;
  engine(job.host, job.drive).drive->request_verified(job.owner, static_cast<JobId>(number), now_);
  poke(job.host, job.drive);
}

void Simulation::forget(size_t number) {
  auto& job = jobs_[number];
  if (job.drive >= 0) {
    count(job.drive);
    --engine(job.host, job.drive).writers;
  }
  job_of_.erase(job.owner);
  job.drive = -1;
  job.state = State::idle;
  job.begun = false;
  ++job.turn;
  if (!job.of_copy) at(now_ + until_next(), [this, number] { begin(number); });
}

void Simulation::end(size_t number) {
  const auto job = jobs_[number];
  for (const int drive : job.choice) {
    if (engine(job.host, drive).drive) engine(job.host, drive).drive->end(job.owner, now_);
  }
  forget(number);
  for (const int drive : job.choice) poke(job.host, drive);
  // One half does not go on without the other, as long as that one has not begun.
  const auto half_of = [&](size_t other, JobHalf half) {
    if (jobs_[other].half == half && jobs_[other].state != State::idle && !jobs_[other].begun) end(other);
  };
  if (job.half == JobHalf::reads) half_of(number + 1, JobHalf::writes);
  if (job.half == JobHalf::writes) half_of(number - 1, JobHalf::reads);
}

std::vector<JobOnDrives> Simulation::jobs_of(int host) const {
  std::vector<JobOnDrives> found;
  for (size_t j = 0; j < jobs_.size(); ++j) {
    const auto& job = jobs_[j];
    if (job.host != host || job.state == State::idle) continue;
    JobOnDrives one{job.owner, static_cast<JobId>(j + 1), {}, {}, job.begun, job.half, job.since, {}};
    if (job.drive >= 0) {
      one.has.insert(std::to_string(job.drive));
      one.since[std::to_string(job.drive)] = job.granted;
    } else {
      for (const int drive : job.choice) {
        const auto& e = engines_[static_cast<size_t>(host * site_.drives + drive)];
        if (e.drive && e.drive->state().queue.waiting.contains(job.owner)) one.waits_for.insert(std::to_string(drive));
      }
    }
    found.push_back(std::move(one));
  }
  return found;
}

// As somebody who sees all jobs of all hosts knows it: no job that has a drive of the ring goes on by itself.
bool Simulation::is_for_ever(const MutualWait& wait) const {
  return std::all_of(wait.ring.begin(), wait.ring.end(), [&](const auto& link) {
    return std::none_of(jobs_.begin(), jobs_.end(), [&](const auto& job) {
      return job.drive >= 0 && std::to_string(job.drive) == link.has && job.begun;
    });
  });
}

void Simulation::look_for_rings(int host) {
  if (now_ < stop_ + 48h) at(now_ + kLookForRings, [this, host] { look_for_rings(host); });
  const auto jobs = jobs_of(host);
  std::vector<DriveKeys> seen;
  const bool possible = std::any_of(jobs.begin(), jobs.end(), [](const auto& job) {
    return job.half == JobHalf::writes && !job.begun && !job.waits_for.empty();
  });
  for (size_t d = 0; possible && d < drives_.size(); ++d) {
    const auto& drive = drives_[d];
    DriveKeys keys{std::to_string(d), {}, {}, drive.generation()};
    if (drive.holder() != ModelDrive::kNobody) keys.holder = key_of(drive.holder());
    for (const int key : drive.keys()) {
      if (key != drive.holder()) keys.waiting.push_back(key_of(key));
    }
    seen.push_back(std::move(keys));
  }
  auto& mutual = mutual_[static_cast<size_t>(host)];
  mutual.see(key_of(host), seen, jobs, now_);
  for (const auto& one : mutual.to_end(now_)) {
    ++report_.gave_in;
    report_.gave_in_early += !is_for_ever(one.wait);
    if (const auto found = job_of_.find(one.wait.context); found != job_of_.end()) end(found->second);
  }
}

// By somebody who has no key of his own on the drive.
void Simulation::break_a_lock() {
  const auto drive = static_cast<size_t>(random_number(site_.drives));
  if (drives_[drive].keys().empty()) return;
  ++breaks_[drive];
  drives_[drive].register_key(-2);
  drives_[drive].clear();
}

void Simulation::crash() {
  const int host = random_number(site_.hosts);
  for (size_t j = 0; j < jobs_.size(); ++j) {
    if (jobs_[j].host == host && jobs_[j].state != State::idle) forget(j);
  }
  for (int d = 0; d < site_.drives; ++d) {
    auto& e = engine(host, d);
    if (!e.drive) continue;
    if (std::exchange(e.looks, false)) --looked_at_[static_cast<size_t>(host)];
    e.drive.reset();
    e.busy = false;
    ++e.life, ++e.alarm;
    at(now_ + kComeBack, [this, host, d] { awake(host, d), poke(host, d); });
  }
}

void Simulation::check(int host, int drive) {
  const auto& e = engine(host, drive);
  const auto d = static_cast<size_t>(drive);
  if (e.writers == 0 || e.proven != breaks_[d] || drives_[d].holder() == host || !report_.broken.empty()) return;
  const double hours = std::chrono::duration<double, std::ratio<3600>>(now_ - Instant(1h)).count();
  report_.broken = "host " + std::to_string(host) + " writes to drive " + std::to_string(drive) +
                   " without its lock, after " + std::to_string(hours) + " hours";
}

// Shares out the drive's time since it was last looked at. Call before anything changes.
void Simulation::count(int drive) {
  const auto d = static_cast<size_t>(drive);
  const auto span = std::min(now_, stop_) - std::min(counted_[d], stop_);
  counted_[d] = now_;
  bool writes = false;
  for (int h = 0; h < site_.hosts; ++h) {
    if (engine(h, drive).writers == 0) continue;
    writes = true;
    report_.hours_of_drive[static_cast<size_t>(h)] += std::chrono::duration<double, std::ratio<3600>>(span).count();
  }
  const bool wanted = std::any_of(jobs_.begin(), jobs_.end(), [&](const auto& job) {
    const bool waits = job.state == State::waiting || job.state == State::asking;
    return waits && std::find(job.choice.begin(), job.choice.end(), drive) != job.choice.end();
  });
  if (wanted && !writes) idle_ += std::chrono::duration_cast<Duration>(span);
}

SimulationReport Simulation::run() {
  const auto patience = stop_ + 48h;  // to let all that waits at the end have its turn
  while (!events_.empty() && events_.top().at < patience && report_.broken.empty()) {
    const auto event = events_.top();
    events_.pop();
    now_ = event.at;
    event.happens();
  }
  for (const auto& drive : drives_)
    report_.left_behind += drive.keys().size() + (drive.holder() != ModelDrive::kNobody);
  for (const auto& job : jobs_) report_.never_ran += job.state != State::idle;
  report_.idle = static_cast<double>(idle_.count()) / (static_cast<double>(site_.lasts.count()) * site_.drives);
  if (waited_ != 0) report_.mean_wait = waits_ / static_cast<int64_t>(waited_);
  return report_;
}

}  // namespace

double jain(const std::vector<double>& shares) {
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  const double squares = std::inner_product(shares.begin(), shares.end(), shares.begin(), 0.0);
  return squares == 0 ? 1 : sum * sum / (static_cast<double>(shares.size()) * squares);
}

SimulationReport simulate(const SimulatedSite& site) { return Simulation(site).run(); }

}  // namespace shstore::reserve
