#pragma once

#include <boost/json/object.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/deadline.h"

namespace mail_relay {

/// One object of a section.
struct ReportPart {
    std::string section;
    std::string item;  ///< the instance, or what the section is about
    boost::json::object object;
};

/// The sections as they grow. One thread adds, another prints what is there when time is up.
class Report {
  public:
    Report();
    ~Report();

    /// Announces that an object for this section and item will come: an instance, or what `kind`
    /// says. Sections are printed in the order in which they were announced first.
    void expect(std::string_view section, std::string_view item,
                std::string_view kind = "instance");

    /// The object that was announced.
    void add(std::string_view section, std::string_view item, boost::json::object object);

    /// Nothing more will come.
    void close();

    /// Waits until the report is closed or time is up. An object that was announced and has not
    /// come is replaced by one with a problem that says so. Sections stay together.
    std::vector<ReportPart> wait(Deadline deadline, std::int64_t now);

    /// The same as agent output.
    std::string wait_and_render(Deadline deadline, std::int64_t now);

  private:
    struct Entry;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::unique_ptr<Entry>> entries_;
    bool closed_ = false;
};

}  // namespace mail_relay
