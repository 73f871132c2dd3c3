#include "agent_plugin/table_name.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "agent_plugin/word_list.h"
#include "common/ascii.h"

namespace mail_relay {

namespace {

constexpr int kDeepestNesting = 8;
constexpr auto kEntryTypes = std::to_array<std::string_view>({"inline", "static", "randmap"});

Result<std::vector<TableName>> parse_tables(std::string_view value, int depth);

Result<TableName> parse_table(std::string_view word, int depth) {
    TableName table;
    auto colon = word.find(':');
    while (word.substr(0, colon) == "proxy" && colon != std::string_view::npos) {
        table.proxied = true;
        word.remove_prefix(colon + 1);
        colon = word.find(':');
    }
    if (colon == std::string_view::npos || word.starts_with('/') || word.starts_with('{')) {
        table.name = word;
        return table;
    }
    table.type = word.substr(0, colon);
    table.name = word.substr(colon + 1);
    if (table.type == "unionmap" || table.type == "pipemap") {
        if (!in_braces(table.name)) {
            return failed("{} needs its tables in braces", table.type);
        }
        auto parts = parse_tables(without_braces(table.name), depth + 1);
        if (!parts) {
            return parts.error();
        }
        table.parts = *std::move(parts);
    }
    return table;
}

Result<std::vector<TableName>> parse_tables(std::string_view value, int depth) {
    if (depth > kDeepestNesting) {
        return failed("tables within tables, more than {} levels", kDeepestNesting);
    }
    const auto words = split_braced_list(value);
    if (!words) {
        return words.error();
    }
    std::vector<TableName> tables;
    for (const auto word : *words) {
        auto table = parse_table(word, depth);
        if (!table) {
            return table.error();
        }
        tables.push_back(*std::move(table));
    }
    return tables;
}

/// Source: Postfix src/util/dict_inline.c: entries are "key=value" or "{ key = value }".
Result<std::optional<std::string>> look_up_inline(std::string_view name, std::string_view key) {
    if (!in_braces(name)) {
        return failed("cannot read the entries of an inline table: no braces around them");
    }
    const auto words = split_braced_list(without_braces(name));
    if (!words) {
        return failed("cannot read the entries of an inline table: {}", words.error().message());
    }
    const std::string wanted = lower(key);
    for (auto word : *words) {
        if (in_braces(word)) {
            word = without_braces(word);
        }
        const auto equals = word.find('=');
        if (equals == std::string_view::npos) {
            return failed("cannot read the entries of an inline table: an entry without \"=\"");
        }
        if (lower(trim_blanks(word.substr(0, equals))) == wanted) {
            return std::optional<std::string>(trim_blanks(word.substr(equals + 1)));
        }
    }
    return std::optional<std::string>();
}

}  // namespace

Result<std::vector<TableName>> parse_table_list(std::string_view value) {
    return parse_tables(value, 0);
}

bool holds_entries(const TableName &table) {
    return std::find(kEntryTypes.begin(), kEntryTypes.end(), table.type) != kEntryTypes.end() ||
           (table.parts.empty() && table.name.starts_with('{')) ||
           std::any_of(table.parts.begin(), table.parts.end(), holds_entries);
}

std::string printable(const TableName &table) {
    const std::string_view proxy = table.proxied ? "proxy:" : "";
    const std::string_view colon = table.type.empty() ? "" : ":";
    if (!table.parts.empty()) {
        std::vector<std::string> parts;
        std::transform(table.parts.begin(), table.parts.end(), std::back_inserter(parts),
                       printable);
        return fmt::format("{}{}:{{{}}}", proxy, table.type, fmt::join(parts, ", "));
    }
    return fmt::format("{}{}{}{}", proxy, table.type, colon,
                       holds_entries(table) ? "{...}" : table.name);
}

std::string printable_tables(std::string_view value) {
    const auto tables = parse_table_list(value);
    if (!tables) {
        return "(malformed)";
    }
    std::vector<std::string> shown;
    std::transform(tables->begin(), tables->end(), std::back_inserter(shown), printable);
    return fmt::format("{}", fmt::join(shown, ", "));
}

std::string unproxied(const TableName &table) {
    TableName direct = table;
    direct.proxied = false;
    return printable(direct);
}

Result<std::optional<std::string>> look_up_entry(const TableName &table, std::string_view key) {
    if (table.type == "inline") {
        return look_up_inline(table.name, key);
    }
    if (table.type == "static") {
        const std::string_view name = table.name;
        return std::optional<std::string>(in_braces(name) ? without_braces(name) : name);
    }
    return failed("entries of a {} table cannot be looked up", table.type);
}

}  // namespace mail_relay
