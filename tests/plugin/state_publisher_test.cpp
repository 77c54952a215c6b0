#include "plugin/state_publisher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>

#include "reserve/record/state_file.h"

namespace shstore::plugin {
namespace {

TEST(StatePublisher, WritesTheLatestStateAndCoalescesChanges) {
  std::string folder = "/tmp/shstore-publish-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const auto path = record::state_path(folder, "sd");
  std::atomic<int> counter{0}, collected{0};
  StatePublisher publisher(path, [&] {
    ++collected;
    record::SdState s;
    s.pid = counter;
    return s;
  });
  publisher.start();
  for (counter = 1; counter < 1000; ++counter) publisher.changed();
  publisher.changed();
  const auto latest_is_there = [&] {
    const auto state = record::read_state(path);
    return state && state->pid == 1000;
  };
  for (int i = 0; i < 12000 && !latest_is_there(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_TRUE(latest_is_there());
  EXPECT_LT(collected, 100) << "a thousand changes at once are not a thousand writes";
  EXPECT_TRUE(publisher.stop(std::chrono::seconds(30)));
  std::filesystem::remove_all(folder);
}

TEST(StatePublisher, AFailureIsOverWithTheNextStateThatIsWritten) {
  std::string folder = "/tmp/shstore-publish-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  StatePublisher publisher(record::state_path(folder + "/later", "sd"), [] { return record::SdState{}; });
  EXPECT_EQ(publisher.state_error(), "") << "nothing has been tried";
  EXPECT_FALSE(publisher.write_now());
  EXPECT_NE(publisher.state_error(), "");
  std::filesystem::create_directory(folder + "/later");
  EXPECT_TRUE(publisher.write_now());
  EXPECT_EQ(publisher.state_error(), "");
  std::filesystem::remove_all(folder);
}

TEST(StatePublisher, AFolderThatCannotBeWrittenIsAnError) {
  StatePublisher publisher("/nonexistent/x.json", [] { return record::SdState{}; });
  const auto written = publisher.write_now();
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error(), "cannot write beside /nonexistent/x.json: No such file or directory");
  EXPECT_EQ(publisher.state_error(), written.error());
}

}  // namespace
}  // namespace shstore::plugin
