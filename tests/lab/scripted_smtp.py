"""SMTP servers that say what they are told to say. Runs as a program inside a machine.

One JSON object for each server: "port"; "greeting" (null: silence); "extensions" for EHLO;
"replies": {"AUTH": "535 5.7.8 ...", "MAIL": ..., "RCPT": ..., "DATA": ..., ".": ...}, where null
closes the connection without a word; "certificate" (PEM file with key): offers STARTTLS, or speaks
TLS at once with "implicit_tls". What is not told succeeds.
"""

from __future__ import annotations

import json
import socket
import socketserver
import ssl
import sys
import threading
import time

_SUCCESS = {
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "354 End data with a dot",
    ".": "250 2.0.0 Ok: queued",
    "AUTH": "235 2.7.0 Authentication successful",
    "RSET": "250 2.0.0 Ok",
    "NOOP": "250 2.0.0 Ok",
    "QUIT": "221 2.0.0 Bye",
}


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        script = self.server.script
        self._secure = False
        if script.get("implicit_tls"):
            self._start_tls()
        greeting = script.get("greeting", "220 scripted.test ESMTP")
        if greeting is None:
            time.sleep(3600)
            return
        self._say(greeting)
        while line := self.rfile.readline().decode("latin-1").strip():
            verb = line.split(" ")[0].upper()
            if not self._answer(verb):
                return

    def _answer(self, verb: str) -> bool:
        if verb in ("EHLO", "HELO") and verb not in self.server.script.get("replies", {}):
            self._say(self._ehlo())
            return True
        if verb == "STARTTLS":
            self._say("220 2.0.0 Ready")
            self._start_tls()
            return True
        reply = self._reply(verb)
        if reply is None:
            return False
        self._say(reply)
        if verb == "DATA" and reply.startswith("354"):
            while self.rfile.readline() not in (b".\r\n", b""):
                pass
            return self._answer(".")
        return verb != "QUIT"

    def _reply(self, verb: str) -> str | None:
        replies = self.server.script.get("replies", {})
        return replies[verb] if verb in replies else _SUCCESS.get(verb, "502 5.5.1 What?")

    def _ehlo(self) -> str:
        script = self.server.script
        lines = ["scripted.test", *script.get("extensions", ["AUTH PLAIN LOGIN"])]
        if script.get("certificate") and not self._secure:
            lines.append("STARTTLS")
        return "\n".join(f"250{' ' if line is lines[-1] else '-'}{line}" for line in lines)

    def _say(self, reply: str) -> None:
        self.wfile.write(reply.replace("\n", "\r\n").encode() + b"\r\n")
        self.wfile.flush()

    def _start_tls(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server.script["certificate"])
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb")
        self._secure = True


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    address_family = socket.AF_INET6

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of the play."""


def main() -> None:
    servers = []
    for script in json.loads(sys.argv[1]):
        server = _Server(("::", script["port"]), _Session)
        server.script = script
        servers.append(server)
    print("ready", flush=True)
    for server in servers:
        threading.Thread(target=server.serve_forever).start()


if __name__ == "__main__":
    main()
