#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent_plugin/finding.h"
#include "agent_plugin/report.h"

namespace mail_relay {

/// What is wrong, once, whichever sections say it.
struct Complaint {
    std::string id;
    Severity severity = Severity::kWarn;
    std::string item;                   ///< instance or Checkmk site
    std::vector<std::string> sections;  ///< that say it
    std::string summary;
    std::vector<std::string> evidence;
    std::vector<std::string> fix;
};

/// A section that nothing is wrong with.
struct GoodNews {
    std::string section;
    std::string item;
    std::string line;
    bool is_good = true;  ///< false where mail waits, though not for long, or nobody looked
};

/// Something that could not be found out, once, whichever sections needed it.
struct Unknown {
    std::vector<std::string> sections;
    std::string item;
    std::string error;
};

/// Everything about a host, in order of importance.
struct DoctorReport {
    std::vector<Complaint> complaints;  ///< what has to be repaired first comes first
    std::vector<Unknown> unknown;
    std::vector<GoodNews> fine;
    bool has_postfix = false;

    /// 2: something is grave; 1: something is wrong or not known, or there is no Postfix; else 0.
    int exit_status() const;
};

DoctorReport make_doctor_report(const std::vector<ReportPart> &parts);

}  // namespace mail_relay
