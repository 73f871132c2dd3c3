#include "common/failure_ideas.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "common/ascii.h"
#include "common/failure_rules.h"

namespace mail_relay {
namespace {

using enum FailureClass;

/// What a word is about; a set of them is an Ideas.
using Ideas = std::uint64_t;
constexpr Ideas kRecipient = 1ULL << 0;
constexpr Ideas kSender = 1ULL << 1;
constexpr Ideas kPeer =
    1ULL << 2;  ///< this host as the server sees it: its address, name, connection
constexpr Ideas kMessage = 1ULL << 3;
constexpr Ideas kAddress = 1ULL << 4;  ///< of somebody
constexpr Ideas kDomain = 1ULL << 5;
constexpr Ideas kService = 1ULL << 6;  ///< the server itself
constexpr Ideas kUnknown = 1ULL << 7;
constexpr Ideas kBlocked = 1ULL << 8;
constexpr Ideas kExists = 1ULL << 9;    ///< kUnknown after a "not"
constexpr Ideas kAllowed = 1ULL << 10;  ///< kBlocked after a "not"
constexpr Ideas kNot = 1ULL << 11;
constexpr Ideas kFull = 1ULL << 12;
constexpr Ideas kSize = 1ULL << 13;
constexpr Ideas kSpam = 1ULL << 14;
constexpr Ideas kTrust = 1ULL << 15;
constexpr Ideas kMany = 1ULL << 16;
constexpr Ideas kLater = 1ULL << 17;
constexpr Ideas kTrouble = 1ULL << 18;
constexpr Ideas kLogin = 1ULL << 19;
constexpr Ideas kMust = 1ULL << 20;
constexpr Ideas kTls = 1ULL << 21;
constexpr Ideas kRelay = 1ULL << 22;
constexpr Ideas kLoops = 1ULL << 23;
constexpr Ideas kNames = 1ULL << 25;    ///< name service
constexpr Ideas kClosing = 1ULL << 24;  ///< the server ends the session, or has no room
constexpr Ideas kGrey = 1ULL << 26;
constexpr Ideas kMailbox = 1ULL << 27;
constexpr Ideas kAway = 1ULL << 28;   ///< perhaps only now
constexpr Ideas kCheck = 1ULL << 29;  ///< whether an address exists
constexpr Ideas kPolicy = 1ULL << 30;
constexpr Ideas kListed = 1ULL << 31;
constexpr Ideas kPart = 1ULL << 32;  ///< of a message
constexpr Ideas kProtocol = 1ULL << 33;
constexpr Ideas kShort = 1ULL << 34;
constexpr Ideas kError = 1ULL << 35;
constexpr Ideas kNumber = 1ULL << 37;  ///< an address of a host
constexpr Ideas kDaily = 1ULL << 38;   ///< what an account may send
constexpr Ideas kDone = 1ULL << 36;    ///< the login, kMust after a "not"

// Most of this file is two tables, the words and what sets of them say: read together and tuned
// together, they are one idea however long they grow.
struct Vocabulary {
    Ideas ideas;
    std::string_view words;  ///< "block*": also "blocked"; ".1.1": a status code "5.1.1"
};

// A word may stand in several rows.
constexpr auto kVocabulary = std::to_array<Vocabulary>({
    {kRecipient,
     ".1.1 .1.10 .1.2 .1.3 .1.4 .1.6 .2.2 account accounts addressee* adressat* alias* "
     "badrcptto badrecipientto benutzer* bo?te boite buz?n buzon caixa casella destinat* "
     "directory empf* inbox konto localpart mailbox* maildir* member* nutzer odbiorc* "
     "person persona postfach rcpt recipient* somebody subscriber* user users usuario* "
     "utente* utilisateur* validrcptto"},
    {kSender,
     ".1.7 .1.8 absender* badmailfrom bounces emetteur envelope exp?diteur* expediteur* "
     "mailfrom mittente nadawc* originator owned remetente remitente return-path sender*"},
    {kPeer,
     "client* connection* ehlo helo helohost hostname* ip ips isp mta network* proxy rdns "
     "remotehost"},
    {kMessage,
     ".2.3 .3.4 attachment* body content content* dsn email* end-of-data end-of-message "
     "file files header* letter letters link links mensagem mensaje* message* message-id "
     "messaggio mime nachricht* subject text url urls"},
    {kAddress, ".1.0 address addresses adresse* direcci?n* direccion* endere?o indirizzo"},
    {kDomain, "domain* dominio*"},
    {kService, "server* serveur service* servidor system*"},
    {kUnknown,
     ".1.0 .1.1 .1.10 .1.2 .1.3 .1.4 .1.6 .1.7 .1.8 abandoned ambiguous archiv* bad "
     "badmailfrom badrcptto badrecipientto blank bogus cancel* closed deactivat* dead "
     "deleted deprovisioned desconhecid* desconocid* disabled discontinued erroneous "
     "expired fake faked forged frozen illegal improper* inactiv* inconnu* incorrect* "
     "inexist* invalid* locked malform* mismatch* missing misspelled nieznan* non-exist* "
     "nonexist* nosuchuser obsolete removed retired sconosciut* suspend* terminated "
     "unallocated unavaiable unavailable unbekannt* undeliverable ung?ltig* unknown "
     "unrecogni* unresolv* unrout* unvalidated unverif* wrong zombied"},
    {kBlocked,
     "abgelehnt abgewiesen ban banned barred black black-list* blacklist* block* "
     "blocklist* bloqu* declin* denied denies deny disallow* forbid* gesperrt interdit* "
     "listed odrzuc* prison prohibid* prohibit* proibid* quarantin* rechaz* recus* refus* "
     "reject* rejeit* rejete* restrict* rifiut* unacceptable unauthori* untrusted "
     "unwelcome verboten verweigert violat* zablokowan*"},
    {kTrust,
     ".7.23 .7.25 .7.26 abus* activity arc barracuda* black-list* blacklist* complaint* "
     "delist* dialup distrust* dkim dmarc dnsbl* dnsrbl dynamic dynamically forged listed "
     "listing listings misbehav* open-relay openrelay poor prison ptr rbl* rdns removal "
     "reputation* reverse senderbase senderscore sorbs* spamcop* spamhaus* spf spoof* "
     "trusted uceprotect unauthenticated unblock* unusual whitelist*"},
    {kExists,
     "activated active available deliver* encontrad* exist* found gefunden hosted known "
     "listed listening match* one present reachable recogni* registered resolv* signed "
     "such trouv* used valid"},
    {kAllowed,
     "accept* access* akzept* allow* authori* authorization autoris* erlaubt pass passed "
     "passes permi* receiv* support* welcome zugelassen"},
    {kNot,
     "aucun* cannot cant couldnt didnt doesnt dont dosnt fail failed fails hasnt havent "
     "isnt kein* n?o nao never nicht nie no nobody non not pas unable unsuccessful without "
     "wont"},
    {kFull,
     ".2.2 allocation cheia cheio exhausted full llen* over-quota overquota pien* plein* "
     "quota* space storage voll"},
    {kSize, ".2.3 .3.4 big* bytes gr??e groesse large* long oversize* size* taille tama?o"},
    {kSpam,
     "anti-spam* antispam* bulk* dcc exploit filter* fraud* harmful infected junk* "
     "malicious malware phish* pyzor razor scam score scored scores spam* surbl* suspicio* "
     "trojan* ube uce unsolicited uribl* virus* worm"},
    {kMany,
     "burst concurren* exceed* excessive fast flood* frequen* limit* many maximum much "
     "overrun per quickly rapid* rate ratelimit* slots slow* throttl* volume"},
    {kLater, "again defer* later moment* plus retry retrying shortly sp?ter spaeter tarde temp*"},
    {kTrouble,
     ".3.2 backend busy corrupt* database disk down failure* internal lookup maintenance "
     "memory overload* problem* processed resources shutdown shutting"},
    {kLogin,
     "anmeld* auth authenti* authenticated authorization credential* dauthentif* logged "
     "login* mot-de-passe passphrase password* passwort sasl submitter username*"},
    {kMust,
     "before erforderlich first must need needed needs only require required requires "
     "requise*"},
    {kTls, "certificate* cipher* dane dnssec* encrypt* mta-sts ssl* starttls tls* verschl?sselt"},
    {kRelay, "forward* gateway* rcpthosts relay* weiterleit*"},
    {kNames, "aaaa cname dns mx nameserver* nxdomain servfail"},
    {kLoops, ".4.6 hop hops loop* mailloop"},
    {kGrey, "gray-list* graylist* grey-list* greylist* postgrey"},
    {kMailbox,
     "bo?te boite buz?n buzon caixa casella inbox mailbox* maildir* over-quota overquota "
     "postfach quota*"},
    {kAway, "unavaiable unavailable"},
    {kCheck, "callout* unvalidated unverif* validat* verif*"},
    {kPolicy, "policies policy"},
    {kListed, "badmailfrom black black-list* blacklist* blocklist* denylist* listed"},
    {kPart,
     "base64 boundary characters compliant comply content date dcc encoded encoding "
     "executable extension format header* html line linefeed* lines link links macro* "
     "message-id mime multipart nul pyzor razor rfc rfc2822 rfc5322 rfc822 standards "
     "subject surbl* tag uribl* url urls zip"},
    {kProtocol, "500 502 503 command commands pipelin* protocol sequence syntax"},
    {kShort, "enough insufficient"},
    {kError,
     "aborted configuration could crash* error errors exception failure* interrupted "
     "license overload* process processing replica* transaction trouble unable upstream"},
    {kDone, "authenticated logged"},
    {kDaily, "24-hour credit credits daily day monthly outbound outgoing"},
    {kClosing, "421 452"},
});

struct IdeaRule {
    FailureClass failure;
    Ideas all;  ///< what the text must be about
    Said said = Said::kAnywhere;
};

using enum Said;

// The first row that matches decides: what is seldom said of other things comes first.
constexpr auto kRules = std::to_array<IdeaRule>({
    {kGreylisted, kGrey},
    {kLoop, kLoops},
    {kRelayDenied, kRelay | kLogin | kUnknown},
    {kReputation, kTrust | kLogin},
    {kRelayDenied, kLogin | kRelay | kBlocked},
    {kAuthRequired, kLogin | kMust},
    {kSenderRejected, kLogin | kSender},
    {kRateLimited, kLogin | kMany},
    {kAuthFailed, kLogin | kUnknown},
    {kAuthFailed, kLogin | kBlocked},
    {kAuthFailed, kLogin | kNot},
    {kTlsNotOffered, kTls | kMust},
    {kTlsVerify, kTls | kUnknown},
    {kTlsHandshake, kTls | kTrouble},
    {kTlsHandshake, kTls | kNot},
    {kResolve, kNames, kHere},
    {kReputation, kTrust | kPeer},
    {kReputation, kTrust | kCheck},
    {kReputation, kListed | kPeer},
    {kReputation, kListed | kNumber},
    {kContentRejected, kListed | kPart},
    {kReputation, kListed | kDomain},
    {kSenderRejected, kListed | kSender},
    {kSenderRejected, kListed | kAddress},
    {kServerError, kSpam | kError, kForNow},
    {kReputation, kPeer | kBlocked | kSpam},
    {kContentRejected, kPart | kSpam},
    {kContentRejected, kPart | kPolicy},
    {kContentRejected, kSpam | kPolicy},
    {kReputation, kTrust | kBlocked},
    {kReputation, kListed | kBlocked},
    {kRelayDenied, kRelay | kBlocked},
    {kRelayDenied, kRelay | kNot},
    {kRelayDenied, kRelay | kUnknown},
    {kServerError, kShort | kFull, kForNow},
    {kMailboxFull, kMailbox | kSize | kMany},
    {kMailboxFull, kRecipient | kFull},
    {kContentRejected, kSpam | kMessage},
    {kReputation, kSpam | kPeer},
    {kReputation, kSpam | kSender},
    {kContentRejected, kSpam},
    {kContentRejected, kPart | kSize},
    {kMessageTooLarge, kSize | kMany},
    {kMessageTooLarge, kSize | kMessage},
    {kServerError, kService | kFull, kForNow},
    {kRateLimited, kPeer | kFull | kMany},
    {kQuota, kDaily | kFull},
    {kMailboxFull, kFull},
    {kQuota, kDaily | kMany},
    {kRateLimited, kMany},
    {kRecipientRejected, kRecipient | kNames | kUnknown},
    {kSenderRejected, kNames | kDomain | kUnknown},
    {kReputation, kNames | kUnknown, kThere},
    {kServerError, kAway | kLater, kForNow},
    {kReputation, kSender | kPolicy},
    {kServerError, kCheck | kError, kForNow},
    {kSenderRejected, kSender | kUnknown},
    {kSenderRejected, kSender | kBlocked},
    {kSenderRejected, kSender | kCheck},
    {kSenderRejected, kDaily | kUnknown},
    {kReputation, kPeer | kBlocked},
    {kReputation, kPeer | kUnknown},
    {kReputation, kNumber | kBlocked},
    {kRecipientRejected, kRecipient | kUnknown},
    {kRecipientRejected, kRecipient | kBlocked, kForGood},
    {kRecipientRejected, kRecipient | kCheck},
    {kContentRejected, kPart | kUnknown},
    {kContentRejected, kPart | kBlocked},
    {kReputation, kTrust},
    {kReputation, kPolicy},
    {kServerError, kError | kLater, kForNow},
    {kRecipientRejected, kAddress | kUnknown},
    {kRecipientRejected, kAddress | kBlocked},
    {kContentRejected, kMessage | kBlocked},
    {kContentRejected, kMessage | kUnknown},
    {kSenderRejected, kSender | kMust},
    {kRecipientRejected, kRecipient | kMust},
    {kRecipientRejected, kDomain | kUnknown},
    {kReputation, kDomain | kBlocked},
    {kServerError, kClosing | kLater},
    {kServerError, kTrouble},
    {kOther, kProtocol},
    {kServerError, kService | kUnknown},
    {kServerError, kService | kLater},
    {kGreylisted, kLater, kForNow},
    {kServerError, kLater},
    {kReputation, kPeer | kMust},
    {kContentRejected, kPart},
    {kServerError, kError, kForNow},
    {kContentRejected, kBlocked, kAtData},
    {kRecipientRejected, kBlocked, kAtRcptTo},
    {kSenderRejected, kBlocked, kAtMailFrom},
    {kReputation, kBlocked, kThere},
});

/// Words of "no such user" that a "no" turns around.
constexpr int kNotReaches = 3;

constexpr bool is_word(char c) {
    return is_digit(c) || is_letter(c) || c == '-' || c == '?' || c == '.';
}

struct IdeaWord {
    std::string_view stem;
    bool whole;  ///< nothing may follow
    Ideas ideas;
};

/// The vocabulary by alphabet: one look is enough for a word.
std::vector<IdeaWord> sorted_words() {
    std::map<std::string_view, IdeaWord> words;
    for (const Vocabulary &row : kVocabulary) {
        for (std::size_t at = 0; at < row.words.size();) {
            const std::size_t end = std::min(row.words.find(' ', at), row.words.size());
            std::string_view word = row.words.substr(at, end - at);
            const bool whole = !word.ends_with('*');
            word = word.substr(0, word.find('*'));
            words.try_emplace(word, IdeaWord{word, whole, 0}).first->second.ideas |= row.ideas;
            at = end + 1;
        }
    }
    std::vector<IdeaWord> sorted;
    sorted.reserve(words.size());
    for (const auto &[stem, word] : words) {
        sorted.push_back(word);
    }
    return sorted;
}

/// What the longest word or stem of the vocabulary tells that `word` begins with.
Ideas ideas_of(std::string_view word) {
    static const std::vector<IdeaWord> words = sorted_words();
    auto known = std::upper_bound(
        words.begin(), words.end(), word,
        [](std::string_view token, const IdeaWord &entry) { return token < entry.stem; });
    while (known != words.begin()) {
        --known;
        if (known->whole ? word == known->stem : word.starts_with(known->stem)) {
            return known->ideas;
        }
        if (known->stem.front() != word.front()) {
            break;
        }
    }
    return 0;
}

/// A word, a status code without its first number (".1.1"), or an address of a host.
Ideas ideas_of_token(std::string_view token) {
    while (!token.empty() && (token.back() == '.' || token.back() == '-')) {
        token.remove_suffix(1);
    }
    while (!token.empty() && token.front() == '?') {
        token.remove_prefix(1);
    }
    const auto dots = std::count(token.begin(), token.end(), '.');
    if (token.empty() || dots == 0) {
        return ideas_of(token);
    }
    if (!is_digit(token.front())) {
        return 0;  // the name of a host
    }
    return dots == 3 ? kNumber : ideas_of(token.substr(1));
}

/// What a word means after a "no" or "not".
Ideas turned_around(Ideas ideas) {
    if ((ideas & kAllowed) != 0) {
        ideas |= kBlocked;
    }
    if ((ideas & kExists) != 0) {
        ideas = kUnknown;
    }
    if ((ideas & kRecipient) != 0) {
        ideas |= kUnknown;
    }
    if ((ideas & kDone) != 0) {
        ideas |= kMust;
    }
    return ideas;
}

Ideas read_ideas(std::string_view words) {
    Ideas all = 0;
    int negated = 0;
    for (std::size_t at = 0; at < words.size();) {
        std::size_t end = at;
        while (end < words.size() && is_word(words[end])) {
            ++end;
        }
        if (end == at) {
            all |= words[at] == '@' ? kAddress : 0;
            ++at;
            continue;
        }
        if (words.substr(end, 3) == "://") {
            at = std::min(words.find(' ', end), words.size());
            continue;
        }
        const std::string_view word = words.substr(at, end - at);
        Ideas ideas = ideas_of_token(word);
        if (word == "from" &&
            (words.substr(end, 1) == ":" || words.substr(end).starts_with(" address"))) {
            ideas = kSender;
        }
        at = end;
        if (negated > 0) {
            ideas = turned_around(ideas);
        }
        negated = (ideas & kNot) != 0 ? kNotReaches : negated - 1;
        all |= ideas;
    }
    return all;
}

}  // namespace

std::optional<FailureClass> failure_by_ideas(const FailureWords &text) {
    const Ideas ideas = read_ideas(text.words);
    for (const IdeaRule &rule : kRules) {
        if ((ideas & rule.all) == rule.all && said_there(rule.said, text)) {
            return rule.failure;
        }
    }
    return std::nullopt;
}

}  // namespace mail_relay
