#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/special_agent/twist.h"

namespace mail_relay::test {

/// A mail as a mailbox has it.
struct StoredMail {
    std::uint32_t uid = 0;
    std::string header;  ///< with its empty line
    std::string body;
    std::int64_t internal_date = 0;
    bool deleted = false;
};

struct StoredFolder {
    std::uint32_t uid_validity = 1;
    std::uint32_t uid_next = 1;
    bool read_only = false;
    std::vector<StoredMail> mails;
};

/// A mailbox that can do what is asked of one, with a twist where a test wants one. Tests change
/// the folders through with_folder(), while clients are there, too.
class ImapDouble {
  public:
    /// By the beginning of a command ("EXAMINE", "UID FETCH", ...), "greeting" or "log-in"; "{tag}"
    /// is replaced.
    std::map<std::string, Twist> twists;
    std::string capabilities = "IMAP4rev1 UIDPLUS SPECIAL-USE QUOTA";
    std::string junk = "Junk";  ///< marked as such
    std::string quota = "(STORAGE 10 512 MESSAGE 20 100)";
    const TestCertificate *certificate = nullptr;
    bool implicit_tls = false;
    bool tells_uid_next = true;
    bool shows_new_only_after_noop = false;
    std::string challenge;

    ImapDouble() {
        folders_["INBOX"];
        folders_["Junk"];
    }

    void start() {
        server_ = std::make_unique<ScriptedServer>([this](Peer &peer) { talk(peer); });
    }

    std::uint16_t port() const { return server_->port(); }
    int connections() const { return server_->connections(); }

    std::vector<std::string> heard() const {
        const std::lock_guard lock(mutex_);
        return heard_;
    }

    /// How many commands began like this.
    std::ptrdiff_t count(const std::string &beginning) const {
        const auto lines = heard();
        return std::count_if(lines.begin(), lines.end(),
                             [&](const std::string &line) { return line.starts_with(beginning); });
    }

    void add(const std::string &folder, const std::string &mail,
             std::int64_t internal_date = std::time(nullptr)) {
        const std::lock_guard lock(mutex_);
        auto &target = folders_[folder];
        const auto end = mail.find("\r\n\r\n");
        target.mails.push_back({target.uid_next++, mail.substr(0, end + 4), mail.substr(end + 4),
                                internal_date, false});
    }

    template <class Action>
    auto with_folder(const std::string &name, Action action) {
        const std::lock_guard lock(mutex_);
        return action(folders_[name]);
    }

    void remove_folder(const std::string &name) {
        const std::lock_guard lock(mutex_);
        folders_.erase(name);
    }

    std::size_t mails(const std::string &folder) {
        return with_folder(folder, [](const StoredFolder &it) { return it.mails.size(); });
    }

  private:
    struct Client {
        std::string folder;
        bool read_only = true;
        std::size_t told = 0;
    };

    void talk(Peer &peer) {
        if (implicit_tls && !peer.start_tls(*certificate)) {
            return;
        }
        const auto greeting = twists.find("greeting");
        if (greeting != twists.end() ? !greeting->second.play(peer)
                                     : !peer.say("* OK [CAPABILITY " + capabilities + "] hi\r\n")) {
            return;
        }
        Client client;
        for (auto line = peer.hear(); !line.empty(); line = peer.hear()) {
            const auto tag = line.substr(0, line.find(' '));
            const auto command = line.substr(std::min(tag.size() + 1, line.size()));
            {
                const std::lock_guard lock(mutex_);
                heard_.push_back(command);
            }
            if (!obey(peer, client, tag, command)) {
                return;
            }
        }
    }

    bool obey(Peer &peer, Client &client, const std::string &tag, const std::string &command) {
        const bool logs_in = command.starts_with("LOGIN") || command.starts_with("AUTHENTICATE");
        if (command.starts_with("AUTHENTICATE")) {
            peer.say("+ " + challenge + "\r\n");
            const auto response = peer.hear();
            const std::lock_guard lock(mutex_);
            heard_.push_back(response);
        }
        for (const auto &[beginning, twist] : twists) {
            if (command.starts_with(beginning) || (logs_in && beginning == "log-in")) {
                auto mine = twist;
                replace(mine.say, "{tag}", tag);
                return mine.play(peer);
            }
        }
        if (command == "STARTTLS") {
            return peer.say(tag + " OK go\r\n") && peer.start_tls(*certificate);
        }
        std::string answer;
        bool ok = true;
        {
            const std::lock_guard lock(mutex_);
            ok = act(client, command, answer);
        }
        const auto code = command.starts_with("SELECT") || command.starts_with("EXAMINE")
                              ? (client.read_only ? " [READ-ONLY]" : " [READ-WRITE]")
                          : logs_in ? " [CAPABILITY " + capabilities + "]"
                                    : std::string();
        peer.say(answer + tag + (ok ? " OK" + code + " done\r\n" : " NO cannot\r\n"));
        return command != "LOGOUT";
    }

    bool act(Client &client, const std::string &command, std::string &answer) {
        std::istringstream words(command);
        std::string verb;
        words >> verb;
        if (verb == "UID") {
            words >> verb;
            return act_on_mails(client, verb, words, answer);
        }
        if (verb == "CAPABILITY") {
            answer = "* CAPABILITY " + capabilities + "\r\n";
        } else if (verb == "LIST") {
            for (const auto &[name, folder] : folders_) {
                answer += fmt::format(R"(* LIST (\{}) "/" "{}")",
                                      name == junk ? "Junk" : "HasNoChildren", name);
                answer += "\r\n";
            }
        } else if (verb == "STATUS") {
            return tell_status(quoted(command), answer);
        } else if (verb == "SELECT" || verb == "EXAMINE") {
            return open(client, quoted(command), verb == "EXAMINE", answer);
        } else if (verb == "NOOP") {
            tell_news(client, answer);
        } else if (verb == "GETQUOTAROOT") {
            answer = "* QUOTAROOT INBOX \"\"\r\n* QUOTA \"\" " + quota + "\r\n";
        }
        return true;
    }

    bool tell_status(const std::string &name, std::string &answer) {
        const auto folder = folders_.find(name);
        if (folder == folders_.end()) {
            return false;
        }
        answer = "* STATUS \"" + name + "\" (MESSAGES " +
                 std::to_string(folder->second.mails.size()) + " UIDNEXT " +
                 std::to_string(folder->second.uid_next) + " UIDVALIDITY " +
                 std::to_string(folder->second.uid_validity) + ")\r\n";
        return true;
    }

    bool open(Client &client, const std::string &name, bool examine, std::string &answer) {
        const auto folder = folders_.find(name);
        if (folder == folders_.end()) {
            return false;
        }
        client.folder = name;
        client.read_only = examine || folder->second.read_only;
        client.told = shows_new_only_after_noop ? 0 : folder->second.mails.size();
        const auto next = shows_new_only_after_noop ? 1 : folder->second.uid_next;
        answer = "* FLAGS (\\Deleted)\r\n* " + std::to_string(client.told) +
                 " EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY " +
                 std::to_string(folder->second.uid_validity) + "] ok\r\n";
        if (tells_uid_next) {
            answer += "* OK [UIDNEXT " + std::to_string(next) + "] ok\r\n";
        }
        return true;
    }

    void tell_news(Client &client, std::string &answer) {
        const auto folder = folders_.find(client.folder);
        if (folder != folders_.end() && folder->second.mails.size() != client.told) {
            client.told = folder->second.mails.size();
            answer = "* " + std::to_string(client.told) + " EXISTS\r\n";
        }
    }

    bool act_on_mails(Client &client, const std::string &verb, std::istringstream &words,
                      std::string &answer) {
        auto &folder = folders_[client.folder];
        std::string rest;
        if (verb == "SEARCH") {
            std::getline(words, rest);
            search(folder, rest, answer);
            return true;
        }
        std::string set;
        words >> set;
        std::getline(words, rest);
        const auto chosen = members(folder, set);
        if (verb == "FETCH") {
            for (std::size_t i = 0; i < folder.mails.size(); ++i) {
                if (chosen.contains(folder.mails[i].uid)) {
                    answer += fetched(i + 1, folder.mails[i], rest);
                }
            }
            return true;
        }
        if (client.read_only) {
            return false;
        }
        for (auto &mail : folder.mails) {
            mail.deleted = mail.deleted || (verb == "STORE" && chosen.contains(mail.uid));
        }
        if (verb == "EXPUNGE") {
            std::erase_if(folder.mails, [&](const StoredMail &mail) {
                return mail.deleted && chosen.contains(mail.uid);
            });
        }
        return true;
    }

    static void search(const StoredFolder &folder, const std::string &criteria,
                       std::string &answer) {
        std::uint32_t first = 0;
        if (const auto at = criteria.find("UID "); at != std::string::npos) {
            first = static_cast<std::uint32_t>(std::stoul(criteria.substr(at + 4)));
        }
        answer = "* SEARCH";
        for (const auto &mail : folder.mails) {
            const bool fits = criteria.find("BODY ") != std::string::npos
                                  ? mail.body.find(quoted(criteria)) != std::string::npos
                                  : !field(mail.header, word_behind(criteria, "HEADER ")).empty();
            if (fits && mail.uid >= first) {
                answer += " " + std::to_string(mail.uid);
            }
        }
        answer += "\r\n";
    }

    static std::string fetched(std::size_t number, const StoredMail &mail,
                               const std::string &items) {
        std::string section = mail.body;
        if (const auto at = items.find("FIELDS ("); at != std::string::npos) {
            section.clear();
            std::istringstream names(items.substr(at + 8, items.find(')', at) - at - 8));
            for (std::string name; names >> name;) {
                section += field(mail.header, name);
            }
            section += "\r\n";
        }
        const auto limit = std::stoul(items.substr(items.find("<0.") + 3));
        section = section.substr(0, limit);
        return "* " + std::to_string(number) + " FETCH (UID " + std::to_string(mail.uid) +
               " INTERNALDATE \"" + imap_date(mail.internal_date) + "\" BODY[X]<0> {" +
               std::to_string(section.size()) + "}\r\n" + section + ")\r\n";
    }

    // All fields of this name, whatever its case.
    static std::string field(const std::string &header, const std::string &name) {
        std::string found;
        std::istringstream lines(header);
        bool inside = false;
        for (std::string line; std::getline(lines, line);) {
            if (!line.starts_with(' ') && !line.starts_with('\t')) {
                inside = lower(line.substr(0, line.find(':'))) == lower(name);
            }
            found += inside ? line + "\n" : "";
        }
        return found;
    }

    static std::set<std::uint32_t> members(const StoredFolder &folder, const std::string &set) {
        std::set<std::uint32_t> chosen;
        std::istringstream parts(set);
        for (std::string part; std::getline(parts, part, ',');) {
            const auto last = folder.mails.empty() ? 0 : folder.mails.back().uid;
            const auto first = part == "*" ? last : static_cast<std::uint32_t>(std::stoul(part));
            const bool open_end = part.ends_with(":*");
            for (const auto &mail : folder.mails) {
                if (mail.uid == first || (open_end && (mail.uid >= std::min(first, last)))) {
                    chosen.insert(mail.uid);
                }
            }
        }
        return chosen;
    }

    static std::string imap_date(std::int64_t unix_time) {
        const std::time_t time = unix_time;
        std::tm parts{};
        ::gmtime_r(&time, &parts);
        std::array<char, 64> text{};
        std::strftime(text.data(), text.size(), "%d-%b-%Y %H:%M:%S +0000", &parts);
        return text.data();
    }

    static std::string lower(std::string text) {
        std::transform(text.begin(), text.end(), text.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return text;
    }

    static std::string word_behind(const std::string &text, const std::string &mark) {
        const auto begin = text.find(mark) + mark.size();
        return text.substr(begin, text.find(' ', begin) - begin);
    }

    static std::string quoted(const std::string &text) {
        const auto begin = text.find('"') + 1;
        return text.substr(begin, text.find('"', begin) - begin);
    }

    static void replace(std::string &text, const std::string &from, const std::string &to) {
        for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
            text.replace(at, from.size(), to);
        }
    }

    mutable std::mutex mutex_;
    std::map<std::string, StoredFolder> folders_;
    std::vector<std::string> heard_;
    std::unique_ptr<ScriptedServer> server_;
};

}  // namespace mail_relay::test
