#include <algorithm>
#include <bit>

#include "config/directives.h"
#include "config/document.h"
#include "config/letters.h"

namespace shstore::config {
namespace {

/// FNV-1a over what same_name() compares.
uint32_t hash_of(std::string_view name, uint32_t hash = 2166136261U) {
  for (const char c : name) {
    if (c == ' ' || c == '\t') continue;
    hash = (hash ^ static_cast<uint8_t>(lower(c))) * 16777619U;
  }
  return hash;
}

/// At least half of the slots stay free.
std::vector<uint16_t> free_slots(size_t entries) { return std::vector<uint16_t>(std::bit_ceil(entries * 2 + 1)); }

void insert(std::vector<uint16_t>& slots, uint32_t hash, size_t entry) {
  const size_t mask = slots.size() - 1;
  size_t i = hash & mask;
  while (slots[i] != 0) i = (i + 1) & mask;
  slots[i] = static_cast<uint16_t>(entry + 1);
}

/// The entry for which `is_wanted`, or nullptr.
template <class Entries, class Predicate>
auto find_in(const std::vector<uint16_t>& slots, uint32_t hash, const Entries& entries, Predicate is_wanted)
    -> decltype(&entries[0]) {
  const size_t mask = slots.size() - 1;  // their number is a power of two
  for (size_t i = hash & mask; slots[i] != 0; i = (i + 1) & mask) {
    const auto& entry = entries[slots[i] - size_t{1}];
    if (is_wanted(entry)) return &entry;
  }
  return nullptr;
}

}  // namespace

DirectiveTable::DirectiveTable(std::span<const DirectiveInfo> rows, std::span<const std::string_view> types)
    : rows_(rows), types_(types), row_slots_(free_slots(rows.size())), type_slots_(free_slots(types.size())) {
  for (size_t i = 0; i < rows.size(); ++i) insert(row_slots_, hash_of(rows[i].name, hash_of(rows[i].resource)), i);
  for (size_t i = 0; i < types.size(); ++i) {
    ResourceType& type = by_type_.emplace_back();
    type.name = types[i];
    type.hash = hash_of(type.name);
    insert(type_slots_, type.hash, i);
    const auto is_here = [&](const DirectiveInfo& row) { return row.resource == type.name; };
    const auto first = std::find_if(rows.begin(), rows.end(), is_here);
    type.directives = {first, std::find_if_not(first, rows.end(), is_here)};
    for (const DirectiveInfo& row : type.directives) {
      if (row.required || row.required_before > 0) type.required.push_back(&row);
      type.has_one_word_values = type.has_one_word_values || is_one_word(row.type);
    }
  }
}

const ResourceType* DirectiveTable::type(std::string_view written) const {
  return find_in(type_slots_, hash_of(written), by_type_,
                 [&](const ResourceType& candidate) { return same_name(written, candidate.name); });
}

const DirectiveInfo* DirectiveTable::find(const ResourceType& type, std::string_view name) const {
  return find_in(row_slots_, hash_of(name, type.hash), rows_,
                 [&](const DirectiveInfo& row) { return row.resource == type.name && same_name(name, row.name); });
}

const DirectiveInfo* DirectiveTable::find(std::string_view written_type, std::string_view name) const {
  const ResourceType* const found = type(written_type);
  return found ? find(*found, name) : nullptr;
}

std::span<const DirectiveInfo> DirectiveTable::of(std::string_view written) const {
  const ResourceType* const found = type(written);
  return found ? found->directives : std::span<const DirectiveInfo>();
}

std::string_view DirectiveTable::find_type(std::string_view written) const {
  const ResourceType* const found = type(written);
  return found ? found->name : std::string_view();
}

bool may_wrap(ValueType type) {
  switch (type) {
    case ValueType::time:
    case ValueType::size32:
    case ValueType::size64:
    case ValueType::block_size:
    case ValueType::speed:
    case ValueType::address:
    case ValueType::port: return true;
    default: return false;
  }
}

bool is_one_word(ValueType type) { return type == ValueType::address || type == ValueType::port; }

}  // namespace shstore::config
