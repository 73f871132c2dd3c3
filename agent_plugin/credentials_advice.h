#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/configuration.h"
#include "agent_plugin/distribution.h"
#include "agent_plugin/repair.h"
#include "agent_plugin/sasl_facts.h"

namespace mail_relay {

/// Commands that give the smtp client credentials. What is written is the administrator's: an
/// editor is opened, and a comment shows the entry. Keeps references.
class CredentialsAdvice {
  public:
    CredentialsAdvice(const SaslFacts &facts, const Configuration &configuration,
                      const Distribution &distribution)
        : facts_(facts),
          configuration_(configuration),
          distribution_(distribution),
          repair_(facts.instance, configuration) {}

    /// Makes a table, or takes one that lies there, readable for root alone before it is written.
    std::vector<std::string> first_table() const;

    /// Writes an entry into the first table that has a file, and makes it count.
    std::vector<std::string> entry(std::string_view key) const;

  private:
    std::string edit(std::string_view file, std::string_view key) const;

    const SaslFacts &facts_;
    const Configuration &configuration_;
    const Distribution &distribution_;
    Repair repair_;
};

}  // namespace mail_relay
