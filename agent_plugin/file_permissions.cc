#include "agent_plugin/file_permissions.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <optional>
#include <string_view>

#include "agent_plugin/file_owner.h"
#include "agent_plugin/file_reader.h"
#include "agent_plugin/shell_quote.h"

namespace mail_relay {

namespace {

constexpr std::size_t kAccountsLimit = 1 << 20;
constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;
constexpr mode_t kSetGroup = S_ISGID | S_IXUSR | S_IXGRP | S_IXOTH;

enum class Account { kAny, kRoot, kPostfix };

struct Place {
    std::string_view directory;  ///< the parameter that names it
    std::string_view path;       ///< below that
    Account owner = Account::kAny;
    bool of_setgid_group = false;
    mode_t forbidden = 0;
    mode_t needed = 0;
};

constexpr std::array kPlaces = {
    Place{"queue_directory", "", Account::kRoot, false, kOthersWrite, 0},
    Place{"queue_directory", "/pid", Account::kRoot, false, kOthersWrite, 0},
    Place{"queue_directory", "/active", Account::kPostfix, false, 0, 0},
    Place{"queue_directory", "/bounce", Account::kPostfix, false, 0, 0},
    Place{"queue_directory", "/corrupt", Account::kPostfix, false, 0, 0},
    Place{"queue_directory", "/defer", Account::kPostfix, false, 0, 0},
    Place{"queue_directory", "/deferred", Account::kPostfix, false, 0, 0},
    Place{"queue_directory", "/flush", Account::kPostfix, false, 0, 0},
    Place{"queue_directory", "/hold", Account::kPostfix, false, 0, 0},
    Place{"queue_directory", "/incoming", Account::kPostfix, false, 0, 0},
    Place{"queue_directory", "/private", Account::kPostfix, false, 0, 0},
    Place{"queue_directory", "/maildrop", Account::kPostfix, true, 0, 0},
    Place{"queue_directory", "/public", Account::kPostfix, true, 0, 0},
    Place{"data_directory", "", Account::kPostfix, false, kOthersWrite, 0},
    Place{"config_directory", "", Account::kRoot, false, kOthersWrite, 0},
    Place{"config_directory", "/main.cf", Account::kRoot, false, kOthersWrite, 0},
    Place{"config_directory", "/master.cf", Account::kRoot, false, kOthersWrite, 0},
    Place{"command_directory", "/postdrop", Account::kAny, true, 0, kSetGroup},
    Place{"command_directory", "/postqueue", Account::kAny, true, 0, kSetGroup},
};

class PermissionCheck {
  public:
    PermissionCheck(const FileTree &files, const Configuration &configuration)
        : files_(files),
          configuration_(configuration),
          postfix_(account("/etc/passwd", "mail_owner")),
          group_(account("/etc/group", "setgid_group")) {}

    std::vector<PermissionFault> faults() && {
        for (const Place &place : kPlaces) {
            check(place);
        }
        check_resolver();
        return std::move(faults_);
    }

  private:
    /// Both files begin their lines with "name:password:number".
    std::optional<uid_t> account(const std::string &file, std::string_view parameter) const {
        const auto accounts = files_.read(file, kAccountsLimit);
        return accounts ? find_user_id(*accounts, configuration_.get(parameter)) : std::nullopt;
    }

    void check(const Place &place) {
        const std::string_view directory = configuration_.get(place.directory);
        if (!directory.starts_with('/')) {
            return;
        }
        const std::string path = fmt::format("{}{}", directory, place.path);
        const auto found = files_.find(path);
        if (!found || !*found) {
            return;
        }
        check_owner(place, path, **found);
        check_mode(place, path, **found);
    }

    void check_owner(const Place &place, const std::string &path, const struct stat &status) {
        const bool is_roots = place.owner == Account::kRoot;
        const auto owner = is_roots ? std::optional<uid_t>(0) : postfix_;
        if (place.owner != Account::kAny && owner && status.st_uid != *owner) {
            const std::string_view name = is_roots ? "root" : configuration_.get("mail_owner");
            faults_.push_back({fmt::format("{} is not owned by {}", path, name),
                               fmt::format("chown {} {}", shell_quote(name), shell_quote(path))});
        }
        if (place.of_setgid_group && group_ && status.st_gid != *group_) {
            const std::string_view name = configuration_.get("setgid_group");
            faults_.push_back({fmt::format("{} is not owned by group {}", path, name),
                               fmt::format("chgrp {} {}", shell_quote(name), shell_quote(path))});
        }
    }

    void check_mode(const Place &place, const std::string &path, const struct stat &status) {
        if ((status.st_mode & place.forbidden) != 0) {
            faults_.push_back({fmt::format("{} can be written by others than its owner", path),
                               fmt::format("chmod go-w {}", shell_quote(path))});
        }
        if ((status.st_mode & place.needed) != place.needed) {
            faults_.push_back({fmt::format("{} is not set-gid and executable by all", path),
                               fmt::format("chmod g+s,a+x {}", shell_quote(path))});
        }
    }

    /// Root resolves names with it, and the smtp client, which is not root any more, does not. Of a
    /// jail's copy section mail_relay_config tells.
    void check_resolver() {
        const std::string path = "/etc/resolv.conf";
        const MasterService *const client = configuration_.delivery_service();
        const std::string_view owner = configuration_.get("mail_owner");
        if (client != nullptr && !client->chroot && !FileReader(files_, owner).may_read(path)) {
            faults_.push_back(
                {fmt::format("{} cannot be read by {}, which finds no server then", path, owner),
                 fmt::format("chmod a+r {}", path)});
        }
    }

    const FileTree &files_;
    const Configuration &configuration_;
    const std::optional<uid_t> postfix_;
    const std::optional<gid_t> group_;
    std::vector<PermissionFault> faults_;
};

}  // namespace

std::vector<PermissionFault> find_permission_faults(const FileTree &files,
                                                    const Configuration &configuration) {
    return PermissionCheck(files, configuration).faults();
}

}  // namespace mail_relay
