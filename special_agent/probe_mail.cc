#include "special_agent/probe_mail.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <vector>

#include "special_agent/mail_date.h"

namespace mail_relay::roundtrip {

namespace {

std::string on_one_line(std::string_view text) {
    std::string line(text);
    std::replace_if(
        line.begin(), line.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
    return line;
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; });
}

std::string base64(std::string_view text) {
    std::vector<unsigned char> out(4 * (text.size() / 3 + 1) + 1);
    const int length =
        EVP_EncodeBlock(out.data(), reinterpret_cast<const unsigned char *>(text.data()),
                        static_cast<int>(text.size()));
    return {out.begin(), out.begin() + length};
}

/// RFC 2047: words of at most 75 characters, none of which cuts a UTF-8 character in two.
std::string encode_words(std::string_view text) {
    constexpr std::size_t kMostBytes = 45;
    std::string encoded;
    while (!text.empty()) {
        std::size_t length = std::min(kMostBytes, text.size());
        while (length < text.size() && length > 1 &&
               (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) {
            --length;
        }
        encoded += fmt::format("{}=?UTF-8?B?{}?=", encoded.empty() ? "" : "\r\n ",
                               base64(text.substr(0, length)));
        text.remove_prefix(length);
    }
    return encoded;
}

std::string header_text(std::string_view text) {
    std::string line = on_one_line(text);
    return is_ascii(line) ? line : encode_words(line);
}

/// The domain for Message-ID: the sender's, so that it is one that exists.
std::string_view domain_of(std::string_view address) {
    const auto at = address.rfind('@');
    return at == std::string_view::npos ? "localhost" : address.substr(at + 1);
}

}  // namespace

std::string compose_probe_mail(const ProbeMail &mail) {
    const std::string from = on_one_line(mail.from);
    const std::string subject =
        header_text(fmt::format("{} {} #{}", mail.subject, mail.loop, mail.sequence));
    const std::string date = format_mail_date(mail.sent);
    return fmt::format(
        "From: <{}>\r\n"
        "To: <{}>\r\n"
        "Subject: {}\r\n"
        "Date: {}\r\n"
        "Message-ID: <{}@{}>\r\n"
        "{}: {}\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "X-Auto-Response-Suppress: All\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=us-ascii\r\n"
        "Content-Transfer-Encoding: 7bit\r\n"
        "\r\n"
        "This mail was sent by Checkmk at {}\r\n"
        "to see whether mail arrives. It may be deleted.\r\n"
        "\r\n"
        "Probe: {}\r\n",
        from, on_one_line(mail.to), subject, date, mail.token, domain_of(from), kTokenHeader,
        mail.token, date, mail.token);
}

}  // namespace mail_relay::roundtrip
