"""`web.yml`: TLS, passwords and headers, as Prometheus' exporter-toolkit writes them down.

https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md; what is left out here is an error.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from logwatch.yamlfiles.fields import Field, Fields, Values
from logwatch.yamlfiles.fieldtypes import Choice, Json, Text, Type
from logwatch.yamlfiles.nodes import Node, YamlMapping, YamlText, shown
from logwatch.yamlfiles.reader import Reader

# Go's names. Its two that ask for a certificate and verify none are left out: they keep nobody away.
_CLIENT_AUTH: Final = {
    "NoClientCert": ssl.CERT_NONE,
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}
_VERSIONS: Final = {"TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}
_HEADERS: Final = {
    name.lower(): name
    for name in (
        "Content-Security-Policy",
        "Strict-Transport-Security",
        "X-Content-Type-Options",
        "X-Frame-Options",
        "X-XSS-Protection",
    )
}
_BCRYPT: Final = re.compile(r"\$2[abxy]\$(\d\d)\$[./A-Za-z0-9]{53}", re.ASCII)
_HIGHEST_COST: Final = 16
"""2^16 rounds take seconds: each wrong password would."""


@dataclass(frozen=True, slots=True)
class TlsConfig:
    """`tls_server_config`. Paths are as they resolve from the directory of the file."""

    cert_file: Path
    key_file: Path
    client_auth: ssl.VerifyMode = ssl.CERT_NONE
    client_ca_file: Path | None = None
    min_version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
    max_version: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that it is made of."""
        return (self.cert_file, self.key_file, *([self.client_ca_file] if self.client_ca_file else []))

    def context(self) -> ssl.SSLContext:
        """Return a fresh context of a server. Raises `OSError`, which `ssl.SSLError` is one of."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version, context.maximum_version = self.min_version, self.max_version
        # never asks on a terminal: a key with a password is refused
        context.load_cert_chain(self.cert_file, self.key_file, password=lambda: b"")
        if self.client_ca_file is not None:
            context.load_verify_locations(self.client_ca_file)
        context.verify_mode = self.client_auth
        return context


@dataclass(frozen=True, slots=True)
class WebConfig:
    """What the file says. `users` holds bcrypt hashes by name."""

    tls: TlsConfig | None = None
    users: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def authenticates(self) -> bool:
        """Whether everybody has to say who they are."""
        return bool(self.users) or (self.tls is not None and self.tls.client_auth is ssl.CERT_REQUIRED)


@dataclass(frozen=True, slots=True)
class _Users:
    """Names and their bcrypt hashes. What stands in place of a hash is never told: it may be a password."""

    def read(self, reader: Reader, node: Node, what: str) -> Mapping[str, bytes] | None:
        if reader.mapping(node, what) is None or not isinstance(node, YamlMapping):
            return None
        users = {}
        for key, value in node.entries:
            name = shown(key.text)
            found = _BCRYPT.fullmatch(value.text) if isinstance(value, YamlText) else None
            if not key.text or ":" in key.text:
                reader.problem(
                    key.location, f"user '{name}' cannot log in: a name has no colon and is not empty"
                )
            elif found is None:
                how = f"make one with: htpasswd -nBC 10 {name}"
                reader.problem(value.location, f"the password of user '{name}' is no bcrypt hash; {how}")
            elif not 4 <= int(found[1]) <= _HIGHEST_COST:
                cost = f"the bcrypt hash of user '{name}' has cost {int(found[1])}"
                reader.problem(value.location, f"{cost}; it must be 4 to {_HIGHEST_COST}, such as 10")
            else:
                users[key.text] = found[0].encode()
        return users

    def schema(self) -> Json:
        return {
            "type": "object",
            "additionalProperties": {"type": "string", "pattern": f"^{_BCRYPT.pattern}$"},
        }


@dataclass(frozen=True, slots=True)
class _Headers:
    """Headers that are added to every answer: those which the exporter-toolkit knows, spelt in any case."""

    def read(self, reader: Reader, node: Node, what: str) -> Mapping[str, str] | None:
        if reader.mapping(node, what) is None or not isinstance(node, YamlMapping):
            return None
        headers = {}
        for key, value in node.entries:
            name = _HEADERS.get(key.text.lower())
            if name is None:
                known = ", ".join(_HEADERS.values())
                reader.problem(
                    key.location, f"header '{shown(key.text)}' cannot be set; those that can are {known}"
                )
                continue
            text = reader.scalar(value, f"header '{name}'")
            if text is not None and not re.fullmatch(r"[\x20-\x7e]+", text):
                reader.problem(value.location, f"header '{name}' must be printable ASCII on one line")
            elif text is not None:
                headers[name] = text
        return headers

    def schema(self) -> Json:
        properties = {name: {"type": "string"} for name in _HEADERS.values()}
        return {"type": "object", "properties": properties, "additionalProperties": False}


@dataclass(frozen=True, slots=True)
class _Http2:
    """Whether HTTP/2 is spoken. It is not."""

    def read(self, reader: Reader, node: Node, what: str) -> bool | None:
        http2 = reader.boolean(node, what)
        if http2:
            reader.problem(node.location, f"{what} is true, and this server speaks HTTP/1.1; remove the line")
        return http2

    def schema(self) -> Json:
        return {"const": False}


_CERT = Field("cert_file", Text(), "the server's certificate, with its chain, as PEM", required=True)
_KEY = Field("key_file", Text(), "the private key of it, as PEM, without a password", required=True)
_AUTH = Field("client_auth_type", Choice(tuple(_CLIENT_AUTH)), "whether clients must show a certificate")
_CA = Field("client_ca_file", Text(), "the authorities that sign certificates of clients, as PEM")
_MIN = Field("min_version", Choice(tuple(_VERSIONS)), "the oldest TLS that is spoken (default TLS12)")
_MAX = Field("max_version", Choice(tuple(_VERSIONS)), "the newest TLS that is spoken")
_TLS_FIELDS = Fields((_CERT, _KEY, _AUTH, _CA, _MIN, _MAX))
_HEADERS_TYPE: Type[Mapping[str, str]] = _Headers()
_HTTP_FIELDS = Fields(
    (
        HEADERS := Field("headers", _HEADERS_TYPE, "headers that are added to every answer"),
        Field("http2", _Http2(), "whether HTTP/2 is spoken; it is not"),
    )
)
_TLS = Field("tls_server_config", _TLS_FIELDS, "how TLS is spoken; without it, it is not")
_USERS = Field("basic_auth_users", _Users(), "who may ask: names and bcrypt hashes")
_HTTP = Field("http_server_config", _HTTP_FIELDS, "what answers carry")
_FIELDS = Fields((_TLS, _USERS, _HTTP))


def load_web_config(path: Path) -> WebConfig:
    """Return what the file says. Raises `ConfigError` with all of its problems."""
    reader = Reader()
    node = reader.read(path)
    empty = isinstance(node, YamlText) and node.empty
    values = _FIELDS.read(reader, node, "the file") if node is not None and not empty else None
    tls = _tls(reader, values.get(_TLS), path.parent) if values is not None else None
    reader.raise_problems()
    if values is None:
        return WebConfig()
    http = values.get(_HTTP)
    return WebConfig(tls, values.get(_USERS) or {}, (http.get(HEADERS) if http else None) or {})


def _tls(reader: Reader, values: Values | None, base: Path) -> TlsConfig | None:
    if values is None:
        return None
    cert, key, ca = values.get(_CERT), values.get(_KEY), values.get(_CA)
    auth = _CLIENT_AUTH[values.get(_AUTH) or "NoClientCert"]
    oldest, newest = values.get(_MIN) or "TLS12", values.get(_MAX)
    if ca is None and auth is not ssl.CERT_NONE:
        where = values.location(_AUTH)
        reader.problem(
            where, "'client_auth_type' needs 'client_ca_file', which says whose certificates count"
        )
    if ca is not None and auth is ssl.CERT_NONE:
        where = values.location(_CA)
        reader.problem(
            where, "'client_ca_file' does nothing without 'client_auth_type: RequireAndVerifyClientCert'"
        )
    if newest is not None and newest < oldest:
        reader.problem(values.location(_MAX), f"'max_version' {newest} is older than 'min_version' {oldest}")
    if cert is None or key is None or reader.problems:
        return None
    config = TlsConfig(
        base / cert,
        base / key,
        auth,
        base / ca if ca is not None else None,
        _VERSIONS[oldest],
        _VERSIONS[newest] if newest is not None else ssl.TLSVersion.MAXIMUM_SUPPORTED,
    )
    for field_, file in zip((_CERT, _KEY, _CA), config.files, strict=False):
        try:
            file.read_bytes()
        except OSError as error:
            why = f"'{field_.name}' {file} cannot be read ({error.strerror}); check the path and its permissions"
            reader.problem(values.location(field_), why)
    if not reader.problems:
        try:
            config.context()
        except OSError as error:
            why = "certificate, key and authorities do not work together as PEM files"
            reader.problem(values.node.location, f"{why} ({getattr(error, 'reason', None) or error})")
    return config
