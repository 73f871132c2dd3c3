#include "agent_plugin/delivery_causes.h"

#include <array>

#include "agent_plugin/table_name.h"
#include "agent_plugin/word_list.h"

namespace mail_relay {

namespace {

constexpr auto kCauses = std::to_array<DeliveryCause>({
    {FailureClass::kAuthFailed, "bad_password",
     "The relay refuses user name or password: no mail gets out"},
    {FailureClass::kAppPasswordRequired, "app_password_required",
     "The relay wants an application password instead of the account's own"},
    {FailureClass::kBasicAuthDisabled, "basic_auth_refused",
     "The provider no longer lets anybody log on with a password"},
    {FailureClass::kOauthToken, "oauth_token_dead",
     "The OAuth2 token is not valid any more: the relay refuses the log-on"},
    {FailureClass::kQuota, "quota_exceeded",
     "The provider's sending limit is reached: it refuses further mail"},
    {FailureClass::kSenderRejected, "sender_refused",
     "The relay does not accept the sender address of mail from here"},
    {FailureClass::kReputation, "reputation",
     "Receivers block this host's mail for its address, domain or behaviour"},
    {FailureClass::kLoop, "mail_loop", "Mail comes back to this host and is given up as a loop"},
});

std::vector<std::string> change_credentials(std::string_view what,
                                            const Configuration &configuration,
                                            const Repair &repair) {
    auto commands = rebuild_credentials(configuration, repair);
    commands.insert(commands.begin(), std::string(what));
    return commands;
}

/// Builds what has an index file; the other tables of a file are read when a client starts.
void rebuild_tables(const std::vector<TableName> &tables, const Repair &repair,
                    std::vector<std::string> &commands, bool &is_read_at_start) {
    constexpr auto kIndexed =
        std::to_array<std::string_view>({"hash", "btree", "lmdb", "cdb", "dbm", "sdbm"});
    for (const TableName &table : tables) {
        rebuild_tables(table.parts, repair, commands, is_read_at_start);
        if (contains(kIndexed, table.type)) {
            commands.push_back(repair.build(table));
        } else {
            is_read_at_start = is_read_at_start || table.parts.empty();
        }
    }
}

/// A generic map that is set but not built would defer all mail.
std::vector<std::string> rewrite_senders(const Configuration &configuration, const Repair &repair,
                                         const Distribution &distribution) {
    std::vector<std::string> commands = {
        "# map this host's senders to an address that the relay accepts, or allow them at the "
        "provider (SendAs, verified sender)"};
    if (configuration.smtp_client("smtp_generic_maps").empty()) {
        const TableName table = repair.table_of_default_type("generic");
        commands.push_back(edit_command(distribution, table.name, "SENDER ACCEPTED-SENDER"));
        commands.push_back(repair.build(table));
        commands.push_back(repair.set("smtp_generic_maps", printable(table)));
        commands.push_back(repair.reload());
    }
    return commands;
}

}  // namespace

std::span<const DeliveryCause> delivery_causes() {
    return kCauses;
}

std::vector<std::string> rebuild_credentials(const Configuration &configuration,
                                             const Repair &repair) {
    std::vector<std::string> commands;
    bool is_read_at_start = false;
    if (const auto tables =
            parse_table_list(configuration.smtp_client("smtp_sasl_password_maps"))) {
        rebuild_tables(*tables, repair, commands, is_read_at_start);
    }
    if (is_read_at_start) {
        commands.push_back(repair.reload());
    }
    commands.push_back(repair.flush());
    return commands;
}

std::vector<std::string> repair_cause(FailureClass failure, const Configuration &configuration,
                                      const Repair &repair, const Distribution &distribution) {
    switch (failure) {
        case FailureClass::kAuthFailed:
            return change_credentials("# put the right password into the credentials file, then",
                                      configuration, repair);
        case FailureClass::kAppPasswordRequired:
            return change_credentials(
                "# create an application password at the provider, put it into the credentials "
                "file, then",
                configuration, repair);
        case FailureClass::kBasicAuthDisabled:
            return {"# use OAuth2 (XOAUTH2) or a connector that accepts this host's address"};
        case FailureClass::kOauthToken:
            return {
                "# renew the token file; its owner must be postfix, and it must lie inside the "
                "chroot if smtp runs in one",
                repair.flush()};
        case FailureClass::kQuota:
            return {
                "# send less, or use a relay with a higher limit. So that further mail waits "
                "instead of being returned:",
                "echo '/^5\\.4\\.5 (.*)/ 4.4.5 $1' > /etc/postfix/delivery_status_filter",
                repair.set("smtp_delivery_status_filter",
                           "regexp:/etc/postfix/delivery_status_filter"),
                repair.reload()};
        case FailureClass::kSenderRejected:
            return rewrite_senders(configuration, repair, distribution);
        case FailureClass::kReputation:
            return {
                "# send slower; publish SPF and DKIM; ask for removal from the list that the "
                "reply names"};
        case FailureClass::kLoop:
            return {"# correct relayhost, mydestination or the MX record", repair.reload()};
        default:
            return {};
    }
}

}  // namespace mail_relay
