#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string>

#include "agent_plugin/doctor_report.h"

namespace mail_relay {

/// How the report is to look.
struct PageStyle {
    std::size_t width = 80;
    bool colour = false;
};

/// What the report is about.
struct Patient {
    std::string host;
    std::string system;  ///< "Debian GNU/Linux 12 (bookworm)"; "" if not known
    bool as_root = true;
};

/// The report for a person. Commands stand alone on their lines, never broken, to be copied.
std::string render_doctor(const DoctorReport &report, const Patient &patient,
                          const PageStyle &style);

/// The same for a program.
boost::json::object render_doctor_json(const DoctorReport &report, const Patient &patient,
                                       std::int64_t now);

}  // namespace mail_relay
