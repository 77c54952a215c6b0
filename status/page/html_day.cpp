#include "status/page/html_day.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "status/page/html_text.h"
#include "reserve/record/times.h"

namespace shstore::status {
namespace {

constexpr int kBarHeight = 24;
constexpr size_t kColours = 8;
constexpr size_t kRowsWithOneAxis = 10;
// A picture is about so wide, in pixels, on a desktop and on a telephone; a stretch bears its name where there is room.
constexpr double kDesktop = 960, kTelephone = 310;
constexpr double kLetter = 7.8, kAroundName = 14;
constexpr double kRoomOnTelephone = 0.88;  // for an hour beside "now"
constexpr double kSmallest = 0.0015;       // still to be seen

/// The part of the day that has passed, 0 to 1.
class Scale {
 public:
  explicit Scale(const Page& page) : from_(page.from), length_(page.taken - page.from) {}
  double at(record::WallTime t) const {
    return static_cast<double>((t - from_).count()) / static_cast<double>(length_.count());
  }
  static std::string percent(double part) { return fmt::format("{:.3f}%", 100 * part); }

 private:
  record::WallTime from_;
  std::chrono::seconds length_;
};

// Hosts are told apart without their colours too.
std::string pattern_class(size_t host) {
  constexpr const char* kPatterns[] = {"", "lines", "dots", "grid"};
  return kPatterns[(host + host / kColours) % 4];
}

std::string filled(size_t host, const std::string& size) {
  const auto pattern = pattern_class(host);
  auto text = fmt::format("<rect class=\"ink\" {}/>", size);
  if (!pattern.empty()) text += fmt::format("<rect class=\"{}\" {}/>", pattern, size);
  return text;
}

/// Neighbours that a picture cannot show apart, as one.
struct Block {
  Stretch stretch;
  size_t host = 0;
  size_t locks = 1;
};

std::vector<Block> blocks_of(const Page& page, const PageDrive& drive) {
  const auto unseen = (page.taken - page.from) / 1440;
  std::vector<Block> blocks;
  for (size_t i = 0; i < drive.day.stretches.size(); ++i) {
    const auto& next = drive.day.stretches[i];
    if (!blocks.empty()) {
      auto& [last, host, locks] = blocks.back();
      const bool same = host == drive.stretch_hosts[i] && last.kind == next.kind && !last.lost;
      if (same && next.from - last.until < unseen) {
        locks += last.until == next.from ? 0 : 1;
        last.until = next.until;
        last.lost = next.lost;
        for (const auto job : next.jobs) {
          if (std::find(last.jobs.begin(), last.jobs.end(), job) == last.jobs.end()) last.jobs.push_back(job);
        }
        continue;
      }
    }
    blocks.push_back({next, drive.stretch_hosts[i]});
  }
  return blocks;
}

std::string span_text(const Page& page, record::WallTime from, record::WallTime until) {
  const auto begin = from <= page.from ? "before " + moment_text(from, page.taken) : moment_text(from, page.taken);
  const auto end = until >= page.taken ? "now" : moment_text(until, page.taken);
  return fmt::format("{} to {} ({})", begin, end, record::age_text(until - from));
}

std::string jobs_text(const std::vector<uint32_t>& jobs) {
  constexpr size_t kListed = 12;
  if (jobs.empty()) return {};
  const auto shown = std::span(jobs).first(std::min(jobs.size(), kListed));
  return fmt::format("; JobId {}{}", fmt::join(shown, ", "), jobs.size() > kListed ? ", ..." : "");
}

std::string title_of(const Page& page, const Block& block) {
  const auto& s = block.stretch;
  const auto when = span_text(page, s.from, s.until);
  if (s.kind == Stretch::Kind::unknown) {
    if (block.host == page.hosts.size()) return "not known, " + when + ": no daemon ran that could tell";
    return fmt::format("not known, {}: {} held the lock when it was last heard of", when, page.hosts[block.host].name);
  }
  // A line of the history that was torn, or written by somebody else, may lack the key.
  const bool nobody = block.host == page.hosts.size();
  std::string text = (nobody ? std::string("a host whose key is not known") : page.hosts[block.host].name) + ", " +
                     when + jobs_text(s.jobs);
  if (block.locks > 1) text += fmt::format("; {} locks", block.locks);
  if (!s.daemon) text += "; as another host saw it";
  if (s.lost) text += "; then the lock was LOST";
  return text;
}

std::string title_of_wait(const Page& page, const PageDrive& drive, const Wait& wait) {
  const auto& sd = page.sources[drive.seen_by[wait.daemon].sd].snapshot;
  auto text = fmt::format("JobId {} of {} waited {}", wait.job, sd.sd_name, span_text(page, wait.from, wait.until));
  if (!wait.key.empty()) text += " for " + named(wait.key, sd.names);
  return text;
}

// A title holds no markup: a script finds the moments beside it.
std::string title_markup(record::WallTime from, record::WallTime until, const std::string& text) {
  return fmt::format("<title data-from=\"{}\" data-until=\"{}\">{}</title>", record::time_text(from),
                     record::time_text(until), escaped(text));
}

std::string block_picture(const Page& page, const Block& block, const Scale& scale) {
  const auto& s = block.stretch;
  const double x = scale.at(s.from), width = std::max(scale.at(s.until) - x, kSmallest);
  const bool unknown = s.kind == Stretch::Kind::unknown;
  const bool nobody = block.host == page.hosts.size();
  std::string inside = title_markup(s.from, s.until, title_of(page, block));
  inside += unknown || nobody ? "<rect class=\"unknown\" width=\"100%\" height=\"100%\"/>"
                              : filled(block.host, "width=\"100%\" height=\"100%\"");
  if (!nobody && !unknown) {
    const auto& name = page.hosts[block.host].name;
    const double room = static_cast<double>(name.size()) * kLetter + kAroundName;
    if (width * kDesktop >= room) {
      inside += fmt::format("<text x=\"6\" y=\"16\"{}>{}</text>", width * kTelephone < room ? " class=\"narrow\"" : "",
                            escaped(name));
    }
  }
  if (s.lost)
    inside += "<svg x=\"100%\" overflow=\"visible\"><rect class=\"lost\" x=\"-5\" width=\"5\" height=\"24\"/></svg>";
  return fmt::format("<svg class=\"{}\" x=\"{}\" width=\"{}\" height=\"{}\">{}</svg>",
                     nobody ? "nobody" : host_class(block.host), Scale::percent(x), Scale::percent(width), kBarHeight,
                     inside);
}

std::string wait_picture(const Page& page, const PageDrive& drive, const Wait& wait, const Scale& scale) {
  const double x = scale.at(wait.from), width = std::max(scale.at(wait.until) - x, kSmallest);
  return fmt::format("<rect class=\"waiting\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"4\">{}</rect>", Scale::percent(x),
                     kBarHeight, Scale::percent(width),
                     title_markup(wait.from, wait.until, title_of_wait(page, drive, wait)));
}

std::vector<record::WallTime> hours(const Page& page) {
  std::vector<record::WallTime> all;
  for (auto t = std::chrono::ceil<std::chrono::hours>(page.from); t <= page.taken; t += std::chrono::hours(1))
    all.push_back(t);
  return all;
}

int64_t hour_of_day(record::WallTime t) {
  return std::chrono::duration_cast<std::chrono::hours>(t.time_since_epoch()).count() % 24;
}

std::string axis(const Page& page, const Scale& scale) {
  std::string text;
  for (const auto t : hours(page)) {
    const auto hour = hour_of_day(t);
    const double x = scale.at(t);
    if (hour % 3 != 0 || x > 0.95 || x < 0.015) continue;  // at the end stands "now"
    text += fmt::format("<text x=\"{}\" y=\"11\" data-at=\"{}\"{}>{:02}:00</text>", Scale::percent(x),
                        record::time_text(t), hour % 6 != 0 || x > kRoomOnTelephone ? " class=\"three\"" : "", hour);
  }
  text += "<text x=\"100%\" y=\"11\">now</text>";
  return fmt::format(
      "<div class=\"row hours\"><div class=\"label small muted\">UTC</div><svg class=\"axis\" height=\"16\" role=\"presentation\">"
      "{}</svg></div>\n",
      text);
}

std::string ticks(const Page& page, const Scale& scale) {
  std::string text;
  for (const auto t : hours(page)) {
    const auto x = Scale::percent(scale.at(t));
    text += fmt::format("<line class=\"tick{}\" x1=\"{}\" x2=\"{}\" y2=\"{}\"/>", hour_of_day(t) % 6 == 0 ? " six" : "",
                        x, x, kBarHeight);
  }
  return fmt::format(
      "<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\"><defs><symbol id=\"hours\">{}</symbol>"
      "</defs></svg>\n",
      text);
}

std::string row(const Page& page, const PageDrive& drive, const Scale& scale) {
  std::string picture = fmt::format("<rect class=\"track\" width=\"100%\" height=\"{}\"/>", kBarHeight) +
                        fmt::format("<use href=\"#hours\" width=\"100%\" height=\"{}\"/>", kBarHeight);
  for (const auto& block : blocks_of(page, drive)) picture += block_picture(page, block, scale) + '\n';
  for (const auto& wait : drive.day.waits) picture += wait_picture(page, drive, wait, scale) + '\n';
  return fmt::format(
      "<div class=\"row\"><div class=\"label\" title=\"{0}\">{0}</div><svg class=\"bar\" height=\"{1}\" role=\"img\" "
      "aria-label=\"who held {0} in the last day\">{2}</svg></div>\n",
      escaped(drive.name), kBarHeight + 4, picture);
}

std::string legend(const Page& page) {
  std::string text = "<div class=\"legend\">";
  for (size_t i = 0; i < page.hosts.size(); ++i) {
    const auto& host = page.hosts[i];
    text += fmt::format("<span>{}{}", host_chip(i), escaped(host.name));
    if (host.key != host.name && !host.key.empty())
      text += fmt::format(" <code class=\"muted\">{}</code>", escaped(host.key));
    text += "</span>\n";
  }
  const auto entry = [&](const std::string& picture, const std::string& words) {
    text += fmt::format("<span><svg class=\"chip\">{}</svg>{}</span>\n", picture, words);
  };
  entry("<rect class=\"unknown\" width=\"12\" height=\"12\"/>", "not known: no daemon ran that could tell");
  entry("<rect class=\"track\" width=\"12\" height=\"12\"/>", "nobody known to hold it");
  entry("<rect class=\"waiting\" y=\"4\" width=\"12\" height=\"4\"/>", "a job waits");
  entry("<rect class=\"lost\" x=\"4\" width=\"5\" height=\"12\"/>", "lock lost");
  return text + "</div>\n";
}

// The pictures for those who do not see them, or have no mouse to point at them. A script finds the moments beside the text.
std::string in_words(const Page& page) {
  constexpr size_t kListed = 40;  // of each drive, the latest
  struct Line {
    record::WallTime from{}, until{};
    std::string text;
  };
  std::string text = "<details class=\"words\"><summary>The same in words</summary>\n";
  for (const auto& drive : page.drives) {
    std::vector<Line> lines;
    for (const auto& block : blocks_of(page, drive))
      lines.push_back({block.stretch.from, block.stretch.until, title_of(page, block)});
    for (const auto& wait : drive.day.waits) lines.push_back({wait.from, wait.until, title_of_wait(page, drive, wait)});
    std::stable_sort(lines.begin(), lines.end(), [](const auto& x, const auto& y) { return x.from > y.from; });
    text += fmt::format("<h3>{}</h3><ul>", escaped(drive.name));
    if (lines.empty()) text += "<li>nobody is known to have held it</li>";
    for (size_t i = 0; i < std::min(lines.size(), kListed); ++i) {
      text += fmt::format("<li data-from=\"{}\" data-until=\"{}\">{}</li>\n", record::time_text(lines[i].from),
                          record::time_text(lines[i].until), escaped(lines[i].text));
    }
    if (lines.size() > kListed) text += fmt::format("<li>and {} before these</li>", lines.size() - kListed);
    text += "</ul>\n";
  }
  return text + "<p class=\"small\">These times are UTC, the latest first.</p></details>\n";
}

}  // namespace

std::string day_patterns() {
  return R"svg(<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>
<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch-line" x1="1" x2="1" y2="6"/></pattern>
<pattern id="lines" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="pat" width="6" height="1.5"/></pattern>
<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse"><circle class="pat" cx="3" cy="3" r="1.1"/></pattern>
<pattern id="grid" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="pat" width="1.5" height="6"/></pattern>
</defs></svg>
)svg";
}

std::string host_class(size_t host) { return fmt::format("h{}", host % kColours); }

std::string host_chip(size_t host) {
  return fmt::format("<svg class=\"chip {}\" aria-hidden=\"true\">{}</svg>", host_class(host),
                     filled(host, "width=\"12\" height=\"12\" rx=\"2\""));
}

std::string day_section(const Page& page) {
  if (page.drives.empty()) return {};
  const Scale scale(page);
  std::string text = "<section><h2>The last 24 hours</h2>\n<div class=\"day\">\n" + legend(page) + ticks(page, scale) +
                     axis(page, scale);
  for (const auto& drive : page.drives) text += row(page, drive, scale);
  if (page.drives.size() > kRowsWithOneAxis) text += axis(page, scale);
  return text + in_words(page) + "</div></section>\n";
}

}  // namespace shstore::status
