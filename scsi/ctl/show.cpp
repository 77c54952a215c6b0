// The commands that only read.
#include <fmt/format.h>

#include <ostream>

#include "scsi/ctl/commands.h"
#include "scsi/ctl/json.h"
#include "scsi/diagnosis.h"
#include "scsi/report.h"

namespace shstore::scsi::ctl {
namespace {

// Old drives know READ KEYS and READ RESERVATION only, and others answer what cannot be read: their initiators stay unknown.
Result<std::optional<FullStatus>> full_status_if_readable(Context& c) {
  auto status = c.unit->read_full_status();
  if (status) return std::optional(std::move(*status));
  if (status.error().kind == Error::Kind::unsupported) return std::nullopt;
  if (status.error().kind == Error::Kind::protocol) {
    c.err << status.error().message << ": the initiators are not known\n";
    return std::nullopt;
  }
  return tl::make_unexpected(status.error());
}

}  // namespace

int query(Context& c) {
  const auto inquiry = c.unit->inquiry();
  if (!inquiry) return error(c, inquiry.error());
  const auto status = full_status_if_readable(c);
  if (!status) return error(c, status.error());
  const auto state = c.lock().read();
  if (*status) {
    c.out << (c.options.json ? query_json(c.device, *inquiry, **status) : query_text(*inquiry, **status));
    const auto differ = state ? compare_lists(*state, **status) : std::string{};
    if (!differ.empty()) c.err << fmt::format("{}: {}\n", c.device, differ);
    return done(ExitStatus::ok);
  }
  if (!state) return error(c, state.error());
  c.out << (c.options.json ? query_json(c.device, *inquiry, *state) : query_text(*inquiry, *state));
  return done(ExitStatus::ok);
}

int regkeys(Context& c) {
  const auto keys = c.unit->read_keys();
  if (!keys) return error(c, keys.error());
  if (c.options.json) {
    c.out << regkeys_json(c.device, *keys);
    return done(ExitStatus::ok);
  }
  for (const auto key : keys->keys) c.out << to_text(key) << '\n';
  return done(ExitStatus::ok);
}

int wholocked(Context& c) {
  const auto read = c.unit->read_reservation();
  if (!read) return error(c, read.error());
  if (c.options.json) {
    c.out << wholocked_json(c.device, *read);
  } else if (read->reservation) {
    c.out << to_text(read->reservation->key) << '\n';
  }
  return done(ExitStatus::ok);
}

int capabilities(Context& c) {
  const auto inquiry = c.unit->inquiry();
  if (!inquiry) return error(c, inquiry.error());
  const auto caps = c.unit->report_capabilities();
  if (!caps && caps.error().kind != Error::Kind::unsupported) return error(c, caps.error());
  const auto keys = c.unit->read_keys();
  if (!keys) return error(c, keys.error());
  const auto status = full_status_if_readable(c);
  if (!status) return error(c, status.error());
  const auto known = caps ? std::optional(*caps) : std::nullopt;
  c.out << (c.options.json ? capabilities_json(c.device, known, status->has_value())
                           : capabilities_text(known, status->has_value()));
  return done(ExitStatus::ok);
}

int explain(Context& c) {
  const auto diagnosis = [&] {
    const auto state = c.lock().read();
    if (!state) return diagnose(c.device, state.error());
    const auto status = full_status_if_readable(c);
    if (!status) return diagnose(c.device, status.error());
    return diagnose(c.device, *state, *status, c.conf.key, c.ports);
  }();
  c.out << (c.options.json ? explain_json(c.device, diagnosis) : diagnosis.text + '\n');
  return done(diagnosis.kind == Diagnosis::Case::unknown ? ExitStatus::device : ExitStatus::ok);
}

}  // namespace shstore::scsi::ctl
