"""A mail loop as it is often written: sends a mail, then downloads the mailbox until it is there.

download_mailbox.py SMTP_SERVER SENDER RECIPIENT IMAP_SERVER CA_FILE, the password in $PASSWORD.
Deletes the mail it sent.
"""

from __future__ import annotations

import email
import email.message
import imaplib
import os
import smtplib
import ssl
import sys
import time
import uuid


def send(server: str, sender: str, recipient: str, password: str, subject: str) -> None:
    mail = email.message.EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, recipient, subject
    mail.set_content("Is mail still going round?\n")
    with smtplib.SMTP(server) as smtp:
        smtp.login(recipient, password)
        smtp.send_message(mail)


def find(imap: imaplib.IMAP4_SSL, subject: str, seen: set[bytes]) -> bytes | None:
    """The number of the mail, among those not downloaded yet."""
    for number in imap.search(None, "ALL")[1][0].split():
        if number in seen:
            continue
        seen.add(number)
        content = imap.fetch(number.decode(), "(BODY.PEEK[])")[1][0]
        if isinstance(content, tuple):
            if email.message_from_bytes(content[1])["Subject"] == subject:
                return number
    return None


def main() -> int:
    smtp_server, sender, recipient, imap_server, ca_file = sys.argv[1:]
    subject = f"Mail loop {uuid.uuid4()}"
    password = os.environ["PASSWORD"]
    send(smtp_server, sender, recipient, password, subject)
    seen: set[bytes] = set()
    context = ssl.create_default_context(cafile=ca_file)
    with imaplib.IMAP4_SSL(imap_server, ssl_context=context) as imap:
        imap.login(recipient, password)
        imap.select()
        while (number := find(imap, subject, seen)) is None:
            time.sleep(0.05)
            imap.noop()
        imap.store(number.decode(), "+FLAGS", "\\Deleted")
        imap.expunge()
    return 0


if __name__ == "__main__":
    sys.exit(main())
