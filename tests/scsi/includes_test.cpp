// The room's own rule: codecs do no I/O, and one file alone knows the kernel's SG_IO.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

bool includes(const std::filesystem::path& file, const std::string& header) {
  const auto text = content(file);
  return text.find("#include <" + header + ">") != std::string::npos ||
         text.find("#include \"" + header + "\"") != std::string::npos;
}

const std::filesystem::path kRoom = std::filesystem::path(SHSTORE_ROOT) / "scsi";

TEST(Includes, CodecsDoNoInputOrOutput) {
  const char* const kForbidden[] = {"sys/ioctl.h", "fcntl.h",   "unistd.h", "sys/socket.h",
                                    "poll.h",      "scsi/sg.h", "fstream",  "iostream"};
  const char* const kPure[] = {
      "bytes.h",
      "bytes.cpp",
      "sense.h",
      "sense.cpp",
      "inquiry.h",
      "inquiry.cpp",
      "transport_id.h",
      "transport_id.cpp",
      "persistent_reserve.h",
      "persistent_reserve.cpp",
      "medium_changer.h",
      "medium_changer.cpp",
      "changer_unit.h",
      "changer_unit.cpp",
      "tape_unit.h",
      "tape_unit.cpp",
      "wire.h",
      "wire.cpp",
      "report.h",
      "report.cpp",
      "drive_lock.h",
      "drive_lock.cpp",
      "logical_unit.h",
      "logical_unit.cpp",
      "target/reservations.h",
      "target/reservations.cpp",
      "target/command_table.h",
      "target/command_table.cpp",
      "target/device_model.h",
      "target/library.h",
      "target/library.cpp",
      "target/tape_drive.cpp",
      "target/robot.cpp",
      "target/replies.h",
      "target/replies.cpp",
      "target/library_state.h",
      "target/library_state.cpp",
      "target/logical_unit_server.h",
      "target/logical_unit_server.cpp",
      "target/target.h",
      "target/target.cpp",
  };
  for (const char* file : kPure) {
    for (const char* header : kForbidden) EXPECT_FALSE(includes(kRoom / file, header)) << file << " " << header;
  }
}

TEST(Includes, OneFileKnowsSgIo) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kRoom)) {
    const auto extension = entry.path().extension();
    if (extension != ".h" && extension != ".cpp") continue;
    if (includes(entry.path(), "scsi/sg.h")) found.push_back(entry.path().filename().string());
  }
  EXPECT_EQ(found, std::vector<std::string>{"sg_transport.cpp"});
}

}  // namespace
