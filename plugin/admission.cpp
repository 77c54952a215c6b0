#include "plugin/admission.h"

#include <algorithm>
#include <utility>

#include "reserve/refusal.h"

namespace shstore::plugin {
namespace {

using config::SharedDevice;

constexpr const char* kNoName = "bacula-sd does not tell its name";

// bacula-sd asks again and again while a job waits; the debug log has each answer once, until another one comes.
bool refuse(const Caller& caller, Job* job, const std::string& device, const std::string& text, bool news,
            MessageType type) {
  caller.set_reserve_message(text);
  const bool other = job == nullptr || std::exchange(job->refused[device], text) != text;
  if (news) {
    caller.message(type, text);
  } else if (other) {
    caller.note(text);
  }
  caller.debug(text);
  return false;
}

// The job waits for what will not come: its log says so once.
bool refuse_everybody(const Caller& caller, Job& job, const std::string& archive, const std::string& text, bool opening,
                      MessageType type) {
  const bool news = job.told.insert(text).second || opening;
  return refuse(caller, &job, archive, text, news, type);
}

std::string quoted(const std::string& archive) { return '(' + archive + ')'; }

struct Codes {
  std::string archive, control;
};

std::optional<Codes> codes_of(const Caller& caller) {
  const auto text = caller.edit_device_codes("%a\n%l");
  if (!text) return std::nullopt;
  const auto newline = text->find('\n');
  return Codes{text->substr(0, newline), newline == std::string::npos ? "" : text->substr(newline + 1)};
}

void log_granted(const Caller& caller, Job& job, const SharedDevice& device, const reserve::Answer& answer) {
  const bool first = job.got.insert(device.control_device).second;
  if (first || answer.waited) {
    caller.message(MessageType::info, reserve::granted_text(device.display(), device.key_text(), answer));
  }
}

}  // namespace

// What bacula-sd does not say: the job has given up the drive that its DCR was on before.
void Admission::follow(Job& job, const void* dcr, const SharedDevice* device) {
  if (const auto* left = job.moves.to(dcr, device)) drives_.leave(*left, job.owner);
}

// bacula-sd gives a job drives of one Media Type only (reserve_device in stored/reserve.c). Is every one of that type that the daemon
// has refused for good? Then it is offered none that it may have.
bool Admission::no_drive_left(const std::string& archive) const {
  const auto asked = std::find_if(shared_.devices.begin(), shared_.devices.end(),
                                  [&](const auto& d) { return d.archive_device == archive; });
  if (asked == shared_.devices.end() || shared_.unshared_media_types.contains(asked->media_type)) return false;
  return std::all_of(shared_.devices.begin(), shared_.devices.end(), [&](const auto& d) {
    return d.media_type != asked->media_type || (!d.problem.empty() && !(mending_ && mending_->is_mended(d.name)));
  });
}

// 3614. Waiting does not cure it: the job fails once that is so of every drive that it is offered.
bool Admission::refuse_for_good(const Caller& caller, Job& job, const std::string& archive, const std::string& reason,
                                bool opening) {
  const auto text = reserve::misconfigured_text(job.id, quoted(archive), reason);
  const bool in_job = job.id != 0;
  const bool in_vain = job.pass.refused_for_good(std::chrono::steady_clock::now()) || no_drive_left(archive);
  if (in_job && in_vain && !opening) return refuse(caller, &job, archive, text, true, MessageType::fatal);
  const auto type = !opening ? MessageType::info : in_job ? MessageType::fatal : MessageType::warning;
  return refuse_everybody(caller, job, archive, text, opening, type);
}

bool Admission::admit(Job* job, const Caller& caller, bool opening) {
  // At the daemon's start (JobId 0) a drive that another host holds is nothing to fail for.
  const bool in_job = job != nullptr && job->id != 0;
  const auto type = !opening ? MessageType::info : in_job ? MessageType::fatal : MessageType::warning;
  const auto codes = codes_of(caller);
  const bool none_shared = shared_.devices.empty() && shared_.unreadable.empty();
  if ((job == nullptr || !codes) && none_shared) return true;
  if (job == nullptr)
    return refuse(caller, nullptr, "", reserve::misconfigured_text(0, "(unknown)", kNoName), opening, type);
  if (!codes) {
    return refuse_everybody(caller, *job, "", reserve::misconfigured_text(job->id, "(unknown)", kNoName), opening,
                            type);
  }
  auto verdict = config::judge(shared_, codes->archive, codes->control);
  if (mending_ && std::holds_alternative<config::Misconfigured>(verdict))
    verdict = mending_->judge(codes->archive, codes->control);
  const auto* shared = std::get_if<const SharedDevice*>(&verdict);
  follow(*job, caller.dcr(), shared ? *shared : nullptr);
  if (std::holds_alternative<config::Unshared>(verdict)) {
    job->pass.may_hope(std::chrono::steady_clock::now());
    if (opening) drives_.stop_waiting(job->owner);
    return true;
  }
  if (const auto* wrong = std::get_if<config::Misconfigured>(&verdict)) {
    return refuse_for_good(caller, *job, codes->archive, wrong->reason, opening);
  }
  job->pass.may_hope(std::chrono::steady_clock::now());
  const auto& device = **shared;
  if (const auto volume = opening ? caller.edit_device_codes("%v") : std::nullopt)
    drives_.opens_volume(device, *volume, caller.begins_to_append(codes->archive));
  const auto answer =
      opening ? drives_.verified(device, job->owner, job->id) : drives_.request(device, job->owner, job->id);
  if (!answer.granted) {
    const auto in_vain = gives_in_ && in_job && !opening ? gives_in_(*job, device) : std::nullopt;
    if (in_vain) return refuse(caller, job, device.archive_device, *in_vain, true, MessageType::fatal);
    return refuse(caller, job, device.archive_device, reserve::refusal_text(job->id, device.display(), answer.refusal),
                  answer.news || opening, type);
  }
  job->refused.erase(device.archive_device);
  if (answer.news) log_granted(caller, *job, device, answer);
  return true;
}

// DeviceTryOpen comes from Bacula's loop that looks for a drive, until a device of the job is opened: refused there, the job
// sleeps and asks again.
bool Admission::try_open(Job* job, const Caller& caller) {
  if (job) jobs_.goes_on(job->owner);
  const bool admitted = admit(job, caller, false);
  if (job && !admitted && !job->has_opened) jobs_.refused(job->owner);
  return admitted;
}

bool Admission::open(Job* job, const Caller& caller) {
  if (job) {
    job->has_opened = true;
    jobs_.opened(job->owner);
    jobs_.goes_on(job->owner);
  }
  return admit(job, caller, true);
}

void Admission::conclude(const Job& job, const Caller& caller) {
  jobs_.goes_on(job.owner);
  for (const auto& [device, end] : drives_.concluded(job.owner, job.id)) {
    const bool lost = end.kind == Conclusion::Kind::lost;
    // bacula-sd has printed what was queued for the job before it told us of its end (run_job() in stored/fd_cmds.c): what was queued
    // since comes with the next message, and without one never. Found in the lab: a failed job that did not say why.
    const bool told = lost && jobs_.was_failed(job.owner);
    caller.message(told   ? MessageType::info
                   : lost ? MessageType::fatal
                          : MessageType::warning,
                   reserve::conclusion_text(device->display(), end.why, lost));
  }
  drives_.end(job.owner);
}

}  // namespace shstore::plugin
