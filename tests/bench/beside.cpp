// beside RUNS COMMAND... -- COMMAND...: runs two commands in turn, RUNS times each, and prints for each of them the median of
// the processor time it took (user and system, in milliseconds) and of the most memory it had (in kB). Their output is
// dropped. Exit status 1 if one of them could not be run, or ended with another status than 0.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

struct Took {
  std::vector<double> milliseconds;
  std::vector<long> kilobytes;
};

bool run(char** command, Took& took) {
  const pid_t child = ::fork();
  if (child < 0) return false;
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_RDWR);
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO}) ::dup2(nowhere, fd);
    ::execv(command[0], command);
    ::_exit(127);
  }
  int status = 0;
  rusage usage{};
  if (::wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) return false;
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  took.milliseconds.push_back(of(usage.ru_utime) + of(usage.ru_stime));
  took.kilobytes.push_back(usage.ru_maxrss);
  return true;
}

template <class T>
T median(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  char** const first = argv + 2;
  char** const end = argv + argc;
  char** const dashes =
      std::find_if(first, end, [](const char* word) { return word[0] == '-' && word[1] == '-' && word[2] == 0; });
  const int runs = argc > 4 ? std::atoi(argv[1]) : 0;
  if (runs < 1 || dashes == first || end - dashes < 2) return 2;
  *dashes = nullptr;
  Took one, other;
  for (int i = 0; i < runs; ++i) {
    if (run(first, one) && run(dashes + 1, other)) continue;
    std::fprintf(stderr, "beside: a command failed\n");
    return 1;
  }
  for (const Took* took : {&one, &other}) {
    std::printf("%.1f %ld ", median(took->milliseconds), median(took->kilobytes));
  }
  std::printf("\n");
}
