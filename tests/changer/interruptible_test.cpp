// A signal ends a look at once, and nothing else.
#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <future>
#include <thread>

#include "changer/interruptible.h"
#include "scsi/medium_changer.h"

namespace shstore::changer::program {
namespace {

// Answers a look only when it is let go.
class Slow final : public scsi::Transport {
 public:
  explicit Slow(std::shared_future<void> go) : go_(std::move(go)) {}
  scsi::Result<scsi::Reply> execute(const scsi::Command& command) override {
    if (command.data_in_length == 0) return scsi::Reply{};
    ++asked;
    go_.wait();
    return scsi::Reply{};
  }
  const std::string& path() const override { return path_; }
  static inline std::atomic<int> asked{0};

 private:
  std::shared_future<void> go_;
  std::string path_ = "/dev/sg3";
};

struct Interruptible : testing::Test {
  Interruptible() {
    opened = Slow::asked = 0;
    stop = false;
  }
  ~Interruptible() override { answers.set_value(); }
  scsi::Result<std::unique_ptr<scsi::Transport>> open() {
    const auto slow = [go = go](const std::string&) -> scsi::Result<std::unique_ptr<scsi::Transport>> {
      ++opened;
      return std::make_unique<Slow>(go);
    };
    return interruptible(slow, stop)("/dev/sg3");
  }
  const scsi::Command look{scsi::cdb_read_element_status({}), {}, 8, std::chrono::seconds(60)};
  std::promise<void> answers;
  std::shared_future<void> go = answers.get_future().share();
  // A thread that waits for the device may outlive the test.
  static inline std::atomic<bool> stop{false};
  static inline std::atomic<int> opened{0};
};

TEST_F(Interruptible, ReadingEndsBeforeTheDeviceHasAnsweredAndNothingElseDoes) {
  auto device = open();
  ASSERT_TRUE(device);
  std::thread signal([] {
    while (Slow::asked == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    stop = true;
  });
  const auto read = (*device)->execute(look);
  signal.join();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "/dev/sg3: interrupted while it was read");
  EXPECT_NE(read.error().kind, scsi::Error::Kind::timeout)
      << "of which it is said that the device did not answer for minutes";
  EXPECT_TRUE((*device)->execute({scsi::cdb_move_medium({}), {}, 0, std::chrono::seconds(60)})) << "a move is finished";
  EXPECT_EQ(opened, 2) << "the other command still waits for the first device's answer";
}

// Every thread that is started meanwhile wants more room for its stack than there is.
TEST_F(Interruptible, WithoutAThreadItIsReadAllTheSame) {
  pthread_attr_t before, huge;
  ::pthread_getattr_default_np(&before);
  huge = before;
  constexpr size_t kMoreThanThereIs = size_t{1} << 46;
  ASSERT_EQ(::pthread_attr_setstacksize(&huge, kMoreThanThereIs), 0);
  auto device = open();
  ASSERT_TRUE(device);
  answers.set_value();
  ::pthread_setattr_default_np(&huge);
  const auto read = (*device)->execute(look);
  ::pthread_setattr_default_np(&before);
  answers = {};
  EXPECT_TRUE(read) << read.error().message;
}

}  // namespace
}  // namespace shstore::changer::program
