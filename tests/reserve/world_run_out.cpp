// How a site comes to rest from wherever it is.
#include <algorithm>

#include "world.h"

namespace shstore::reserve {

using namespace std::chrono_literals;

bool World::all_idle() const {
  return std::all_of(hosts_.begin(), hosts_.end(), [](const auto& host) {
    return std::all_of(host.jobs.begin(), host.jobs.end(), [](const auto& job) { return job.state == JobState::idle; });
  });
}

// One round of a site in which everybody does what he has to do; false: nobody had anything to do.
bool World::settle_once() {
  bool something = false;
  for (size_t h = 0; h < hosts_.size(); ++h) {
    auto& host = hosts_[h];
    const auto number = static_cast<uint8_t>(h);
    if (!host.result && Drive(*host.engine).next_action(now_) != Action::none) act(static_cast<int>(h), Fault::none);
    if (host.result) {
      finish(static_cast<int>(h));
      something = true;
    }
    const bool closes = site_.outsiders && (host.visited || (host.open && unused(host.jobs)));  // the engine is told
    if (host.open && unused(host.jobs)) apply({Step::Kind::close, number});
    if (host.visited) apply({Step::Kind::exit, number});
    something = something || closes;
    for (size_t j = 0; j < host.jobs.size(); ++j) {
      const auto& job = host.jobs[j];
      const auto each = static_cast<uint8_t>(j);
      const bool asks = job.state == JobState::waiting && (job.called || now_ - job.asked >= 30s);
      const bool ends = job.state == JobState::writing || job.state == JobState::failed;
      if (asks) apply({Step::Kind::ask, number, each});
      if (ends) apply({Step::Kind::end, number, each});
      something = something || asks || ends;
    }
  }
  return something;
}

std::string World::run_out(Duration patience) const {
  World world = *this;
  world.faults_left_ = 0;
  if (world.stranger_) world.apply({Step::Kind::leave});
  for (size_t h = 0; h < world.hosts_.size(); ++h) {
    if (!world.hosts_[h].engine) world.apply({Step::Kind::restart, static_cast<uint8_t>(h)});
  }
  for (const Instant until = now_ + patience; world.now_ <= until;) {
    while (world.settle_once()) {
      if (!world.broken_.empty()) return world.broken_;
    }
    const bool clean = world.drive_.holder() == ModelDrive::kNobody && world.drive_.keys().empty();
    if (world.all_idle() && clean) return {};
    auto next = world.next_moment();
    for (const auto& host : world.hosts_) {
      for (const auto& job : host.jobs) {
        if (job.state == JobState::waiting && (!next || job.asked + 30s < *next)) next = job.asked + 30s;
      }
    }
    if (!next) return world.all_idle() ? "something is left on the drive for ever" : "a job waits for ever";
    world.now_ = std::max(*next, world.now_ + 1ms);
  }
  return world.all_idle() ? "something is left on the drive" : "a job waits too long";
}

}  // namespace shstore::reserve
