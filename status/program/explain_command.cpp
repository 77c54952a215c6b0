// shstore-status --explain-job: what one job does in a Storage Daemon, and why it waits.
#include <iostream>
#include <memory>

#include "status/program/command.h"
#include "status/explain/explain_job.h"

namespace shstore::status {
namespace {

struct Asked {
  uint32_t job = 0;
  WishHints hints;
};

int explain(const Request& request, const Asked& asked) {
  if (request.question.sd_files.size() > 1) {
    std::cerr << "shstore-status: --explain-job is about one daemon: give --sd once\n";
    return kUsage;
  }
  const auto found = gather_and_complain(request.question);
  if (found.daemons.empty()) return found.worst;
  const auto& facts = found.daemons.front();
  const SdKnowledge known{facts.config, facts.shared, facts.snapshot, facts.state.alive, facts.bacula};
  const auto explanation = explain_job(known, asked.job, asked.hints);
  std::cout << (request.json ? to_json(explanation) : to_text(explanation));
  return explanation.state == JobExplanation::State::unknown ? kUnknownJob : found.worst;
}

}  // namespace

Command add_explain_command(CLI::App& app) {
  const auto asked = std::make_shared<Asked>();
  auto* job =
      app.add_option("--explain-job", asked->job, "say what this job does in the daemon, and why it waits for a drive");
  job->group("Explaining a job");
  const auto add = [&](const char* name, auto& value, const char* text) {
    app.add_option(name, value, text)->needs(job)->group("Explaining a job");
  };
  add("--device", asked->hints.device, "the Autochanger or Device that the job asks for");
  add("--pool", asked->hints.pool, "the Pool that it asks for");
  add("--media-type", asked->hints.media_type, "the Media Type that it asks for");
  add("--volume", asked->hints.volumes,
      "a Volume that the Director may offer; may be given more than once, in its order");
  add("--reads", asked->hints.reads, "yes or no: the job reads");
  add("--prefer-mounted", asked->hints.prefers_mounted, "yes or no: Prefer Mounted Volumes of the Job");
  return {job, [asked](const Request& request) { return explain(request, *asked); }};
}

}  // namespace shstore::status
