"""SMTP, IMAP and HTTP servers that say what they are told to say. Runs as a program in a machine.

One JSON object for each server: "port"; "protocol" ("smtp", "imap" or "http"); "greeting";
"extensions" for EHLO or CAPABILITY; "replies": {"AUTH": "535 5.7.8 ...", "RCPT": ..., ".": ...,
"UID SEARCH": ..., "/path": ...}; "certificate" (PEM file with key): offers STARTTLS, or speaks TLS
at once with "implicit_tls". What is not told succeeds, in an empty mailbox.

A reply may be a list: one for each time that this command comes to this server, the last one for
all later times. A reply is a text of one or more lines, in which {tag} is the tag of the IMAP
command; or null, which closes the connection without a word; or {"raw": TEXT, "flood": TEXT,
"bytes": N, "then": WHAT}: TEXT as it is, then TEXT again and again until N bytes have gone, then
"close", "silence" or, without it, the next command. A greeting that is null is silence. HTTP
replies may be {"status": N, "body": TEXT}; what was asked goes to the file "log".
"""

from __future__ import annotations

import json
import socket
import socketserver
import ssl
import sys
import threading
import time

_SMTP = {
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "354 End data with a dot",
    ".": "250 2.0.0 Ok: queued",
    "AUTH": "235 2.7.0 Authentication successful",
    "RSET": "250 2.0.0 Ok",
    "NOOP": "250 2.0.0 Ok",
    "QUIT": "221 2.0.0 Bye",
    "STARTTLS": "220 2.0.0 Ready",
}
_DONE = "{tag} OK Done"
_OPENED = "* 0 EXISTS\n* OK [UIDVALIDITY 7] Valid\n* OK [UIDNEXT 1] Next\n"
_IMAP = {
    "EXAMINE": _OPENED + "{tag} OK [READ-ONLY] Done",
    "SELECT": _OPENED + "{tag} OK [READ-WRITE] Done",
    "UID SEARCH": "* SEARCH\n" + _DONE,
    "LOGOUT": "* BYE Logging out\n" + _DONE,
    "STARTTLS": _DONE,
}


class _Session(socketserver.StreamRequestHandler):
    """What both protocols have in common."""

    greeting = ""
    successes: dict[str, str] = {}

    def handle(self) -> None:
        self.script = self.server.script
        self.secure = False
        self.tag = "*"
        if self.script.get("implicit_tls"):
            self._start_tls()
        greeting = self.script.get("greeting", self.greeting)
        if not self._play({"then": "silence"} if greeting is None else greeting):
            return
        while line := self.rfile.readline().decode("latin-1").strip():
            if not self.answer(line):
                return

    def answer(self, line: str) -> bool:
        """Whether the dialogue goes on."""
        raise NotImplementedError

    def usual(self, verb: str) -> str:
        return self.successes[verb]

    def reply(self, verb: str) -> object:
        replies = self.script.get("replies", {})
        found = replies[verb] if verb in replies else self.usual(verb)
        return found if not isinstance(found, list) else found.pop(0) if found[1:] else found[0]

    def perform(self, verb: str, success: str) -> bool:
        """Says the reply; behind a successful STARTTLS comes the handshake."""
        reply = self.reply(verb)
        if not self._play(reply):
            return False
        if verb == "STARTTLS" and str(reply).startswith(success):
            self._start_tls()
        return True

    def _play(self, reply: object) -> bool:
        if reply is None:
            return False
        if isinstance(reply, str):
            self._say(reply)
            return True
        self._send(reply.get("raw", "").replace("{tag}", self.tag).encode("latin-1"))
        if flood := reply.get("flood", "").encode("latin-1"):
            piece = flood * (65536 // len(flood) + 1)
            for _ in range(reply["bytes"] // len(piece) + 1):
                self._send(piece)
        then = reply.get("then", "")
        if then == "silence":
            time.sleep(3600)
        return then == ""

    def _say(self, reply: str) -> None:
        text = reply.replace("{tag}", self.tag).replace("\n", "\r\n")
        self._send(text.encode("latin-1") + b"\r\n")

    def _send(self, content: bytes) -> None:
        self.wfile.write(content)
        self.wfile.flush()

    def _start_tls(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.script["certificate"])
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb")
        self.secure = True


class _Smtp(_Session):
    greeting = "220 scripted.test ESMTP"
    successes = _SMTP

    def usual(self, verb: str) -> str:
        if verb in ("EHLO", "HELO"):
            return self._ehlo()
        return self.successes.get(verb, "502 5.5.1 What?")

    def answer(self, line: str) -> bool:
        verb, *words = line.upper().split(" ")
        if verb == "AUTH" and len(words) == 1:
            self._say("334 ")
            self.rfile.readline()
        if not self.perform(verb, "220"):
            return False
        if verb == "DATA" and str(self.reply(verb)).startswith("354"):
            while self.rfile.readline() not in (b".\r\n", b""):
                pass
            return self.perform(".", "")
        return verb != "QUIT"

    def _ehlo(self) -> str:
        lines = ["scripted.test", *self.script.get("extensions", ["AUTH PLAIN LOGIN"])]
        if self.script.get("certificate") and not self.secure:
            lines.append("STARTTLS")
        return "\n".join(f"250{' ' if line is lines[-1] else '-'}{line}" for line in lines)


class _Imap(_Session):
    greeting = "* OK scripted ready"
    successes = _IMAP

    def usual(self, verb: str) -> str:
        if verb == "CAPABILITY":
            extensions = self.script.get("extensions", ["SASL-IR AUTH=PLAIN UIDPLUS"])
            starttls = ["STARTTLS"] if self.script.get("certificate") and not self.secure else []
            words = " ".join(["IMAP4rev1", *extensions, *starttls])
            return f"* CAPABILITY {words}\n{_DONE}"
        return self.successes.get(verb, _DONE)

    def answer(self, line: str) -> bool:
        self.tag, _, command = line.partition(" ")
        words = command.upper().split(" ")
        verb = " ".join(words[:2]) if words[0] == "UID" else words[0]
        return self.perform(verb, "{tag} OK") and verb != "LOGOUT"


class _Http(_Session):
    """One request a connection."""

    greeting = ""

    def handle(self) -> None:
        self.script = self.server.script
        self.secure = False
        self.tag = ""
        if self.script.get("implicit_tls"):
            self._start_tls()
        path = self.rfile.readline().decode("latin-1").split(" ")[1]
        length = 0
        while line := self.rfile.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            if name.lower() == "content-length":
                length = int(value)
        self._log(f"{path} {self.rfile.read(length).decode('latin-1')}")
        reply = self.reply(path)
        if isinstance(reply, dict) and "status" in reply:
            head = f"HTTP/1.1 {reply['status']} Scripted\r\nContent-Length: {len(reply['body'])}"
            reply = {"raw": f"{head}\r\nConnection: close\r\n\r\n{reply['body']}"}
        self._play(reply)

    def usual(self, verb: str) -> dict[str, object]:
        return {"status": 404, "body": "nothing here"}

    def _log(self, line: str) -> None:
        if name := self.script.get("log"):
            with open(name, "a", encoding="latin-1") as stream:
                stream.write(f"{line}\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    address_family = socket.AF_INET6

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of the play."""


_PROTOCOLS = {"smtp": _Smtp, "imap": _Imap, "http": _Http}


def main() -> None:
    servers = []
    for script in json.loads(sys.argv[1]):
        server = _Server(("::", script["port"]), _PROTOCOLS[script.get("protocol", "smtp")])
        server.script = script
        servers.append(server)
    print("ready", flush=True)
    for server in servers:
        threading.Thread(target=server.serve_forever).start()


if __name__ == "__main__":
    main()
