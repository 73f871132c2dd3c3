#include "common/dns_lookup.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "common/dns_channel.h"
#include "common/dns_reply.h"
#include "common/file_tree.h"
#include "common/hosts_file.h"

namespace mail_relay {

namespace {

constexpr std::size_t kHostsFileLimit = 4 << 20;

bool is_of_family(std::string_view address, DnsRecord record) {
    return is_ipv6(address) == (record == DnsRecord::kAaaa);
}

// What the hosts file knows. A name that is there is not asked for elsewhere, in no family: that is
// how hosts files shadow DNS.
bool answer_from_hosts(const HostsFile &hosts, DnsAnswer &answer) {
    const auto &[record, name] = answer.question;
    if (record == DnsRecord::kPtr) {
        answer.values = hosts.names_of(name);
    } else if (record == DnsRecord::kA || record == DnsRecord::kAaaa) {
        const auto addresses = hosts.addresses_of(name);
        if (addresses.empty()) {
            return false;
        }
        std::copy_if(addresses.begin(), addresses.end(), std::back_inserter(answer.values),
                     [record = record](const auto &a) { return is_of_family(a, record); });
        if (answer.values.empty()) {
            note_no_record(answer);
            return true;
        }
    }
    if (answer.values.empty()) {
        return false;
    }
    answer.status = DnsStatus::kFound;
    return true;
}

HostsFile read_hosts(const DnsSettings &settings) {
    // A hosts file that is missing or cannot be read knows nothing: DNS has the word then.
    const auto text = settings.use_hosts ? FileTree().read(settings.hosts_file, kHostsFileLimit)
                                         : Result<std::string>("");
    return HostsFile(text ? *text : "");
}

}  // namespace

std::vector<DnsAnswer> look_up(const std::vector<DnsQuestion> &questions,
                               const DnsSettings &settings, Deadline deadline) {
    std::vector<DnsAnswer> answers(questions.size());
    const auto hosts = read_hosts(settings);
    std::optional<DnsChannel> channel;
    for (std::size_t i = 0; i < questions.size(); ++i) {
        answers[i].question = questions[i];
        if (answer_from_hosts(hosts, answers[i])) {
            continue;
        }
        if (!settings.use_dns) {
            note_failure(answers[i], DnsStatus::kNoSuchName, "not in the hosts file");
            continue;
        }
        if (!channel) {
            channel.emplace(settings, deadline);
        }
        channel->ask(answers[i]);
    }
    if (channel) {
        channel->answer_all(deadline);
    }
    return answers;
}

}  // namespace mail_relay
