#include "agent_plugin/repair.h"

#include <fmt/format.h>

#include "agent_plugin/distribution.h"
#include "agent_plugin/next_hop.h"
#include "agent_plugin/shell_quote.h"

namespace mail_relay {

bool Repair::is_overridden(std::string_view name) const {
    const MasterService *const service = configuration_.delivery_service();
    return service != nullptr && service->overrides.find(name) != service->overrides.end();
}

std::string Repair::command(std::string_view program) const {
    if (instance_.is_default) {
        return std::string(program);
    }
    return fmt::format("{} -c {}", program, shell_quote(instance_.config_directory));
}

std::string Repair::set(std::string_view name, std::string_view value) const {
    if (!is_overridden(name)) {
        return fmt::format("{} -e {}", command("postconf"),
                           shell_quote(fmt::format("{}={}", name, value)));
    }
    const MasterService &service = *configuration_.delivery_service();
    return fmt::format(
        "{} -P {}", command("postconf"),
        shell_quote(fmt::format("{}/{}/{}={}", service.name, service.type, name, value)));
}

std::string Repair::set_next_hop(std::string_view relayhosts) const {
    if (next_hop_of(configuration_) == configuration_.get("relayhost")) {
        return set("relayhost", relayhosts);
    }
    const std::string_view transport = configuration_.get("default_transport");
    return set("default_transport",
               fmt::format("{}:{}", transport.substr(0, transport.find(':')), relayhosts));
}

std::string Repair::remove(std::string_view name) const {
    return is_overridden(name) ? remove_from(*configuration_.delivery_service(), name)
                               : remove_from_main_cf(name);
}

std::string Repair::remove_from_main_cf(std::string_view name) const {
    return fmt::format("{} -X {}", command("postconf"), shell_quote(name));
}

std::string Repair::remove_from(const MasterService &service, std::string_view name) const {
    return fmt::format("{} -PX {}", command("postconf"),
                       shell_quote(fmt::format("{}/{}/{}", service.name, service.type, name)));
}

std::string Repair::add_service(std::string_view name, std::string_view program) const {
    return fmt::format("{} -M {}", command("postconf"),
                       shell_quote(fmt::format("{0}/unix={0} unix - - n - - {1}", name, program)));
}

std::string Repair::check() const {
    return command("postfix") + " check";
}

std::string Repair::reload() const {
    return command("postfix") + " reload";
}

std::string Repair::restart() const {
    return instance_.is_default ? restart_command(instance_.name)
                                : command("postfix") + " stop; " + command("postfix") + " start";
}

std::string Repair::flush() const {
    return command("postqueue") + " -f";
}

TableName Repair::table_of_default_type(std::string_view file) const {
    const std::string_view type = configuration_.get("default_database_type");
    TableName table;
    table.type = type.empty() ? "hash" : type;
    table.name = fmt::format("{}/{}", instance_.config_directory, file);
    return table;
}

std::string Repair::build(const TableName &table) const {
    return fmt::format("{} {}", command("postmap"), shell_quote(unproxied(table)));
}

}  // namespace mail_relay
