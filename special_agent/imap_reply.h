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

/// Takes the bytes of a server apart into answers. Strict: what is malformed, nested too deeply or
/// larger than the limits is an Error, after which nothing more comes. Source: RFC 3501, section 9.
class ImapReader {
  public:
    static constexpr std::size_t kMostReply = 1'000'000;  ///< bytes of one answer
    static constexpr std::size_t kMostLiteral = 65'536;   ///< bytes of one literal
    static constexpr std::size_t kMostValues = 50'000;    ///< values in one answer
    static constexpr int kDeepest = 10;

    void feed(std::string_view bytes);

    /// The next answer; empty as long as bytes are missing.
    Result<std::optional<ImapReply>> next();

  private:
    Result<std::size_t> find_end();

    std::string buffer_;
    std::size_t scanned_ = 0;  // begin of the line, or of the rest of it behind a literal
    bool failed_ = false;
};

/// Reads one whole answer, without its last line end; literals are in it as on the wire.
Result<ImapReply> parse_imap_reply(std::string_view reply);

/// Unix time of an INTERNALDATE ("17-Jul-2026 02:44:25 -0700"); empty if it is none.
std::optional<std::int64_t> parse_internal_date(std::string_view text);

/// A string as a command may carry it: quoted. Fails on line ends, NUL and bytes beyond ASCII.
Result<std::string> quote_imap_string(std::string_view text);

}  // namespace mail_relay::roundtrip
