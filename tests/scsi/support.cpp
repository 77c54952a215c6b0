#include "support.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace shstore::scsi {

Bytes hex(std::string_view text) {
  Bytes bytes;
  std::string digits;
  for (const char c : text) {
    if (c == ' ' || c == '\n') continue;
    digits += c;
    if (digits.size() < 2) continue;
    bytes.push_back(static_cast<uint8_t>(std::stoul(digits, nullptr, 16)));
    digits.clear();
  }
  EXPECT_TRUE(digits.empty()) << text;
  return bytes;
}

std::string to_hex(ByteView bytes) {
  std::string text;
  for (const uint8_t b : bytes) text += fmt::format("{}{:02x}", text.empty() ? "" : " ", b);
  return text;
}

std::ostream& operator<<(std::ostream& out, const Sense& sense) { return out << describe(sense); }
std::ostream& operator<<(std::ostream& out, const Error& error) {
  return out << "[kind " << static_cast<int>(error.kind) << "] " << error.message;
}
std::ostream& operator<<(std::ostream& out, const Reply& reply) {
  return out << describe(reply.status) << " sense " << to_hex(reply.sense) << " data " << to_hex(reply.data_in);
}

namespace {
std::string request_text(ByteView cdb, ByteView data_out) { return to_hex(cdb) + " | " + to_hex(data_out); }
}  // namespace

ScriptedTransport::~ScriptedTransport() {
  for (const auto& unused : recordings_) ADD_FAILURE() << "never asked for: " << unused.request;
}

void ScriptedTransport::expect(std::string_view cdb, std::string_view data_out, Result<Reply> reply) {
  recordings_.push_back({request_text(hex(cdb), hex(data_out)), std::move(reply)});
}

Result<Reply> ScriptedTransport::execute(const Command& command) {
  const auto request = request_text(command.cdb, command.data_out);
  room.push_back(command.data_in_length);
  if (recordings_.empty() || recordings_.front().request != request) {
    ADD_FAILURE() << "unknown request: " << request
                  << "\nrecorded next:   " << (recordings_.empty() ? "nothing" : recordings_.front().request);
    return fail(Error::Kind::device, "unknown request");
  }
  auto reply = std::move(recordings_.front().reply);
  recordings_.pop_front();
  return reply;
}

Reply good_reply(std::string_view data) { return {Status::good, {}, hex(data)}; }
Reply status_reply(Status status) { return {status, {}, {}}; }
Reply sense_reply(SenseKey key, uint16_t asc_ascq) {
  return {Status::check_condition,
          encode_sense({key, static_cast<uint8_t>(asc_ascq >> 8), static_cast<uint8_t>(asc_ascq), false}),
          {}};
}

Result<Reply> DirectTransport::execute(const Command& command) {
  sent.push_back(command.cdb);
  if (intercept) {
    if (auto reply = intercept(command)) return *reply;
  }
  return target_.execute(target_.endpoints()[endpoint_], command);
}

size_t DirectTransport::count(uint8_t opcode) const {
  return static_cast<size_t>(std::count_if(sent.begin(), sent.end(), [&](auto& cdb) { return cdb[0] == opcode; }));
}

target::San white_paper_san() {
  target::San san;
  san.drives.push_back({"drive0", "HP", "Ultrium 4-SCSI", "H61W", "HU10450A01", 0x493});
  san.initiators.push_back({"cibou", 0x2101001b322173ee, 1, {{"sg0", 0}}});
  san.initiators.push_back({"dir", 0x2100001b321f4365, 1, {{"sg4", 0}}});
  san.initiators.push_back({"third", 0x2100001b320000ff, 2, {{"sg7", 0}}});
  return san;
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "shstore-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "mkdtemp " << name;
  folder_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, std::string_view text, unsigned mode) const {
  const auto file = path(name);
  std::ofstream(file, std::ios::binary) << text;
  EXPECT_EQ(::chmod(file.c_str(), mode), 0);
  return file;
}

}  // namespace shstore::scsi
