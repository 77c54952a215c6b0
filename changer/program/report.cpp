// The command report: asks the robot what library_card.h shows. Moves nothing.
#include <ostream>

#include "changer/program/commands.h"
#include "changer/program/library_card.h"

namespace shstore::changer::program {
namespace {

constexpr uint32_t kRoom = 0xffff;

// Every type, with and without what not every library knows; each once, however it ends.
std::vector<scsi::ElementStatusRequest> questions() {
  using scsi::ElementType;
  std::vector<scsi::ElementStatusRequest> all;
  for (const auto type :
       {ElementType::medium_transport, ElementType::storage, ElementType::import_export, ElementType::data_transfer}) {
    all.push_back({.type = type, .device_ids = false, .allocation_length = kRoom});
  }
  all.push_back({.type = ElementType::data_transfer, .device_ids = true, .allocation_length = kRoom});
  all.push_back(
      {.type = ElementType::data_transfer, .volume_tags = false, .device_ids = true, .allocation_length = kRoom});
  return all;
}

Outcome<Answer> ask(scsi::LogicalUnit& robot, const scsi::ElementStatusRequest& request) {
  const auto reply = robot.execute(
      {scsi::cdb_read_element_status(request), {}, request.allocation_length, scsi::kElementStatusDeadline},
      "READ ELEMENT STATUS");
  if (!reply) return tl::make_unexpected(to_failure(reply.error()));
  Answer answer{request};
  answer.conflict = reply->status == scsi::Status::reservation_conflict;
  if (reply->status == scsi::Status::check_condition) answer.refused = scsi::decode_sense(reply->sense);
  if (reply->status == scsi::Status::good) answer.pages = page_headers(reply->data_in);
  return answer;
}

}  // namespace

Outcome<int> report(Context& c) {
  const auto hidden = base::host_anonymizer(c.salt);
  if (!hidden) return fail(ExitStatus::config, hidden.error() + ". --salt names another file");
  auto transport = c.open(c.arguments.changer_device);
  if (!transport) return tl::make_unexpected(to_failure(transport.error()));
  scsi::LogicalUnit unit(**transport, c.waiting.pause);
  const auto inquiry = unit.inquiry();
  if (!inquiry) return tl::make_unexpected(to_failure(inquiry.error()));
  LibraryFacts facts{*inquiry, unit.unit_serial_number().value_or("")};
  if (inquiry->device_type != scsi::kMediumChanger) {
    return fail(ExitStatus::config, c.arguments.changer_device +
                                        " is not a medium changer: \"storage-ctl ... doctor --report\" is for drives");
  }
  scsi::MediumChanger changer(unit);
  if (const auto addresses = changer.element_addresses()) facts.addresses = *addresses;
  for (const auto& question : questions()) {
    auto answer = ask(unit, question);
    if (!answer) return tl::make_unexpected(answer.error());
    facts.answers.push_back(std::move(*answer));
  }
  auto status = changer.read_element_status();
  if (status)
    facts.status = std::move(*status);
  else
    facts.error = status.error().message;
  facts.reservations = unit.read_keys().has_value();
  c.out << library_card(facts, c.arguments.changer_device, *hidden);
  return 0;
}

}  // namespace shstore::changer::program
