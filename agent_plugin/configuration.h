#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/instance.h"
#include "agent_plugin/relayhost.h"

namespace mail_relay {

/// A line of master.cf as postconf -M shows it.
struct MasterService {
    std::string name;     ///< "smtp", "127.0.0.1:submission"
    std::string type;     ///< "unix", "inet", "fifo", "pass"
    bool chroot = false;  ///< resolved: "-" is the default of this version
    std::string command;  ///< "smtpd"
    std::map<std::string, std::string, std::less<>> overrides;  ///< -o NAME=VALUE, $ resolved
};

/// Whether the value of a yes/no parameter is yes, in any case; anything else is no.
/// Source: Postfix src/global/mail_conf_bool.c.
bool says_yes(std::string_view value);

/// The settings of one instance as its own postconf resolves them.
struct Configuration {
    /// Every parameter the product looks at, defaults included, $ resolved (postconf -x).
    std::map<std::string, std::string, std::less<>> parameters;
    std::vector<std::string> set_in_main_cf;     ///< names that main.cf sets (postconf -n)
    std::vector<MasterService> services;         ///< postconf -M with -P, in file order
    std::vector<std::string> map_types;          ///< postconf -m: "btree", "hash", "lmdb", ...
    std::vector<std::string> client_sasl_types;  ///< postconf -A: "cyrus"; empty: not compiled in
    std::vector<std::string> warnings;           ///< what postconf said on standard error
    /// Of the service names that relayhosts give for ports, see service_port.h; 0: known nowhere.
    std::map<std::string, std::uint16_t, std::less<>> service_ports;

    /// Value of a main.cf parameter; "" when unset or unknown.
    std::string_view get(std::string_view name) const;

    /// The value the delivering smtp client uses: master.cf's -o wins over main.cf.
    std::string_view smtp_client(std::string_view name) const;

    bool is_set_in_main_cf(std::string_view name) const;

    /// The master.cf service that delivers to the relayhost: default_transport's, as a rule
    /// "smtp unix". Null when master.cf has none.
    const MasterService *delivery_service() const;

    /// parse_relayhosts(next_hop_of(*this)), with the ports of service_ports; empty when unset or
    /// malformed (a finding says so).
    std::vector<Relayhost> relayhosts() const;

    /// says_yes() of a main.cf parameter.
    bool is_yes(std::string_view name) const;

    /// The same of smtp_client(name).
    bool smtp_client_is_yes(std::string_view name) const;

    /// mail_version as numbers; nullopt when unknown. {3, 7} < {3, 11}.
    std::optional<std::pair<int, int>> version() const;
};

}  // namespace mail_relay
