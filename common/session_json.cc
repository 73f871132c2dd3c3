#include "common/session_json.h"

#include <boost/json.hpp>

#include "common/failure_class.h"

namespace mail_relay {

namespace json = boost::json;

namespace {

FailureClass failure_class_named(std::string_view name) {
    for (int i = 0; i < kFailureClassCount; ++i) {
        if (failure_class_name(static_cast<FailureClass>(i)) == name) {
            return static_cast<FailureClass>(i);
        }
    }
    return FailureClass::kOther;
}

template <class Value>
json::value known(const std::optional<Value> &value) {
    return value ? json::value_from(*value) : json::value(nullptr);
}

const json::object *member_object(const json::object &parent, std::string_view name) {
    const auto *const value = parent.if_contains(name);
    return value != nullptr ? value->if_object() : nullptr;
}

std::string text(const json::object &object, std::string_view name) {
    const auto *const value = object.if_contains(name);
    return value == nullptr || value->is_null() ? "" : json::value_to<std::string>(*value);
}

template <class Value>
std::optional<Value> read(const json::object &object, std::string_view name) {
    const auto *const value = object.if_contains(name);
    return value == nullptr || value->is_null() ? std::nullopt
                                                : std::optional(json::value_to<Value>(*value));
}

}  // namespace

json::value render_failure_json(const std::optional<Failure> &failure) {
    if (!failure) {
        return nullptr;
    }
    return json::object{{"phase", failure->phase},
                        {"class", failure_class_name(failure->kind)},
                        {"error", failure->error},
                        {"reply", known(failure->reply)}};
}

std::optional<Failure> read_failure_json(const json::object &parent) {
    const auto *const object = member_object(parent, "failure");
    if (object == nullptr) {
        return std::nullopt;
    }
    return Failure{text(*object, "phase"), failure_class_named(text(*object, "class")),
                   text(*object, "error"), read<std::string>(*object, "reply")};
}

json::value render_tls_json(const std::optional<TlsObservation> &tls) {
    if (!tls) {
        return nullptr;
    }
    json::array chain;
    for (const ChainCertificate &certificate : tls->chain) {
        chain.push_back(json::object{{"subject", certificate.subject},
                                     {"issuer", certificate.issuer},
                                     {"not_before", known(certificate.not_before)},
                                     {"not_after", known(certificate.not_after)}});
    }
    json::object object{
        {"version", tls->version},          {"cipher", tls->cipher},
        {"verified", known(tls->verified)}, {"verify_error", known(tls->verify_error)},
        {"chain", std::move(chain)},        {"expires", known(tls->expires)}};
    if (tls->chain_length > tls->chain.size()) {
        object["chain_length"] = tls->chain_length;
    }
    return object;
}

std::optional<TlsObservation> read_tls_json(const json::object &parent) {
    const auto *const object = member_object(parent, "tls");
    if (object == nullptr) {
        return std::nullopt;
    }
    TlsObservation tls{.version = text(*object, "version"),
                       .cipher = text(*object, "cipher"),
                       .verified = read<bool>(*object, "verified"),
                       .verify_error = read<std::string>(*object, "verify_error"),
                       .chain = {},
                       .expires = read<std::int64_t>(*object, "expires"),
                       .chain_length = 0};
    for (const auto &row : object->at("chain").as_array()) {
        const json::object &certificate = row.as_object();
        tls.chain.push_back({text(certificate, "subject"), text(certificate, "issuer"),
                             read<std::int64_t>(certificate, "not_before"),
                             read<std::int64_t>(certificate, "not_after")});
    }
    tls.chain_length = read<std::size_t>(*object, "chain_length").value_or(tls.chain.size());
    return tls;
}

std::string_view tls_mode_name(TlsMode mode) {
    switch (mode) {
        case TlsMode::kNone:
            return "none";
        case TlsMode::kStartTls:
            return "starttls";
        case TlsMode::kImplicit:
            return "implicit";
    }
    return "none";
}

}  // namespace mail_relay
