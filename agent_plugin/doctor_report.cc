#include "agent_plugin/doctor_report.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <tuple>

#include "agent_plugin/json_fields.h"
#include "agent_plugin/object_summary.h"
#include "agent_plugin/word_list.h"

namespace mail_relay {

namespace json = boost::json;

namespace {

// A cause comes before what it leads to: whoever repairs from the top does not repair in vain.
constexpr auto kSections = std::to_array<std::string_view>(
    {"mail_relay_service", "mail_relay_config", "mail_relay_tls", "mail_relay_sasl",
     "mail_relay_connection", "mail_relay_deliveries", "mail_relay_queue",
     "mail_relay_notifications"});

// They go when their causes go.
constexpr auto kSymptoms = std::to_array<std::string_view>(
    {"deferred_old", "expiring_soon", "retries_overdue", "mail_lost", "notifications_lost"});

// Nothing else helps while these last, and none of them while an earlier one does: Postfix starts
// with no configuration that it rejects.
constexpr auto kFirst =
    std::to_array<std::string_view>({"configuration_rejected", "spool_nearly_full", "master_down",
                                     "instance_down", "direct_delivery_blocked"});

/// The place in a list; behind its end for what is not there.
template <std::size_t kSize>
std::size_t rank_of(const std::array<std::string_view, kSize> &list, std::string_view name) {
    return static_cast<std::size_t>(std::find(list.begin(), list.end(), name) - list.begin());
}

Severity severity_named(std::string_view name) {
    return name == severity_name(Severity::kCrit)   ? Severity::kCrit
           : name == severity_name(Severity::kInfo) ? Severity::kInfo
                                                    : Severity::kWarn;
}

Complaint read_complaint(const ReportPart &part, const json::object &finding) {
    Complaint complaint{.id = text_at(finding, "id"),
                        .severity = severity_named(text_at(finding, "severity")),
                        .item = part.item,
                        .sections = {part.section},
                        .summary = text_at(finding, "summary"),
                        .evidence = {},
                        .fix = {}};
    if (auto evidence = text_at(finding, "evidence"); !evidence.empty()) {
        complaint.evidence.push_back(std::move(evidence));
    }
    for (const auto &command : rows_at(finding, "fix")) {
        if (command.is_string()) {
            complaint.fix.emplace_back(command.get_string());
        }
    }
    return complaint;
}

/// Several sections may say the same, each with evidence of its own; the gravest has the word.
void merge(Complaint &known, Complaint more) {
    if (more.severity > known.severity || known.fix.empty()) {
        std::swap(known.summary, more.summary);
        std::swap(known.fix, more.fix);
    }
    known.severity = std::max(known.severity, more.severity);
    for (auto &evidence : more.evidence) {
        if (!contains(known.evidence, evidence)) {
            known.evidence.push_back(std::move(evidence));
        }
    }
    if (!contains(known.sections, more.sections.front())) {
        known.sections.push_back(more.sections.front());
    }
}

void add(std::vector<Complaint> &complaints, Complaint complaint) {
    const auto known =
        std::find_if(complaints.begin(), complaints.end(), [&](const Complaint &other) {
            // The same about another table or relay is another matter.
            return other.id == complaint.id && other.item == complaint.item &&
                   (other.summary == complaint.summary ||
                    !contains(other.sections, complaint.sections.front()));
        });
    if (known == complaints.end()) {
        complaints.push_back(std::move(complaint));
    } else {
        merge(*known, std::move(complaint));
    }
}

void add_unknown(std::vector<Unknown> &unknown, const ReportPart &part, std::string error) {
    const auto known = std::find_if(unknown.begin(), unknown.end(), [&](const Unknown &other) {
        return other.item == part.item && other.error == error;
    });
    if (known == unknown.end()) {
        unknown.push_back({{part.section}, part.item, std::move(error)});
    } else if (!contains(known->sections, part.section)) {
        known->sections.push_back(part.section);
    }
}

void read_part(const ReportPart &part, DoctorReport &report) {
    bool is_fine = true;
    for (const auto &row : rows_at(part.object, "findings")) {
        if (const auto *const finding = row.if_object()) {
            auto complaint = read_complaint(part, *finding);
            is_fine = is_fine && complaint.severity == Severity::kInfo;
            add(report.complaints, std::move(complaint));
        }
    }
    for (const auto &row : rows_at(part.object, "problems")) {
        if (const auto *const problem = row.if_object()) {
            add_unknown(report.unknown, part, text_at(*problem, "error"));
            is_fine = false;
        }
    }
    if (is_fine) {
        report.fine.push_back({part.section, part.item, summarise_object(part.section, part.object),
                               !has_waiting_mail(part.section, part.object) &&
                                   text_at(part.object, "skipped").empty()});
    }
}

auto importance(const Complaint &complaint) {
    return std::tuple(complaint.severity == Severity::kCrit   ? 0
                      : complaint.severity == Severity::kWarn ? 1
                                                              : 2,
                      rank_of(kFirst, complaint.id), contains(kSymptoms, complaint.id),
                      rank_of(kSections, complaint.sections.front()));
}

}  // namespace

int DoctorReport::exit_status() const {
    const auto has = [&](Severity severity) {
        return std::any_of(complaints.begin(), complaints.end(),
                           [&](const auto &complaint) { return complaint.severity == severity; });
    };
    return has(Severity::kCrit)                                       ? 2
           : has(Severity::kWarn) || !unknown.empty() || !has_postfix ? 1
                                                                      : 0;
}

DoctorReport make_doctor_report(const std::vector<ReportPart> &parts) {
    DoctorReport report;
    report.has_postfix = !parts.empty();
    for (const ReportPart &part : parts) {
        read_part(part, report);
    }
    std::stable_sort(
        report.complaints.begin(), report.complaints.end(),
        [](const auto &one, const auto &other) { return importance(one) < importance(other); });
    return report;
}

}  // namespace mail_relay
