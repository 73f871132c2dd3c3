#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace mail_relay {

/// A lookup table as a parameter names it: "hash:/etc/postfix/sasl_passwd".
/// Source: Postfix DATABASE_README, src/global/maps.c.
struct TableName {
    std::string type;              ///< "hash", also behind a proxy; "" when none is written
    std::string name;              ///< "/etc/postfix/sasl_passwd", "{key = value}"
    bool proxied = false;          ///< read through proxymap(8): "proxy:hash:..."
    std::vector<TableName> parts;  ///< the tables of a unionmap or pipemap
};

/// The tables of a parameter's value, in order. Blanks and commas separate, braces protect.
/// The error never repeats the value: it may hold a password.
Result<std::vector<TableName>> parse_table_list(std::string_view value);

/// True when entries are written in the name itself (inline:, static:, randmap:, pcre:{...}), also
/// in one of the parts: they may be secret, so no argv, section or state file may get the name.
bool holds_entries(const TableName &table);

/// As written, with entries hidden: "proxy:hash:/x", "inline:{...}".
std::string printable(const TableName &table);

/// A parameter's whole value with entries hidden, for whoever shows or stores it.
std::string printable_tables(std::string_view value);

/// Without "proxy:": what postmap(1) is given. Only for a table that does not hold entries.
std::string unproxied(const TableName &table);

/// What a table that holds its entries (inline, static) answers to `key`; nullopt: nothing. Fails
/// for other types and for syntax that Postfix rejects, without repeating it. The answer may be a
/// secret.
Result<std::optional<std::string>> look_up_entry(const TableName &table, std::string_view key);

}  // namespace mail_relay
