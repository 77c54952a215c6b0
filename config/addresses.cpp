#include "config/addresses.h"

#include <fmt/format.h>

#include <optional>

#include "config/values.h"

namespace shstore::config {
namespace {

/// Bacula reads the inner block word by word, so that `addr = 10.0.0.1 port = 9103` is two directives.
std::vector<Directive> split(const Directive& directive) {
  std::vector<Directive> result{{directive.name, directive.at, {}, {}, {}, true, directive.broken}};
  for (size_t i = 0; i < directive.values.size(); ++i) {
    const Token& word = directive.values[i];
    if (i > 0 && word.separator == '=') {
      result.push_back({word.text, word.at, {}, {}, {}, true, false});
      continue;
    }
    result.back().values.push_back(word);
  }
  return result;
}

class EndpointReader {
 public:
  explicit EndpointReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  std::optional<Endpoint> read(const Directive& entry) {
    const bool is_family =
        same_name(entry.name, "ip") || same_name(entry.name, "ipv4") || same_name(entry.name, "ipv6");
    if (!is_family || entry.block.empty()) {
      complain(entry.at,
               fmt::format("expected ip = {{ ... }}, ipv4 = {{ ... }} or ipv6 = {{ ... }}, found \"{}\"", entry.name));
      return std::nullopt;
    }
    if (!entry.has_equals) complain(entry.at, fmt::format("an = is missing behind \"{}\"", entry.name));
    if (entry.block[0].directives.empty()) complain(entry.at, "this address block is empty");
    for (const Directive& written : entry.block[0].directives) {
      for (const Directive& item : split(written)) read_item(item);
    }
    return endpoint_;
  }

 private:
  void read_item(const Directive& item) {
    if (item.broken) return;
    if (same_name(item.name, "addr")) return take(item, to_host_address(item.values), endpoint_.address);
    if (same_name(item.name, "port")) return take(item, to_port(item.values), endpoint_.port);
    complain(item.at, fmt::format("expected addr or port, found \"{}\"", item.name));
  }

  template <class T, class From>
  void take(const Directive& item, const Parsed<From>& parsed, Value<T>& into) {
    if (!parsed) return complain(item.at, fmt::format("{}: {}", item.name, parsed.error()));
    if (into.given) return complain(item.at, fmt::format("only one {} is allowed here", item.name));
    into = {T(*parsed), Written(item.values[0].at, item.at, item.values[0].length)};
  }

  void complain(const Location& at, std::string message) { diagnostics_.add(Severity::error, at, std::move(message)); }

  Diagnostics& diagnostics_;
  Endpoint endpoint_;
};

}  // namespace

std::vector<Endpoint> read_endpoints(const Directive& directive, Diagnostics& diagnostics) {
  std::vector<Endpoint> result;
  for (const Block& block : directive.block) {
    for (const Directive& entry : block.directives) {
      if (auto endpoint = EndpointReader(diagnostics).read(entry)) result.push_back(std::move(*endpoint));
    }
  }
  if (result.empty()) {
    diagnostics.add(Severity::error, directive.at, fmt::format("{}: the block names no address", directive.name));
  }
  return result;
}

}  // namespace shstore::config
