#include "config/typed_value.h"

#include <fmt/format.h>

#include <type_traits>

namespace shstore::config {
namespace {

constexpr uint32_t kLargestBlock = 20'000'000;  // stored/block.h, MAX_BLOCK_SIZE

template <class T>
Parsed<AnyValue> any(const Parsed<T>& parsed) {
  if (!parsed) return tl::make_unexpected(parsed.error());
  if constexpr (std::is_same_v<T, uint32_t>) {
    return AnyValue(uint64_t{*parsed});
  } else {
    return AnyValue(*parsed);
  }
}

Parsed<uint32_t> to_block_size(Words words) {
  auto size = to_bytes32(words);
  if (size && *size > kLargestBlock) {
    return tl::make_unexpected(fmt::format("{} bytes are more than Bacula's maximum of {}", *size, kLargestBlock));
  }
  return size;
}

/// If both hold a list of T, appends the second to the first.
template <class T>
bool append_list(AnyValue& to, AnyValue& from) {
  auto* const list = std::get_if<std::vector<T>>(&to);
  auto* const more = std::get_if<std::vector<T>>(&from);
  if (!list || !more) return false;
  for (T& item : *more) list->push_back(std::move(item));
  return true;
}

}  // namespace

Parsed<AnyValue> typed(const DirectiveInfo& info, Words words) {
  switch (info.type) {
    case ValueType::name: return any(to_name(words));
    case ValueType::strname:
    case ValueType::reference:
    case ValueType::autochanger: return any(to_strname(words));
    case ValueType::string:
    case ValueType::directory:
    case ValueType::password: return any(to_string(words));
    case ValueType::boolean: return any(to_boolean(words));
    case ValueType::integer: return any(to_integer(words));
    case ValueType::pint32: return any(to_pint32(words));
    case ValueType::time: return any(to_seconds(words));
    case ValueType::size32: return any(to_bytes32(words));
    case ValueType::size64: return any(to_bytes(words));
    case ValueType::block_size: return any(to_block_size(words));
    case ValueType::speed: return any(to_bytes_per_second(words));
    case ValueType::keyword: return any(to_keyword(words, info.keywords));
    case ValueType::reference_list:
    case ValueType::devices: return any(to_list(words, true));
    case ValueType::acl: return any(to_acl(words));
    case ValueType::string_list: return any(to_list(words, false));
    case ValueType::address: return any(to_host_address(words));
    case ValueType::port: return any(to_port(words));
    case ValueType::addresses:
    case ValueType::messages:
    case ValueType::run:
    case ValueType::run_script:
    case ValueType::short_run_script:
    case ValueType::file_set: break;  // not a single value
  }
  return AnyValue();
}

bool only_once(const DirectiveInfo& info) {
  switch (info.type) {
    case ValueType::name:
    case ValueType::string:
    case ValueType::strname:
    case ValueType::directory:
    case ValueType::password:
    case ValueType::reference: return info.name != "Mail Command" && info.name != "Operator Command";
    default: return false;
  }
}

bool has_block(ValueType type) {
  return type == ValueType::addresses || type == ValueType::run_script || type == ValueType::file_set;
}

bool is_quantity(const DirectiveInfo& info) { return may_wrap(info.type) && !is_one_word(info.type); }

uint32_t length_of(const DirectiveInfo& info, const Directive& directive) {
  if (directive.values.empty()) return 0;
  const Token& first = directive.values[0];
  const Token& last = directive.values[is_quantity(info) ? words_of_quantity(directive.values) - 1 : 0];
  const bool is_on_one_line =
      first.at.file == last.at.file && first.at.line == last.at.line && last.text.find('\n') == std::string_view::npos;
  if (!is_on_one_line) return 0;
  if (!last.at.has_column()) return 0;
  return last.at.column + last.length - first.at.column;
}

bool is_list(const AnyValue& value) {
  return !is_unusable(value) && !std::holds_alternative<std::string_view>(value) &&
         !std::holds_alternative<bool>(value) && !std::holds_alternative<uint64_t>(value);
}
bool is_unusable(const AnyValue& value) { return std::holds_alternative<std::monostate>(value); }

bool append(AnyValue& to, AnyValue& from) {
  return append_list<Token>(to, from) || append_list<Endpoint>(to, from) || append_list<ScheduleRun>(to, from) ||
         append_list<RunScript>(to, from) || append_list<FileSetBlock>(to, from);
}

}  // namespace shstore::config
