#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail_relay {

enum class MailProtocol { kSmtp, kImap };
enum class TlsMode { kNone, kStartTls, kImplicit };

/// Follows a session from the first byte to the end of the log-in by the lines that go to and fro,
/// and tells where it stands. Keeps the server's words, but of the client's only which command it
/// was: what follows AUTH is secret. Everything is bounded.
class MailDialogue {
  public:
    using Time = std::chrono::steady_clock::time_point;

    MailDialogue(MailProtocol protocol, TlsMode tls, Time begin);

    void connected(Time now);
    void shook_hands(Time now);
    void sent(std::string_view text, Time now);
    void received(std::string_view line, Time now);

    /// The step that is under way: connect, greeting, ehlo, capability, starttls, tls or auth.
    std::string_view phase() const { return phase_; }

    bool starttls_offered() const { return starttls_offered_; }
    bool starttls_accepted() const { return starttls_accepted_; }
    bool auth_tried() const { return !auth_mechanism_.empty(); }

    /// What the server said to the command under way, unless it said yes; lines joined by blanks,
    /// at most 2 KB.
    std::string refusal() const;

    const std::optional<std::string> &banner() const { return banner_; }
    const std::optional<std::vector<std::string>> &capabilities() const { return capabilities_; }
    const std::optional<std::vector<std::string>> &auth_mechanisms() const { return mechanisms_; }
    std::size_t ehlo_lines() const { return ehlo_lines_; }  ///< of the last answer, all of them
    const std::optional<std::string> &authenticated_with() const { return authenticated_with_; }

    std::optional<double> connect_s() const { return connect_s_; }
    std::optional<double> greeting_s() const { return greeting_s_; }
    std::optional<double> ehlo_s() const { return ehlo_s_; }
    std::optional<double> tls_s() const { return tls_s_; }
    std::optional<double> auth_s() const { return auth_s_; }

  private:
    void receive_smtp(std::string_view line, Time now);
    void receive_imap(std::string_view line, Time now);
    void note_ehlo_line(std::string_view line);
    void note_capabilities(std::string_view words);
    void hear_question(std::string_view question);
    void finish_step(bool accepted, Time now);
    void begin_step(std::string_view phase, Time now);

    MailProtocol protocol_;
    TlsMode tls_;
    Time step_begin_;
    std::string_view phase_ = "connect";
    std::string words_;           // of the server since the last command
    bool words_are_old_ = false;  // answered a command that was said in another way since
    bool words_refuse_ = false;   // they are no complete yes
    std::string tag_;             // IMAP: of the command under way
    std::size_t ehlo_lines_ = 0;
    bool starttls_offered_ = false;
    bool starttls_accepted_ = false;
    std::string auth_mechanism_;
    std::optional<std::string> banner_;
    std::optional<std::vector<std::string>> capabilities_;
    std::optional<std::vector<std::string>> mechanisms_;
    std::optional<std::string> authenticated_with_;
    std::optional<double> connect_s_;
    std::optional<double> greeting_s_;
    std::optional<double> ehlo_s_;
    std::optional<double> tls_s_;
    std::optional<double> auth_s_;
};

/// `text` as one line fit for showing: control characters and invalid UTF-8 read '?', runs of
/// blanks and line ends one blank, at most `limit` bytes.
std::string one_line(std::string_view text, std::size_t limit);

}  // namespace mail_relay
