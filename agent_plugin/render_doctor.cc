#include "agent_plugin/render_doctor.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string_view>

#include "agent_plugin/object_summary.h"
#include "common/utf8.h"

namespace mail_relay {

namespace json = boost::json;

namespace {

constexpr std::size_t kIndent = 6;
constexpr std::size_t kNarrowest = 40;

struct Mark {
    std::string_view word;
    std::string_view colour;  // SGR
};

constexpr Mark kGood{"OK", "32"};
constexpr Mark kWaiting{"-", "33"};
constexpr Mark kNotKnown{"?", "35"};

Mark mark_of(Severity severity) {
    switch (severity) {
        case Severity::kCrit:
            return {"CRIT", "1;31"};
        case Severity::kWarn:
            return {"WARN", "1;33"};
        case Severity::kInfo:
            break;
    }
    return {"INFO", "36"};
}

/// What a log or a server wrote may hold anything: a terminal must not obey it.
std::string printable(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        const auto before = text;
        const auto character = take_character(text);
        const bool is_shown = character && *character >= 0x20 && *character != 0x7F &&
                              !(*character >= 0x80 && *character < 0xA0);
        shown += is_shown ? before.substr(0, before.size() - text.size()) : std::string_view("?");
    }
    return shown;
}

class Page {
  public:
    explicit Page(const PageStyle &style)
        : style_(style), width_(std::max(style.width, kNarrowest)) {}

    void paragraph(const Mark &mark, std::string_view text) {
        text_ += paint(fmt::format("{:<6}", mark.word), mark.colour);
        wrap(text, kIndent, kIndent);
    }

    /// Text behind a word, both indented.
    void labelled(std::string_view label, std::string_view text) {
        const std::string begin = fmt::format("{:{}}{}", "", kIndent, label);
        text_ += begin;
        wrap(text, begin.size(), begin.size());
    }

    void command(std::string_view command) {
        text_ += fmt::format("{:{}}{}\n", "", kIndent + 4, paint(printable(command), "36"));
    }

    void line(std::string_view text) { text_ += fmt::format("{}\n", text); }
    void plain(std::string_view text) { wrap(text, 0, 0); }

    std::string take() { return std::move(text_); }

  private:
    std::string paint(std::string_view text, std::string_view colour) const {
        return style_.colour ? fmt::format("\033[{}m{}\033[0m", colour, text) : std::string(text);
    }

    /// Words up to the width; `column` is where the first one comes.
    void wrap(std::string_view text, std::size_t column, std::size_t indent) {
        const std::string shown = printable(text);
        std::string_view rest = shown;
        bool begins_line = true;
        while (!rest.empty()) {
            const auto begin = std::min(rest.find_first_not_of(' '), rest.size());
            rest.remove_prefix(begin);
            const auto word = rest.substr(0, rest.find(' '));
            rest.remove_prefix(word.size());
            if (!begins_line && column + 1 + word.size() > width_) {
                text_ += fmt::format("\n{:{}}", "", indent);
                column = indent;
                begins_line = true;
            }
            text_ += begins_line ? "" : " ";
            text_ += word;
            column += word.size() + (begins_line ? 0 : 1);
            begins_line = false;
        }
        text_ += '\n';
    }

    PageStyle style_;
    std::size_t width_;
    std::string text_;
};

/// Which item is meant; left out where there is only one.
std::string behind(std::string_view item) {
    return item == "postfix" ? "" : fmt::format(" ({})", item);
}

/// "Configuration, TLS"
std::string titles(const std::vector<std::string> &sections) {
    std::string line;
    for (const auto &section : sections) {
        line += (line.empty() ? "" : ", ") + section_title(section);
    }
    return line;
}

void show(const Complaint &complaint, Page &page) {
    page.paragraph(mark_of(complaint.severity), complaint.summary + behind(complaint.item));
    for (const auto &evidence : complaint.evidence) {
        page.labelled("Seen: ", evidence);
    }
    if (!complaint.fix.empty()) {
        page.line("      Repair:");
    }
    for (const auto &command : complaint.fix) {
        page.command(command);
    }
    page.line("");
}

/// Nothing has to be done about them: a line each, and where to find what could be done.
void show_notices(const DoctorReport &report, Page &page) {
    for (const auto &complaint : report.complaints) {
        if (complaint.severity == Severity::kInfo) {
            page.paragraph(mark_of(complaint.severity),
                           fmt::format("{}{}{}", complaint.summary, behind(complaint.item),
                                       complaint.fix.empty() ? "" : "; commands with --json"));
        }
    }
}

std::string count(std::size_t number, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", number, number == 1 ? one : many);
}

bool has_deferred_mail(const DoctorReport &report) {
    return std::any_of(report.fine.begin(), report.fine.end(), [](const GoodNews &news) {
        return news.section == "mail_relay_queue" && !news.is_good;
    });
}

void conclude(const DoctorReport &report, Page &page) {
    std::size_t grave = 0;
    std::size_t less = 0;
    bool has_repair = false;
    for (const auto &complaint : report.complaints) {
        grave += complaint.severity == Severity::kCrit ? 1 : 0;
        less += complaint.severity == Severity::kWarn ? 1 : 0;
        has_repair |= complaint.severity != Severity::kInfo && !complaint.fix.empty();
    }
    if (grave + less + report.unknown.size() == 0) {
        page.plain(has_deferred_mail(report) ? "Nothing wrong is found on this host, but mail "
                                               "waits: the line Queue tells why."
                                             : "Nothing is wrong.");
        return;
    }
    std::string line;
    const auto say = [&](std::size_t number, std::string_view one, std::string_view many) {
        if (number > 0) {
            line += (line.empty() ? "" : ", ") + count(number, one, many);
        }
    };
    say(grave, "grave fault", "grave faults");
    say(less, "warning", "warnings");
    say(report.unknown.size(), "thing that could not be found out",
        "things that could not be found out");
    if (has_repair) {
        line += grave + less > 1
                    ? ". Repair the first one, then run this again: causes hide each other"
                    : ". Repair it, then run this again";
    }
    page.plain(line + ".");
}

}  // namespace

std::string render_doctor(const DoctorReport &report, const Patient &patient,
                          const PageStyle &style) {
    Page page(style);
    page.plain(fmt::format("Mail relay doctor {}: {}{}", MAIL_RELAY_VERSION, patient.host,
                           patient.system.empty() ? "" : ", " + patient.system));
    page.line("");
    if (!report.has_postfix) {
        page.plain("There is no Postfix on this host: no configuration that postconf answers for.");
        return page.take();
    }
    if (!patient.as_root) {
        page.paragraph(kNotKnown, "Not started as root: much of Postfix cannot be looked at.");
        page.line("");
    }
    for (const auto &complaint : report.complaints) {
        if (complaint.severity != Severity::kInfo) {
            show(complaint, page);
        }
    }
    for (const auto &unknown : report.unknown) {
        page.paragraph(kNotKnown, fmt::format("{}{}: {}", titles(unknown.sections),
                                              behind(unknown.item), unknown.error));
    }
    for (const auto &good : report.fine) {
        page.paragraph(good.is_good ? kGood : kWaiting,
                       fmt::format("{}{}{}{}", section_title(good.section), behind(good.item),
                                   good.line.empty() ? "" : ": ", good.line));
    }
    show_notices(report, page);
    page.line("");
    conclude(report, page);
    return page.take();
}

json::object render_doctor_json(const DoctorReport &report, const Patient &patient,
                                std::int64_t now) {
    json::array complaints;
    for (const auto &complaint : report.complaints) {
        complaints.emplace_back(json::object{{"id", complaint.id},
                                             {"severity", severity_name(complaint.severity)},
                                             {"item", complaint.item},
                                             {"sections", json::value_from(complaint.sections)},
                                             {"summary", complaint.summary},
                                             {"evidence", json::value_from(complaint.evidence)},
                                             {"fix", json::value_from(complaint.fix)}});
    }
    json::array unknown;
    for (const auto &what : report.unknown) {
        unknown.emplace_back(json::object{{"sections", json::value_from(what.sections)},
                                          {"item", what.item},
                                          {"error", what.error}});
    }
    json::array fine;
    for (const auto &good : report.fine) {
        fine.emplace_back(
            json::object{{"section", good.section}, {"item", good.item}, {"summary", good.line}});
    }
    return {{"time", now},
            {"agent_version", MAIL_RELAY_VERSION},
            {"host", patient.host},
            {"system", patient.system},
            {"postfix", report.has_postfix},
            {"exit_status", report.exit_status()},
            {"findings", std::move(complaints)},
            {"unknown", std::move(unknown)},
            {"fine", std::move(fine)}};
}

}  // namespace mail_relay
