#pragma once

#include <string>
#include <string_view>

#include "agent_plugin/configuration.h"
#include "agent_plugin/instance.h"
#include "agent_plugin/table_name.h"

namespace mail_relay {

/// The commands that repair one instance, quoted for a shell. Keeps references.
class Repair {
  public:
    Repair(const Instance &instance, const Configuration &configuration)
        : instance_(instance), configuration_(configuration) {}

    /// Sets a parameter of the delivering smtp client: in main.cf, or in master.cf where an -o of
    /// the client service would win.
    std::string set(std::string_view name, std::string_view value) const;

    /// Makes `relayhosts` the next hop of mail for other hosts, where this instance has it:
    /// relayhost, or default_transport, which wins.
    std::string set_next_hop(std::string_view relayhosts) const;

    /// Takes a setting away from where the smtp client has it.
    std::string remove(std::string_view name) const;

    std::string remove_from_main_cf(std::string_view name) const;
    std::string remove_from(const MasterService &service, std::string_view name) const;

    /// A program of Postfix as it is called for this instance: its arguments come behind.
    std::string command(std::string_view program) const;

    /// Gives master.cf a transport that runs `program`, in no jail.
    std::string add_service(std::string_view name, std::string_view program) const;

    std::string check() const;  ///< says what is wrong with files and settings
    std::string reload() const;
    std::string restart() const;
    std::string flush() const;  ///< tries all deferred mail now

    /// FILE in the instance's configuration directory, of the type that postmap makes by default.
    TableName table_of_default_type(std::string_view file) const;

    /// Builds the index file of a table.
    std::string build(const TableName &table) const;

  private:
    bool is_overridden(std::string_view name) const;

    const Instance &instance_;
    const Configuration &configuration_;
};

}  // namespace mail_relay
