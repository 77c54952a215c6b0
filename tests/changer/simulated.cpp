#include "simulated.h"

#include <fmt/format.h>
#include <unistd.h>

#include "scsi/drive_lock.h"

namespace shstore::changer::program {

class PathTransport final : public scsi::Transport {
 public:
  PathTransport(SimulatedLibrary& library, const scsi::target::Endpoint& endpoint, std::string path, bool intercepted)
      : library_(library), endpoint_(endpoint), path_(std::move(path)), intercepted_(intercepted) {}
  scsi::Result<scsi::Reply> execute(const scsi::Command& command) override {
    if (intercepted_) {
      library_.sent[path_].push_back(command.cdb);
      const auto found = library_.intercepts.find(path_);
      if (found != library_.intercepts.end()) {
        if (auto instead = found->second(command)) return std::move(*instead);
      }
    }
    return library_.target_->execute(endpoint_, command);
  }
  const std::string& path() const override { return path_; }

 private:
  SimulatedLibrary& library_;
  const scsi::target::Endpoint& endpoint_;
  std::string path_;
  bool intercepted_;
};

namespace {

class OneFile final : public config::FileReader {
 public:
  explicit OneFile(std::string text) : text_(std::move(text)) {}
  tl::expected<std::string, std::string> read(const std::string&) override { return text_; }

 private:
  std::string text_;
};

const scsi::target::Endpoint* endpoint_of(const scsi::target::Target& target, const std::string& path) {
  const auto name = path.substr(path.rfind('/') + 1);
  for (const auto& e : target.endpoints()) {
    if (e.device == name) return &e;
  }
  return nullptr;
}

}  // namespace

SimulatedLibrary::SimulatedLibrary(const std::function<void(scsi::target::San&)>& change) {
  auto san = scsi::target::load_san(SHSTORE_ROOT "/samples/library.json");
  EXPECT_TRUE(san) << san.error().message;
  san->changers.front().media_folder.clear();
  if (change) change(*san);
  target_ = std::make_unique<scsi::target::Target>(std::move(*san));
  auto pattern = (std::filesystem::temp_directory_path() / "changer-test.XXXXXX").string();
  folder_ = ::mkdtemp(pattern.data());
}

SimulatedLibrary::~SimulatedLibrary() { std::filesystem::remove_all(folder_); }

scsi::Result<std::unique_ptr<scsi::Transport>> SimulatedLibrary::open(const std::string& path) {
  const auto* endpoint = endpoint_of(*target_, path);
  if (endpoint == nullptr) return scsi::fail(scsi::Error::Kind::device, path + ": No such file or directory");
  return std::make_unique<PathTransport>(*this, *endpoint, path, true);
}

scsi::LockState SimulatedLibrary::lock_state(const std::string& path) {
  PathTransport transport(*this, *endpoint_of(*target_, path), path, false);
  scsi::LogicalUnit unit(transport);
  return scsi::DriveLock(unit, {}).read().value();
}

void SimulatedLibrary::lock(const std::string& path, scsi::ReservationKey key, scsi::PrType type) {
  PathTransport transport(*this, *endpoint_of(*target_, path), path, false);
  scsi::LogicalUnit unit(transport);
  const auto attempt = scsi::DriveLock(unit, key, {}, type).try_lock();
  EXPECT_TRUE(attempt && attempt->held);
}

void SimulatedLibrary::register_key(const std::string& path, scsi::ReservationKey key) {
  PathTransport transport(*this, *endpoint_of(*target_, path), path, false);
  scsi::LogicalUnit unit(transport);
  EXPECT_TRUE(scsi::DriveLock(unit, key).register_key());
}

void SimulatedLibrary::unlock(const std::string& path, scsi::ReservationKey key, scsi::PrType type) {
  PathTransport transport(*this, *endpoint_of(*target_, path), path, false);
  scsi::LogicalUnit unit(transport);
  scsi::DriveLock lock(unit, key, {}, type);
  EXPECT_TRUE(lock.unlock());
  EXPECT_TRUE(lock.unregister());
}

void SimulatedLibrary::move(uint16_t from, uint16_t to) {
  PathTransport transport(*this, *endpoint_of(*target_, "sg2"), "sg2", false);
  scsi::LogicalUnit unit(transport);
  const auto moved = scsi::MediumChanger(unit).move_medium({0, from, to});
  EXPECT_TRUE(moved && moved->result == scsi::MoveResult::done);
}

Host::Host(SimulatedLibrary& library, const std::string& name, scsi::ReservationKey key, std::vector<std::string> sg)
    : library_(library), name_(name), key_(key), sg_(std::move(sg)) {
  settings.sd = name + "/bacula-sd.conf";
  for (size_t i = 0; i < 2; ++i) {
    devices += fmt::format(
        "Device {{ Name = Drive-{0}; Media Type = LTO; Archive Device = /tapes/nst{0}; Autochanger = yes\n"
        "Drive Index = {0}; Control Device = {1}; Lock Command = \"/scripts/storage-ctl %l %o\" }}\n",
        i, control(i));
  }
}

int Host::operator()(const std::string& command, const std::string& slot, const std::string& archive,
                     const std::string& drive, const std::string& second) {
  std::ostringstream printed, noted;
  OneFile reader(
      fmt::format("Storage {{ Name = {0}-sd; Working Directory = {3}; Pid Directory = /tmp }}\n"
                  "Director {{ Name = d; Password = x }}\nMessages {{ Name = m; director = d = all }}\n"
                  "Autochanger {{ Name = A; Device = Drive-0, Drive-1; Changer Device = {1}; Changer Command = x }}\n"
                  "{2}",
                  name_, robot(), devices, library_.folder()));
  auto now = std::chrono::steady_clock::time_point{};
  const auto sleep = [&](std::chrono::milliseconds t) {
    now += t;
    slept += t;
    if (asleep) asleep();
  };
  Context c{.arguments = {robot(), command, slot, archive, drive, second, caller},
            .json = json,
            .salt = library_.folder() + "/salt",
            .settings = settings,
            .sd = config::load_sd_config(settings.sd, reader),
            .own_key = key_,
            .open = [this](const std::string& path) { return library_.open(path); },
            .key_text = [](scsi::ReservationKey key) { return scsi::to_text(key); },
            .job_holds_lock = [this](const config::SharedDevice&) { return job_holds_lock(); },
            .prove = [this](const config::SharedDevice&) { return prove(); },
            .daemon_use = [this](const config::SharedDevice&) { return use; },
            .other_users = [this](const std::string&, pid_t) { return users; },
            .drive_wish = [this](const config::SharedDevice&) { return wish; },
            .out = printed,
            .err = noted,
            .waiting = {[&] { return now; }, sleep, stop,
                        [&](std::chrono::milliseconds t) {
                          now += t, paused += t;
                          if (in_pause) in_pause();
                        }}};
  c.shared = config::shared_devices(c.sd, [this](const std::string&) -> scsi::Result<scsi::StorageCtlConf> {
    scsi::StorageCtlConf conf;
    conf.key = key_;
    return conf;
  });
  const auto* row = find_command(command);
  const auto status = row->run(c);
  if (!status) noted << "shstore-changer: " << status.error().message << '\n';
  out = printed.str();
  err = noted.str();
  return status ? *status : static_cast<int>(status.error().status);
}

int Host::move(const std::string& command, int slot, int drive) {
  return (*this)(command, std::to_string(slot), fmt::format("/tapes/nst{}", drive), std::to_string(drive));
}

std::string Host::loaded(int drive) {
  EXPECT_EQ((*this)("loaded", "0", fmt::format("/tapes/nst{}", drive), std::to_string(drive)), 0) << err;
  return out;
}

}  // namespace shstore::changer::program
