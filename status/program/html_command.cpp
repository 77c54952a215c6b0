// shstore-status --html FILE: the daemons and the last day of their locks as a page.
#include <iostream>
#include <memory>

#include "status/program/command.h"
#include "reserve/record/history_file.h"
#include "status/page/html.h"
#include "status/program/output.h"

namespace shstore::status {
namespace {

PageSource source_of(const SdFacts& facts) {
  PageSource source{facts.snapshot};
  const auto text =
      record::read_history_text(record::history_path(facts.shared.working_directory, facts.shared.sd_name));
  if (text) {
    source.history = record::parse_history(*text);
  } else {
    source.history_error = text.error();
  }
  return source;
}

int write_page(const Request& request, const std::string& path) {
  const auto found = gather_and_complain(request.question);
  const int worst = found.worst;
  std::vector<PageSource> sources;
  for (const auto& facts : found.daemons) sources.push_back(source_of(facts));
  if (sources.empty()) return worst;  // a page that says nothing must not take the place of one that did
  const auto html = to_html(make_page(std::move(sources), found.unreadable));
  if (path == "-") {
    std::cout << html;
    return worst;
  }
  const int written = write_to_file(request, path, html);
  return written == kDone ? worst : written;
}

}  // namespace

Command add_html_command(CLI::App& app) {
  const auto path = std::make_shared<std::string>();
  auto* html = app.add_option("--html", *path,
                              "write a page with the last day of the locks to this file; - for standard output");
  return {html, [path](const Request& request) { return write_page(request, *path); }};
}

}  // namespace shstore::status
