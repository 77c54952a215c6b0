#include "status/inventory/identify.h"

#include <fmt/format.h>

#include "scsi/changer_unit.h"
#include "scsi/logical_unit.h"
#include "status/look/ask_all.h"

namespace shstore::status::inventory {
namespace {

using std::chrono::milliseconds;

void add_library(scsi::LogicalUnit& unit, milliseconds deadline, Answer& answer) {
  const auto status = scsi::MediumChanger(unit).read_element_status(deadline);
  if (!status) {
    answer.problems.push_back(status.error().message);
    return;
  }
  if (!status->device_ids) {
    answer.notes.push_back(unit.path() + " does not tell which drive is at which of its elements");
  }
  answer.identity.library = changer::to_library(*status);
}

// Not every device has the two pages.
void add_pages(scsi::LogicalUnit& unit, Answer& answer) {
  const auto problem = [&](const scsi::Error& error) {
    if (error.kind != scsi::Error::Kind::unsupported) answer.problems.push_back(error.message);
  };
  auto serial = unit.unit_serial_number();
  serial ? void(answer.identity.serial = std::move(*serial)) : problem(serial.error());
  auto designators = unit.device_identification();
  designators ? void(answer.identity.designators = std::move(*designators)) : problem(designators.error());
}

Answer ask(const std::string& path, milliseconds deadline, const Open& open) {
  Answer answer;
  const auto transport = open(path);
  if (!transport) {
    answer.problems.push_back(transport.error().message);
    return answer;
  }
  scsi::LogicalUnit unit(**transport);
  const auto inquiry = unit.inquiry();
  if (!inquiry) {
    answer.problems.push_back(inquiry.error().message);
    return answer;
  }
  auto& identity = answer.identity;
  identity.type = inquiry->device_type;
  identity.vendor = inquiry->vendor;
  identity.product = inquiry->product;
  identity.revision = inquiry->revision;
  add_pages(unit, answer);
  if (identity.type == scsi::kMediumChanger) add_library(unit, deadline, answer);
  return answer;
}

}  // namespace

std::vector<Answer> identify(const std::vector<std::string>& paths, milliseconds deadline, const Open& open,
                             const std::function<void(size_t answered)>& progress) {
  // A robot that takes its time must not cost what it has told already.
  const auto time_for_elements = deadline * 5 / 6;
  const auto ask_one = [paths, time_for_elements, open](size_t i) -> Answer {
    try {
      return ask(paths[i], time_for_elements, open);
    } catch (const std::exception& e) {
      return {{}, {paths[i] + ": " + e.what()}, {}};
    }
  };
  auto answers = ask_all<Answer>(paths.size(), deadline, ask_one, progress);
  std::vector<Answer> all;
  for (size_t i = 0; i < paths.size(); ++i) {
    if (!answers[i]) {
      const auto seconds = std::chrono::duration<double>(deadline).count();
      answers[i] = Answer{{}, {fmt::format("{} does not answer (not within {:g} s)", paths[i], seconds)}, {}};
    }
    all.push_back(std::move(*answers[i]));
  }
  return all;
}

}  // namespace shstore::status::inventory
