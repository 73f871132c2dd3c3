"""What writes Debian's /var/log/mail.log: lines sent to /dev/log, as rsyslog puts them down.

Runs as a program inside a machine. Without maillog_file, as the distribution ships it, Postfix
logs there and nowhere else.
"""

from __future__ import annotations

import re
import socket

# What syslog(3) sends: "<22>Nov  5 17:12:07 postfix/smtp[214]: text". A log file has no priority,
# but the host's short name.
_MESSAGE = re.compile(rb"<\d+>(\w{3} [ \d]\d \d\d:\d\d:\d\d) ")


def main() -> None:
    host = socket.gethostname().partition(".")[0].encode()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind("/dev/log")
        with open("/var/log/mail.log", "ab", buffering=0) as log:
            print("ready", flush=True)
            while message := server.recv(65536):
                log.write(_MESSAGE.sub(rb"\1 " + host + b" ", message).rstrip(b"\0\n") + b"\n")


if __name__ == "__main__":
    main()
