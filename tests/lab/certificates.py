"""A certificate authority made for one test run."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificate:
    """PEM texts."""

    certificate: str
    key: str


def _openssl(*arguments: str) -> None:
    subprocess.run(
        ["openssl", *arguments], check=True, capture_output=True, stdin=subprocess.DEVNULL
    )


class CertificateAuthority:
    """Signs server and client certificates; its files live in `folder`."""

    def __init__(self, folder: Path, name: str = "Lab CA") -> None:
        self._folder = folder
        self._key = folder / "ca.key"
        self._certificate = folder / "ca.pem"
        _openssl(
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            str(self._key),
            "-out",
            str(self._certificate),
            "-days",
            "30",
            "-subj",
            f"/CN={name}",
            "-addext",
            "basicConstraints=critical,CA:TRUE",
            "-addext",
            "keyUsage=critical,keyCertSign,cRLSign",
        )

    @property
    def certificate(self) -> str:
        return self._certificate.read_text(encoding="ascii")

    def issue(self, names: Sequence[str], days: int = 20) -> Certificate:
        """A certificate for these host names; with negative days it is expired already."""
        key, request, signed = (
            self._folder / f"{names[0]}.{kind}" for kind in ("key", "csr", "pem")
        )
        extensions = self._folder / f"{names[0]}.ext"
        extensions.write_text("subjectAltName=" + ",".join(f"DNS:{name}" for name in names))
        _openssl(
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            str(key),
            "-out",
            str(request),
            "-subj",
            f"/CN={names[0]}",
        )
        _openssl(
            "x509",
            "-req",
            "-in",
            str(request),
            "-CA",
            str(self._certificate),
            "-CAkey",
            str(self._key),
            "-CAcreateserial",
            "-days",
            str(days),
            "-extfile",
            str(extensions),
            "-out",
            str(signed),
        )
        return Certificate(signed.read_text(encoding="ascii"), key.read_text(encoding="ascii"))

    def issue_behind(self, name: str, intermediates: int) -> Certificate:
        """A certificate with as many authorities between it and this one, all in its text."""
        folder = self._folder / f"behind-{intermediates}"
        folder.mkdir()
        key, public, extensions = folder / "key.pem", folder / "public.pem", folder / "ca.ext"
        _openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(key))
        _openssl("pkey", "-in", str(key), "-pubout", "-out", str(public))
        extensions.write_text("basicConstraints=critical,CA:TRUE")
        own = folder / "own.ext"
        own.write_text(f"subjectAltName=DNS:{name}")
        issuer, issuer_key, chain = self._certificate, self._key, ""
        for number in range(intermediates + 1):
            is_last = number == intermediates
            signed = folder / f"{number}.pem"
            _openssl(
                "x509",
                "-new",
                "-subj",
                f"/CN={name}" if is_last else f"/CN=Intermediate {number}",
                "-force_pubkey",
                str(public),
                "-CA",
                str(issuer),
                "-CAkey",
                str(issuer_key),
                "-days",
                "20",
                "-extfile",
                str(own if is_last else extensions),
                "-out",
                str(signed),
            )
            chain = signed.read_text(encoding="ascii") + chain
            issuer, issuer_key = signed, key
        return Certificate(chain, key.read_text(encoding="ascii"))
