#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace mail_relay::roundtrip {

/// A piece of an IMAP answer: NIL, an atom, a string (quoted or literal) or a list.
struct ImapValue {
    enum class Kind { kNil, kAtom, kString, kList };

    Kind kind = Kind::kNil;
    std::string text;  ///< of atoms (as written) and strings
    std::vector<ImapValue> items;

    /// An atom that is this word, whatever its case.
    bool is(std::string_view word) const;
    /// The number that an atom is; empty if it is none or does not fit.
    std::optional<std::uint64_t> number() const;
};

/// One answer of the server: "* 3 EXISTS", "a1 OK [READ-WRITE] done", "+ go on".
struct ImapReply {
    std::string tag;                ///< "*", "+" or the tag of a command
    std::string status;             ///< OK, NO, BAD, BYE or PREAUTH; else empty
    std::string code;               ///< what stands in brackets behind the status: "UIDVALIDITY 7"
    std::string text;               ///< the words behind it
    std::vector<ImapValue> values;  ///< of answers without a status: 3, EXISTS

    /// The whole answer of a status, for showing: "NO [LIMIT] too many".
    std::string words() const;
};

/// What is larger, or nested more deeply, is no answer.
struct ImapLimits {
    static constexpr std::size_t kReply = 1'000'000;  ///< bytes of one answer
    static constexpr std::size_t kLiteral = 65'536;   ///< bytes of one literal
    static constexpr std::size_t kValues = 50'000;    ///< values in one answer
    static constexpr int kDepth = 10;
};

/// Reads one whole answer, without its last line end; literals are in it as on the wire. Strict:
/// what is malformed or over the limits is an Error. Source: RFC 3501, section 9.
Result<ImapReply> parse_imap_reply(std::string_view reply);

/// Whether a line of an answer (not the rest behind a literal) is a status or a request to go on:
/// free text follows, in which nothing is a literal.
bool has_free_text(std::string_view line);

/// A decimal number without a sign; empty if it is none or does not fit.
std::optional<std::uint64_t> parse_imap_number(std::string_view digits);

/// The digits of the literal that "{123}" or "{123+}" at the end of a line announces.
std::optional<std::string_view> announced_literal(std::string_view line);

/// A string as a command may carry it: quoted. Fails on line ends, NUL and bytes beyond ASCII.
Result<std::string> quote_imap_string(std::string_view text);

}  // namespace mail_relay::roundtrip
