// What the tests of the scsi room share: bytes as text, transports that need no device, a small SAN.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "scsi/drive_lock.h"
#include "scsi/target/target.h"
#include "scsi/transport.h"

namespace shstore::scsi {

/// "5e 00 0018" -> bytes; blanks and line ends are ignored.
Bytes hex(std::string_view text);
/// "5e 00 00 18"
std::string to_hex(ByteView bytes);

std::ostream& operator<<(std::ostream& out, const Sense& sense);
std::ostream& operator<<(std::ostream& out, const Error& error);
std::ostream& operator<<(std::ostream& out, const Reply& reply);

/// Plays back recorded replies. A command that is not the next recorded one fails the test, and so does a recording
/// that nobody asked for.
class ScriptedTransport final : public Transport {
 public:
  ~ScriptedTransport() override;

  /// `cdb` and `data_out` in hex.
  void expect(std::string_view cdb, std::string_view data_out, Result<Reply> reply);
  void expect(std::string_view cdb, Result<Reply> reply) { expect(cdb, "", std::move(reply)); }

  Result<Reply> execute(const Command& command) override;
  const std::string& path() const override { return path_; }

  std::vector<uint32_t> room;  ///< data_in_length of each command

 private:
  struct Recording {
    std::string request;
    Result<Reply> reply;
  };
  std::string path_ = "/dev/sg0";
  std::deque<Recording> recordings_;
};

Reply good_reply(std::string_view data = "");
Reply sense_reply(SenseKey key, uint16_t asc_ascq);
Reply status_reply(Status status);

/// Two hosts of the white paper and the one drive that they share, without sockets.
class DirectTransport final : public Transport {
 public:
  DirectTransport(target::Target& target, size_t endpoint)
      : target_(target), endpoint_(endpoint), path_(target.endpoints()[endpoint].device) {}

  /// Something in place of the target's own answer, or nothing to let it answer.
  using Intercept = std::function<std::optional<Result<Reply>>(const Command&)>;
  Intercept intercept;
  std::vector<Bytes> sent;  ///< the CDBs so far

  Result<Reply> execute(const Command& command) override;
  const std::string& path() const override { return path_; }
  size_t count(uint8_t opcode) const;

 private:
  target::Target& target_;
  size_t endpoint_;
  std::string path_;
};

inline constexpr ReservationKey kCibouKey{0xbac001};
inline constexpr ReservationKey kDirKey{0xbac999};

/// One drive; initiators cibou (sg0), dir (sg4) and third (sg7).
target::San white_paper_san();

struct Host {
  Host(target::Target& target, size_t endpoint, ReservationKey key, const std::atomic<bool>* stop = nullptr)
      : transport(target, endpoint),
        unit(
            transport, [](auto) {}, stop),
        lock(unit, key) {}
  DirectTransport transport;
  LogicalUnit unit;
  DriveLock lock;
};

class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string path(const std::string& name = "") const { return (folder_ / name).string(); }
  std::string write(const std::string& name, std::string_view text, unsigned mode = 0640) const;

 private:
  std::filesystem::path folder_;
};

/// The message of an error, or "no error".
template <class T>
std::string message(const Result<T>& result) {
  return result ? "no error" : result.error().message;
}

}  // namespace shstore::scsi
