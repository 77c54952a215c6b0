// One directive's words as a value of its type, whatever resource it is in.
#pragma once

#include <cstdint>

#include "config/directives.h"
#include "config/resource_reader.h"
#include "config/values.h"

namespace shstore::config {

using AnyValue = decltype(TypedValue::value);

/// monostate for what is not a single value: blocks, lines of a Schedule, destinations of Messages.
Parsed<AnyValue> typed(const DirectiveInfo& info, Words words);

/// Bacula keeps these in a pointer and refuses to set it twice; numbers and yes/no are simply overwritten.
bool only_once(const DirectiveInfo& info);

/// Its value is a block.
bool has_block(ValueType type);

/// A number with a unit, which several words may make up.
bool is_quantity(const DirectiveInfo& info);

/// Value::length of the directive's value: of one that several words make up, they must stand on one line.
uint32_t length_of(const DirectiveInfo& info, const Directive& directive);

/// Grows when it is given again.
bool is_list(const AnyValue& value);

/// A diagnostic says why.
bool is_unusable(const AnyValue& value);

/// If both are lists of the same, appends the second to the first.
bool append(AnyValue& to, AnyValue& from);

}  // namespace shstore::config
