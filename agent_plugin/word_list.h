#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace mail_relay {

/// Whether a list has a value.
template <class List, class Value>
bool contains(const List &list, const Value &wanted) {
    return std::find(list.begin(), list.end(), wanted) != list.end();
}

/// Words of a list parameter, which blanks and commas separate.
std::vector<std::string> split_list(std::string_view value);

/// The same for lists in which braces protect: "{NAME = value with blanks}, inline:{a b}". Braces
/// stay. Fails when they do not match or words are too many, without repeating the value.
/// Source: Postfix mystrtokq().
Result<std::vector<std::string_view>> split_braced_list(std::string_view value);

bool in_braces(std::string_view word);

/// The inside of a word in braces, without blanks around it.
std::string_view without_braces(std::string_view word);

std::string_view trim_blanks(std::string_view text);

}  // namespace mail_relay
