"""What to do next about a dialogue of the special agent that failed: a sentence for each kind."""

from collections.abc import Mapping

_BY_PHASE: Mapping[str, str] = {
    "select": "Check the folder's name in the rule; the server's words tell why it did not open",
}

_BY_CLASS: Mapping[str, str] = {
    "resolve": "Check the server's name in the rule, and that this site's name server knows it",
    "refused": "Check that the service runs on the server, and the port in the rule",
    "timeout": "Check the firewalls between this site and the server, and the port in the rule",
    "unreachable": "Check this site's route to the server",
    "unreachable_ipv6": "Choose IPv4 only as address family in the rule, or add an IPv6 route",
    "greeting_timeout": "Check the encryption in the rule: where TLS is expected from the start, "
    "a server says nothing without it; else read the server's log",
    "lost_connection": "Read the server's log: it ended or held up the dialogue",
    "tls_not_offered": "Enable STARTTLS on the server, or choose TLS from the start in the rule",
    "tls_handshake": "Check encryption and port in the rule; read the server's log",
    "tls_verify": "Renew the certificate, use the name it was issued for, or add its authority to "
    "the site's trusted certificate authorities (global settings)",
    "sasl_no_mechanism": "Choose another mechanism in the rule",
    "sasl_mechanism_mismatch": "Choose another mechanism or encryption in the rule: "
    "many servers offer a login only after TLS",
    "auth_failed": "Check user name and password in the rule and in the password store",
    "app_password_required": "Create an app password for this account and store it in the rule",
    "basic_auth_disabled": "Choose OAuth 2.0 in the rule: this server takes no passwords any more",
    "oauth_token": "Check client ID, client secret and scope in the rule; "
    "a refresh token may have to be issued anew",
    "auth_required": "Choose an authentication in the rule: this server wants a login",
    "sender_rejected": "Choose a sender in the rule that this account may use",
    "recipient_rejected": "Check the recipient in the rule, and that its mailbox exists",
    "relay_denied": "Let the server relay for this site, by login or by address",
    "mailbox_full": "Make room in the mailbox; the rule can have the probes deleted",
    "content_rejected": "Exempt the probes from the content filter: "
    "they carry the header X-Mail-Relay-Probe",
    "quota": "Send probes less often, or have the account's limit raised",
    "rate_limited": "Send probes less often, or have the account's limit raised",
    "greylisted": "Exempt this site or the sender from greylisting",
    "reputation": "Check SPF, DKIM, the reverse name and the block lists for the sending address",
    "local_data_error": "Mend this site: see the message",
    "server_error": "Read the server's log: the fault is its own",
}


def next_step(failure_class: str, phase: str) -> str | None:
    """What an administrator does next; None where nothing better is known than the words."""
    return _BY_PHASE.get(phase) or _BY_CLASS.get(failure_class)
