#include "agent_plugin/connection_json.h"

#include <array>
#include <boost/json.hpp>
#include <string_view>
#include <utility>

#include "common/session_json.h"

namespace mail_relay {

namespace json = boost::json;

namespace {

constexpr auto kStatusNames = std::to_array<std::pair<DnsStatus, std::string_view>>({
    {DnsStatus::kFound, "found"},
    {DnsStatus::kNoSuchName, "no_such_name"},
    {DnsStatus::kNoData, "no_data"},
    {DnsStatus::kTimeout, "timeout"},
    {DnsStatus::kServerFailure, "server_failure"},
    {DnsStatus::kBadName, "bad_name"},
});

std::string_view status_name(DnsStatus status) {
    for (const auto &[value, name] : kStatusNames) {
        if (value == status) {
            return name;
        }
    }
    return "server_failure";
}

DnsStatus status_named(std::string_view wanted) {
    for (const auto &[value, name] : kStatusNames) {
        if (name == wanted) {
            return value;
        }
    }
    return DnsStatus::kServerFailure;
}

TlsMode tls_mode_named(std::string_view name) {
    return name == tls_mode_name(TlsMode::kNone)       ? TlsMode::kNone
           : name == tls_mode_name(TlsMode::kImplicit) ? TlsMode::kImplicit
                                                       : TlsMode::kStartTls;
}

template <class Value>
json::value known(const std::optional<Value> &value) {
    return value ? json::value_from(*value) : json::value(nullptr);
}

json::value text_or_null(const std::string &text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
}

template <class Value>
std::optional<Value> read(const json::object &object, std::string_view name) {
    const json::value &value = object.at(name);
    return value.is_null() ? std::nullopt : std::optional(json::value_to<Value>(value));
}

std::string read_text(const json::object &object, std::string_view name) {
    return read<std::string>(object, name).value_or("");
}

json::object render_phases(const SmtpLook &look) {
    const SessionPhases &phases = look.seen.phases;
    return {{"connect_s", known(phases.connect_s)},
            {"greeting_s", known(phases.greeting_s)},
            {"ehlo_s", known(look.ehlo_s)},
            {"tls_s", known(phases.tls_s)},
            {"total_s", phases.total_s}};
}

json::object render_address(const AddressLook &address) {
    const SmtpLook &look = address.look;
    const SessionObservation &seen = look.seen;
    return {{"host", address.host},
            {"address", address.address},
            {"port", address.port},
            {"connected", look.connected},
            {"error", seen.failure ? json::value(seen.failure->error) : json::value(nullptr)},
            {"ok", !seen.failure.has_value()},
            {"failure", render_failure_json(seen.failure)},
            {"phases", render_phases(look)},
            {"banner", known(seen.banner)},
            {"extensions", known(seen.capabilities)},
            {"ehlo_lines", look.ehlo_lines},
            {"auth_mechanisms", known(seen.auth_mechanisms)},
            {"size_limit", known(look.size_limit)},
            {"starttls_offered", seen.starttls_offered},
            {"speaks_tls_first", known(look.speaks_tls_first)},
            {"tls_given_up", known(look.tls_given_up)},
            {"bind_error", text_or_null(look.bind_error)},
            {"tls", render_tls_json(seen.tls)}};
}

AddressLook read_address(const json::object &object) {
    AddressLook address;
    address.host = read_text(object, "host");
    address.address = read_text(object, "address");
    address.port = json::value_to<std::uint16_t>(object.at("port"));
    SmtpLook &look = address.look;
    look.connected = object.at("connected").as_bool();
    look.ehlo_lines = json::value_to<std::size_t>(object.at("ehlo_lines"));
    look.size_limit = read<std::uint64_t>(object, "size_limit");
    look.speaks_tls_first = read<bool>(object, "speaks_tls_first");
    look.tls_given_up = read<std::string>(object, "tls_given_up");
    look.bind_error = read_text(object, "bind_error");
    SessionObservation &seen = look.seen;
    const json::object &phases = object.at("phases").as_object();
    seen.phases.connect_s = read<double>(phases, "connect_s");
    seen.phases.greeting_s = read<double>(phases, "greeting_s");
    seen.phases.tls_s = read<double>(phases, "tls_s");
    seen.phases.total_s = json::value_to<double>(phases.at("total_s"));
    look.ehlo_s = read<double>(phases, "ehlo_s");
    seen.banner = read<std::string>(object, "banner");
    seen.capabilities = read<std::vector<std::string>>(object, "extensions");
    seen.auth_mechanisms = read<std::vector<std::string>>(object, "auth_mechanisms");
    seen.starttls_offered = object.at("starttls_offered").as_bool();
    seen.tls = read_tls_json(object);
    seen.failure = read_failure_json(object);
    return address;
}

json::object render_resolution(const Resolution &resolution) {
    json::array exchangers;
    for (const MxRecord &mx : resolution.exchangers) {
        exchangers.emplace_back(json::object{{"host", mx.host}, {"preference", mx.preference}});
    }
    return {{"place", resolution.in_jail ? "jail" : "host"},
            {"lookup", json::value_from(resolution.lookup)},
            {"status", status_name(resolution.status)},
            {"error", text_or_null(resolution.error)},
            {"host_resolves", known(resolution.host_resolves)},
            {"native_resolves", known(resolution.native_resolves)},
            {"exchangers", std::move(exchangers)},
            {"authenticated", known(resolution.authenticated)},
            {"took_s", resolution.took_s}};
}

Resolution read_resolution(const json::object &object) {
    Resolution resolution;
    resolution.in_jail = object.at("place").as_string() == "jail";
    resolution.lookup = json::value_to<std::vector<std::string>>(object.at("lookup"));
    resolution.status = status_named(read_text(object, "status"));
    resolution.error = read_text(object, "error");
    resolution.host_resolves = read<bool>(object, "host_resolves");
    resolution.native_resolves = read<bool>(object, "native_resolves");
    for (const auto &row : object.at("exchangers").as_array()) {
        resolution.exchangers.push_back(
            {read_text(row.as_object(), "host"),
             json::value_to<std::uint16_t>(row.as_object().at("preference"))});
    }
    resolution.authenticated = read<bool>(object, "authenticated");
    resolution.took_s = json::value_to<double>(object.at("took_s"));
    return resolution;
}

/// Why mail does not get through: the first address's reason, or the look-up's.
std::optional<Failure> failure_of(const RelayLook &relay) {
    if (used_address(relay) != nullptr) {
        return std::nullopt;
    }
    if (relay.addresses.empty()) {
        return Failure{"resolve", FailureClass::kResolve, relay.resolution.error, std::nullopt};
    }
    return relay.addresses.front().look.seen.failure;
}

}  // namespace

json::object render_relay_look(const RelayLook &relay) {
    const AddressLook *const used = used_address(relay);
    const AddressLook nothing;
    const SmtpLook &shown = (used != nullptr           ? *used
                             : relay.addresses.empty() ? nothing
                                                       : relay.addresses.front())
                                .look;
    json::object phases = render_phases(shown);
    phases["resolve_s"] = relay.resolution.took_s;
    phases["total_s"] = relay.total_s;
    json::array addresses;
    for (const AddressLook &address : relay.addresses) {
        addresses.emplace_back(render_address(address));
    }
    return {{"relayhost", relay.relayhost},
            {"direct", relay.is_direct},
            {"server", relay.server},
            {"port", relay.port},
            {"mx_lookup", relay.mx_lookup},
            {"tls_mode", tls_mode_name(relay.tls_mode)},
            {"tls_level",
             relay.level ? json::value(tls_level_name(*relay.level)) : json::value(nullptr)},
            {"resolution", render_resolution(relay.resolution)},
            {"ok", used != nullptr},
            {"used", used != nullptr ? json::value(used->address) : json::value(nullptr)},
            {"failure", render_failure_json(failure_of(relay))},
            {"phases", std::move(phases)},
            {"banner", known(shown.seen.banner)},
            {"auth_mechanisms", known(shown.seen.auth_mechanisms)},
            {"tls", render_tls_json(shown.seen.tls)},
            {"addresses", std::move(addresses)}};
}

RelayLook read_relay_look(const json::object &object) {
    RelayLook relay;
    relay.relayhost = read_text(object, "relayhost");
    relay.is_direct = object.at("direct").as_bool();
    relay.server = read_text(object, "server");
    relay.port = json::value_to<std::uint16_t>(object.at("port"));
    relay.mx_lookup = object.at("mx_lookup").as_bool();
    relay.tls_mode = tls_mode_named(read_text(object, "tls_mode"));
    relay.level = parse_tls_level(read_text(object, "tls_level"));
    relay.resolution = read_resolution(object.at("resolution").as_object());
    relay.total_s = json::value_to<double>(object.at("phases").as_object().at("total_s"));
    for (const auto &row : object.at("addresses").as_array()) {
        relay.addresses.push_back(read_address(row.as_object()));
    }
    return relay;
}

const AddressLook *used_address(const RelayLook &relay) {
    for (const AddressLook &address : relay.addresses) {
        if (!address.look.seen.failure) {
            return &address;
        }
    }
    return nullptr;
}

}  // namespace mail_relay
