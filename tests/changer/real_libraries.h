// A library whose answers are changed as real ones differ: for the tests after public bug reports and vendors' manuals, of which
// docs/libraries.md has the list.
#pragma once

#include <algorithm>

#include "scsi/medium_changer.h"
#include "simulated.h"

namespace shstore::changer::program {

inline scsi::Result<scsi::Reply> sense_reply(scsi::SenseKey key, int code) {
  return scsi::Reply{scsi::Status::check_condition,
                     scsi::encode_sense({key, static_cast<uint8_t>(code >> 8), static_cast<uint8_t>(code)}),
                     {}};
}

struct RealLibraries : testing::Test {
  SimulatedLibrary library;
  Host cibou{library, "cibou", kCibouKey, {"sg0", "sg1", "sg2"}};

  // Past all intercepts: dir's way to the same robot.
  std::vector<scsi::Element> elements(scsi::ElementType type) {
    auto transport = library.open(library.folder() + "/sg6");
    scsi::LogicalUnit unit(**transport);
    const auto status = scsi::MediumChanger(unit).read_element_status();
    switch (type) {
      case scsi::ElementType::medium_transport: return status->medium_transport;
      case scsi::ElementType::data_transfer: return status->data_transfer;
      default: return status->storage;
    }
  }
  // The robot answers READ ELEMENT STATUS of that type by `answer`; nothing: as it is.
  using Answer = std::function<std::optional<scsi::Result<scsi::Reply>>(const scsi::ElementStatusRequest&)>;
  void answer(scsi::ElementType type, Answer how) {
    library.intercepts[cibou.robot()] =
        [type, how](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
      if (command.cdb[0] != scsi::kReadElementStatus) return std::nullopt;
      const auto request = scsi::decode_cdb_read_element_status(command.cdb);
      return request.type == type ? how(request) : std::nullopt;
    };
  }
  static scsi::Reply good(scsi::Bytes data) { return {scsi::Status::good, {}, std::move(data)}; }
  void change(scsi::ElementType type, std::function<void(std::vector<scsi::Element>&)> how) {
    answer(type, [this, type, how](const scsi::ElementStatusRequest& request) {
      auto all = elements(type);
      how(all);
      return scsi::Result<scsi::Reply>(good(scsi::encode_element_status(all, request)));
    });
  }
  size_t moves() const { return count(cibou.robot(), scsi::kMoveMedium); }
  size_t count(const std::string& path, uint8_t opcode) const {
    const auto found = library.sent.find(path);
    if (found == library.sent.end()) return 0;
    return static_cast<size_t>(
        std::count_if(found->second.begin(), found->second.end(), [&](const auto& cdb) { return cdb[0] == opcode; }));
  }
  // The first `times` moves end so.
  void refuse_move(scsi::SenseKey key, int code, int times = 1) {
    library.intercepts[cibou.robot()] =
        [=](const scsi::Command& command) mutable -> std::optional<scsi::Result<scsi::Reply>> {
      if (command.cdb[0] != scsi::kMoveMedium || times-- <= 0) return std::nullopt;
      return sense_reply(key, code);
    };
  }
};

}  // namespace shstore::changer::program
