#include "status/page/html.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "status/page/html_day.h"
#include "status/page/html_style.h"
#include "status/page/html_text.h"
#include "status/lock_lines.h"
#include "reserve/record/times.h"

namespace shstore::status {
namespace {

constexpr size_t kMany = 12;  // drives: then the cards are small

std::string count(size_t n, const std::string& one, const std::string& several) {
  return fmt::format("{} {}", n, n == 1 ? one : several);
}

size_t held(const Page& page) {
  return static_cast<size_t>(std::count_if(page.drives.begin(), page.drives.end(),
                                           [](const auto& d) { return d.hold == PageDrive::Hold::held; }));
}

std::string verdict(const Page& page) {
  const auto critical = std::any_of(page.problems.begin(), page.problems.end(),
                                    [](const auto& p) { return p.severity == Severity::critical; });
  const auto words =
      page.problems.empty() ? std::string("No problems") : count(page.problems.size(), "problem", "problems");
  const auto waits = page.waits.empty() ? "no job waits" : count(page.waits.size(), "job waits", "jobs wait");
  return fmt::format("<p class=\"verdict {}\" role=\"status\">{}<span class=\"rest\">{} of {} held, {}.</span></p>\n",
                     page.problems.empty() ? "good"
                     : critical            ? "bad"
                                           : "warn",
                     words, held(page), count(page.drives.size(), "drive", "drives"), waits);
}

std::string problems_section(const Page& page) {
  if (page.problems.empty()) return {};
  std::string text = "<section aria-label=\"Problems\"><ul class=\"problems\">\n";
  for (const auto& p : page.problems) {
    text += fmt::format("<li class=\"{}\"><p class=\"what\">{} <span class=\"where\">· {}</span></p>",
                        p.severity == Severity::critical ? "crit" : "other", escaped(p.what), escaped(p.where));
    for (const auto& sentence : p.text) text += fmt::format("<p>{}</p>", escaped(sentence));
    text += "</li>\n";
  }
  return text + "</ul></section>\n";
}

std::string who(const Page& page, const PageDrive& drive) {
  switch (drive.hold) {
    case PageDrive::Hold::free: return "free";
    case PageDrive::Hold::unknown: return "not known";
    case PageDrive::Hold::held: break;
  }
  return host_chip(*drive.host) + escaped(page.hosts[*drive.host].name);
}

std::string since_and_jobs(const Page& page, const PageDrive& drive) {
  std::vector<std::string> parts;
  if (drive.since && *drive.since <= page.from) {
    parts.push_back("for " + escaped(record::age_text(page.taken - *drive.since)) + " or more");
  } else if (drive.since) {
    parts.push_back(fmt::format("since {}, {}", moment_markup(*drive.since, page.taken),
                                record::age_text(page.taken - *drive.since)));
  }
  if (!drive.jobs.empty()) parts.push_back(fmt::format("JobId\u00a0{}", fmt::join(drive.jobs, ",\u00a0")));
  if (!drive.remark.empty()) parts.push_back(escaped(drive.remark));
  if (parts.empty()) return {};
  return fmt::format("<p class=\"num\">{}</p>", fmt::join(parts, " · "));
}

std::string waits_for(const Page& page, const PageDrive& drive) {
  std::string text;
  for (const auto& wait : page.waits) {
    const auto& sd = page.sources[wait.sd].snapshot;
    const bool here = std::any_of(drive.seen_by.begin(), drive.seen_by.end(), [&](const auto& seen) {
      if (seen.sd != wait.sd) return false;
      const auto display = sd.devices[seen.device].display();
      return std::find(wait.drives.begin(), wait.drives.end(), display) != wait.drives.end();
    });
    if (!here) continue;
    text += fmt::format("<p class=\"wait\">JobId {} of {} waits, {}</p>", wait.job, escaped(sd.sd_name),
                        record::age_text(page.taken - wait.since));
  }
  return text;
}

std::string identity(const Page& page, const PageDrive& drive) {
  std::vector<std::string> seen_by;
  for (const auto& seen : drive.seen_by) {
    const auto& sd = page.sources[seen.sd].snapshot;
    seen_by.push_back(sd.sd_name + ' ' + sd.devices[seen.device].archive_device);
  }
  const bool all = page.drives.size() <= kMany || drive.identity.empty();  // the hosts' own lists have the places too
  const auto places = all ? escaped(fmt::format("{}", fmt::join(seen_by, " · "))) : std::string{};
  return fmt::format("<p class=\"id\">{}{}{}</p>", escaped(drive.identity),
                     drive.identity.empty() || !all ? "" : "<br/>", places);
}

std::string card(const Page& page, const PageDrive& drive) {
  std::string kind = "free";
  if (drive.hold == PageDrive::Hold::held) kind = "held " + host_class(*drive.host);
  if (drive.hold == PageDrive::Hold::unknown) kind = "notknown";
  std::string pill;
  if (drive.trouble) {
    pill = fmt::format("<span class=\"pill{}\">{}</span>", drive.severity == Severity::critical ? " crit" : "",
                       word(*drive.trouble));
  }
  return fmt::format("<article class=\"drive {}\"><h3><span>{}</span>{}</h3><p class=\"who\">{}</p>{}{}{}</article>\n",
                     kind, escaped(drive.name), pill, who(page, drive), since_and_jobs(page, drive),
                     waits_for(page, drive), identity(page, drive));
}

std::string drives_section(const Page& page) {
  if (page.drives.empty()) return "<section><h2>Drives</h2>\n<p>No Device resource has a Lock Command.</p></section>\n";
  std::vector<std::string> changers;
  for (const auto& drive : page.drives) {
    if (std::find(changers.begin(), changers.end(), drive.autochanger) == changers.end())
      changers.push_back(drive.autochanger);
  }
  std::string text = fmt::format("<section{}><h2>Drives</h2>\n", page.drives.size() > kMany ? " class=\"many\"" : "");
  for (const auto& changer : changers) {
    if (!changer.empty()) text += fmt::format("<p class=\"changer\">Autochanger {}</p>\n", escaped(changer));
    text += "<div class=\"drives\">\n";
    for (const auto& drive : page.drives) {
      if (drive.autochanger == changer) text += card(page, drive);
    }
    text += "</div>\n";
  }
  return text + "</section>\n";
}

std::string waits_section(const Page& page) {
  if (page.waits.empty()) return {};
  std::string text = "<section><h2>Jobs waiting to reserve a drive</h2>\n<ul class=\"waits\">\n";
  for (const auto& wait : page.waits) {
    text += fmt::format("<li><p><b>JobId {}</b> of <b>{}</b> <span class=\"muted\">since {}, {}</span></p>", wait.job,
                        escaped(page.sources[wait.sd].snapshot.sd_name), moment_markup(wait.since, page.taken),
                        record::age_text(page.taken - wait.since));
    for (const auto& reason : wait.for_what) text += fmt::format("<p>for {}</p>", escaped(reason));
    text += "</li>\n";
  }
  return text + "</ul></section>\n";
}

std::string daemon_line(const Page& page, const SdSnapshot& sd) {
  if (!sd.plugin_runs()) {
    std::string what = sd.state_missing ? "does not run or has not loaded the plugin" : "may run or not";
    if (sd.life == Life::ended) what = "does not run";
    if (sd.life == Life::without_plugin) what = "runs without the plugin";
    if (sd.state) what += ", last heard of " + moment_markup(sd.state->updated, page.taken);
    return fmt::format("<p class=\"dead\">{}</p>", what);
  }
  return fmt::format("<p class=\"small\">runs since {} · bacula-sd {} · shstore {}</p>",
                     moment_markup(sd.state->started, page.taken),
                     escaped(sd.state->bacula_version.empty() ? "(unknown version)" : sd.state->bacula_version),
                     escaped(sd.state->plugin_version));
}

std::string host_card(const Page& page, const PageSource& source) {
  const auto& sd = source.snapshot;
  std::vector<std::string> keys;
  for (const auto& d : sd.devices) {
    if (!d.key.empty() && std::find(keys.begin(), keys.end(), d.key) == keys.end()) keys.push_back(d.key);
  }
  std::string chip;
  for (size_t i = 0; i < page.hosts.size() && !keys.empty(); ++i) {
    if (page.hosts[i].key == keys.front()) chip = host_chip(i);
  }
  auto text = fmt::format("<article><h3>{}{} <code style=\"display:inline\">{}</code></h3>{}", chip,
                          escaped(sd.sd_name), escaped(fmt::format("{}", fmt::join(keys, " "))), daemon_line(page, sd));
  for (const auto& note : sd.notes) {
    if (note.starts_with("Limit: ")) text += fmt::format("<p class=\"small\">{}.</p>", escaped(note));
  }
  if (!source.history_error.empty()) {
    text += fmt::format("<p class=\"small\">The last day of this host is not known: {}.</p>",
                        escaped(source.history_error));
  }
  text += "<ul>\n";
  for (const auto& d : sd.devices) {
    const auto control = d.control_device.empty() ? "" : ", control device " + d.control_device;
    text += fmt::format("<li>{}{}<code>{}</code></li>\n", escaped(d.display()), escaped(control),
                        escaped(lock_line(sd, d, true)));
  }
  return text + "</ul></article>\n";
}

std::string hosts_section(const Page& page) {
  std::string text = "<section><h2>Hosts</h2>\n<div class=\"hosts\">\n";
  for (const auto& source : page.sources) text += host_card(page, source);
  return text + "</div></section>\n";
}

std::string title(const Page& page) {
  std::vector<std::string> names;
  for (const auto& source : page.sources) names.push_back(source.snapshot.sd_name);
  if (names.empty()) return "Shared drives";
  return escaped(fmt::format("Shared drives of {}", fmt::join(names, ", ")));
}

// What a script may do on the page stands in a header, too, which counts the same.
std::string head(const Page& page, PageKind kind) {
  const std::string policy =
      kind == PageKind::live ? "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'"
                             : "default-src 'none'; style-src 'unsafe-inline'";
  return "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n<meta charset=\"utf-8\"/>\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"" +
         policy + "\"/>\n<title>" + title(page) + "</title>\n<style>" + kStyle + "</style>\n" +
         (kind == PageKind::live ? "<script src=\"/live.js\" defer=\"defer\"></script>\n" : "") + "</head>\n";
}

constexpr const char* kFootOfFile =
    "Written by shstore-status --html. All times are UTC. It shows one moment: load it anew after it was written anew.";
constexpr const char* kFootOfLive =
    "Shown by shstore-status --serve, from what the plugins of this host have written down; no drive is asked. "
    "<span id=\"zone\">Times are UTC.</span>";
// What the script owns: outside of what is made anew.
constexpr const char* kLiveTools =
    "<div class=\"live\"><p id=\"alarm\" role=\"alert\"></p><button id=\"pause\" type=\"button\" hidden=\"hidden\">Pause"
    "</button></div>\n";

}  // namespace

std::string to_html(const Page& page, PageKind kind) {
  const bool live = kind == PageKind::live;
  const auto moment =
      fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::gmtime(std::chrono::system_clock::to_time_t(page.taken)));
  return head(page, kind) + "<body>\n" + day_patterns() + (live ? kLiveTools : "") + "<main>\n<header><h1>" +
         title(page) +
         fmt::format("</h1><p class=\"muted\">as of <time datetime=\"{}\">{} UTC</time></p></header>\n",
                     record::time_text(page.taken), moment) +
         verdict(page) + problems_section(page) + drives_section(page) + waits_section(page) + day_section(page) +
         hosts_section(page) + "<footer class=\"small\">" + (live ? kFootOfLive : kFootOfFile) +
         "</footer>\n</main>\n</body>\n</html>\n";
}

}  // namespace shstore::status
