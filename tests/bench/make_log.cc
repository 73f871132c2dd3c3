// Writes a mail log as a busy relay has it: make_log FILE MEGABYTES END
// The last line is written at END (Unix seconds), 50 messages a second before it. One message in 20
// is deferred, one in 200 is bounced; reasons come from many hosts and name changing things.

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <random>
#include <string>
#include <string_view>

namespace {

constexpr std::uint64_t kMessagesPerSecond = 50;
constexpr std::size_t kBytesPerMessage = 1050;

constexpr std::array<std::string_view, 8> kDeferrals{
    "connect to mx{0}.example.org[192.0.2.{1}]:25: Connection timed out",
    "connect to mx{0}.example.org[2001:db8::{1:x}]:25: Network is unreachable",
    "host mx{0}.example.org[192.0.2.{1}] said: 450 4.2.0 <user{0}@example.org>: Recipient address "
    "rejected: Greylisted, see http://postgrey.example.org/help/{0} (in reply to RCPT TO command)",
    "host mx{0}.example.org[192.0.2.{1}] said: 421 4.7.0 [TSS04] Messages from 192.0.2.9 "
    "temporarily deferred due to unexpected volume - {0}.{1} (in reply to MAIL FROM command)",
    "host mx{0}.example.org[192.0.2.{1}] said: 452 4.2.2 The email account that you tried to reach "
    "is over quota {0}a{1}si123456.7 - gsmtp (in reply to RCPT TO command)",
    "lost connection with mx{0}.example.org[192.0.2.{1}] while receiving the initial server "
    "greeting",
    "delivery temporarily suspended: connect to mx{0}.example.org[192.0.2.{1}]:25: Connection "
    "refused",
    "Host or domain name not found. Name service error for name=mx{0}.example.org type=A: Host not "
    "found, try again",
};
constexpr std::string_view kBounce =
    "host mx{0}.example.org[192.0.2.{1}] said: 550 5.1.1 <user{0}@example.org>: Recipient address "
    "rejected: User unknown in virtual mailbox table (in reply to RCPT TO command)";

class Log {
  public:
    explicit Log(std::FILE *file) : file_(file) {}

    void message(std::int64_t time, std::uint64_t number) {
        const std::tm parts = fmt::localtime(static_cast<std::time_t>(time));
        stamp_ = fmt::format("{:%b %e %H:%M:%S} relay ", parts);
        const std::uint64_t host = random_() % 2000;
        const std::uint64_t address = random_() % 250 + 1;
        const std::string id = fmt::format("4jW{:06X}z1c{:04X}", number % 0x1000000, host);
        const std::uint64_t pid = 20000 + random_() % 100;
        line("smtpd[{}]: connect from app{}.example.org[198.51.100.{}]", pid, host % 20, address);
        line("smtpd[{}]: {}: client=app{}.example.org[198.51.100.{}]", pid, id, host % 20, address);
        line("cleanup[{}]: {}: message-id=<{}.{}@app{}.example.org>", pid + 100, id, number, host,
             host % 20);
        line("qmgr[812]: {}: from=<app{}@example.org>, size={}, nrcpt=1 (queue active)", id,
             host % 20, 1000 + random_() % 50000);
        line(
            "smtpd[{}]: disconnect from app{}.example.org[198.51.100.{}] ehlo=1 mail=1 rcpt=1 "
            "data=1 quit=1 commands=5",
            pid, host % 20, address);
        const std::uint64_t luck = random_() % 200;
        if (luck == 0) {
            attempt(id, host, address, "5.1.1", "bounced", kBounce);
        } else if (luck <= 10) {
            attempt(id, host, address, "4.4.1", "deferred", kDeferrals.at(random_() % 8));
            return;
        } else {
            attempt(id, host, address, "2.0.0", "sent", "250 2.0.0 Ok: queued as {0:X}A{1:X}");
        }
        line("qmgr[812]: {}: removed", id);
    }

  private:
    void attempt(std::string_view id, std::uint64_t host, std::uint64_t address,
                 std::string_view dsn, std::string_view status, std::string_view reason) {
        line(
            "smtp[{}]: {}: to=<user{}@example.org>, relay=mx{}.example.org[192.0.2.{}]:25, "
            "delay={}.{}, delays=0.0{}/0.01/0.{}/{}.2, dsn={}, status={} ({})",
            20200 + random_() % 50, id, host, host, address, address % 9, host % 10, host % 9,
            address % 9 + 1, address % 9, dsn, status,
            fmt::format(fmt::runtime(reason), host, address));
    }

    template <class... Values>
    void line(fmt::format_string<Values...> form, Values &&...values) {
        const std::string text =
            stamp_ + "postfix/" + fmt::format(form, std::forward<Values>(values)...) + "\n";
        std::fwrite(text.data(), 1, text.size(), file_);
    }

    std::FILE *file_;
    std::string stamp_;
    // NOLINTNEXTLINE(cert-msc51-cpp): each run measures the same log.
    std::minstd_rand random_{1};
};

}  // namespace

int main(int argc, char **argv) {
    if (argc != 4) {
        std::fputs("usage: make_log FILE MEGABYTES END\n", stderr);
        return 2;
    }
    const std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(std::fopen(argv[1], "w"),
                                                                &std::fclose);
    if (!file) {
        std::perror(argv[1]);
        return 1;
    }
    const std::uint64_t bytes = std::strtoull(argv[2], nullptr, 10) << 20U;
    const std::int64_t end = std::strtoll(argv[3], nullptr, 10);
    const auto seconds = static_cast<std::int64_t>(bytes / kBytesPerMessage / kMessagesPerSecond);
    Log log(file.get());
    std::uint64_t number = 0;
    while (static_cast<std::uint64_t>(std::ftell(file.get())) < bytes) {
        const auto second = static_cast<std::int64_t>(number / kMessagesPerSecond);
        log.message(std::min(end, end - seconds + second), number);
        ++number;
    }
    return 0;
}
