#include "status/explain_command.h"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <iostream>
#include <iterator>
#include <system_error>

#include "status/explain_job.h"

namespace shstore::status {
namespace {

using Text = tl::expected<std::string, std::string>;

Text read_all(std::istream& in, const std::string& name) {
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return tl::make_unexpected("cannot read " + name);
  return text;
}

Text read_file(const std::string& path) {
  if (path == "-") return read_all(std::cin, "standard input");
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return tl::make_unexpected(
        fmt::format("cannot read {}: {}", path, std::generic_category().message(errno)));
  return read_all(in, path);
}

tl::expected<std::optional<BaculaStatus>, std::string> ask_bacula(const ExplainRequest& request) {
  if (request.bacula_status.empty() && request.bconsole.configuration.empty()) return std::nullopt;
  const auto text = request.bconsole.configuration.empty() ? read_file(request.bacula_status)
                                                           : bacula_status_text(request.bconsole);
  if (!text) return tl::make_unexpected(text.error());
  auto status = parse_bacula_status(*text);
  if (status) return status;
  const auto source =
      request.bconsole.configuration.empty() ? request.bacula_status : std::string("what bconsole printed");
  return tl::make_unexpected(fmt::format(
      "{} holds no status of a Storage Daemon (expected is the output of `status storage=NAME`)", source));
}

}  // namespace

ExplainResult explain(const SdFacts& facts, const ExplainRequest& request) {
  const auto bacula = ask_bacula(request);
  if (!bacula) {
    std::cerr << "shstore-status: " << bacula.error() << '\n';
    return ExplainResult::cannot_ask;
  }
  const auto snapshot = join(facts.config, facts.shared, facts.state, facts.live);
  const SdKnowledge known{facts.config, facts.shared, snapshot, facts.state.alive, *bacula};
  auto explanation = explain_job(known, request.job, request.hints);
  if (*bacula && !(*bacula)->sd_name.empty() && (*bacula)->sd_name != facts.shared.sd_name) {
    explanation.unknown.push_back(
        fmt::format("The status is of {}, and the configuration of {}: they do not belong together",
                    (*bacula)->sd_name, facts.shared.sd_name));
  }
  std::cout << (request.json ? to_json(explanation) : to_text(explanation));
  return explanation.state == JobExplanation::State::unknown ? ExplainResult::unknown_job
                                                             : ExplainResult::explained;
}

}  // namespace shstore::status
