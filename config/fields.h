// Which member of a struct holds which directive's value.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/directives.h"
#include "config/resource_reader.h"
#include "config/sd_config.h"

namespace shstore::config {

/// The value of `directive` (by the table's spelling) goes to this member of a Resource.
template <class Resource>
struct Field {
  std::string_view directive;
  std::variant<TextValue Resource::*, Value<bool> Resource::*, Value<uint32_t> Resource::*, Value<uint64_t> Resource::*>
      member;
};

/// The fields of one resource type, found by the directive's row. Immutable; made once, used for each resource.
template <class Resource>
class Fields {
 public:
  Fields(std::span<const DirectiveInfo> directives, std::span<const Field<Resource>> fields)
      : directives_(directives), by_row_(directives.size(), nullptr) {
    for (const Field<Resource>& field : fields) {
      for (size_t row = 0; row < directives.size(); ++row) {
        if (directives[row].name == field.directive) by_row_[row] = &field;
      }
    }
  }

  /// Copies every usable value that has a field.
  void copy(const TypedResource& from, Resource& into) const {
    for (const TypedValue& value : from.values) {
      const Field<Resource>* const field = by_row_[static_cast<size_t>(value.info - directives_.data())];
      if (field) std::visit([&](auto member) { value.copy_to(into.*member); }, field->member);
    }
  }

 private:
  std::span<const DirectiveInfo> directives_;
  std::vector<const Field<Resource>*> by_row_;
};

}  // namespace shstore::config
