#pragma once

#include <string>
#include <string_view>

#include "common/file_tree.h"

namespace mail_relay {

/// Which package manager a distribution's repairs use.
enum class DistributionFamily { kDebian, kRedHat, kSuse, kOther };

/// The mail host's operating system, and what its repairs look like there.
/// Source: os-release(5), /etc/os-release or /usr/lib/os-release.
struct Distribution {
    DistributionFamily family = DistributionFamily::kOther;
    std::string id;              ///< "debian", "rocky", ...; empty when unknown
    std::string version_id;      ///< "12", "9.4"
    std::string pretty_name;     ///< "Debian GNU/Linux 12 (bookworm)"
    bool lacks_ca_file = false;  ///< there is no file system_ca_file(), as on a minimal system
};

Distribution parse_os_release(std::string_view content);
Distribution read_distribution(const FileTree &files);

/// "apt install libsasl2-modules", "dnf install cyrus-sasl-plain", ... `debian`, `red_hat` and
/// `suse` name the package there; an unknown family gets a sentence for a person.
std::string install_command(const Distribution &distribution, std::string_view debian,
                            std::string_view red_hat, std::string_view suse);

/// "editor FILE" where Debian's alternative exists, else "vi FILE", with a hint behind a #.
std::string edit_command(const Distribution &distribution, std::string_view file,
                         std::string_view hint);

/// The distribution's own bundle of certificate authorities.
std::string system_ca_file(const Distribution &distribution);

/// "systemctl restart postfix", or for another instance "postmulti -i NAME -p start".
std::string restart_command(std::string_view instance_name);

}  // namespace mail_relay
