"""Secrets leave log text before it is kept or shown.

Time is linear in the text: no repeat without a limit gives back what it took (all are possessive), and what
was looked at is consumed.
"""

from __future__ import annotations

import re
from functools import cached_property

import msgspec
from ahocorasick_rs import AhoCorasick

CONTEXT = 4096
"""Characters looked at past those that are kept: enough to recognise a secret that begins among them."""


class Secret(msgspec.Struct, frozen=True, dict=True):
    """A kind of secret. One of `hints` stands in every text that holds one, in lower case.

    All that the expression matches is removed but for its group `before`, where it has one.
    """

    kind: str
    hints: tuple[str, ...]
    expression: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The expression, compiled by the first text that holds a hint: most runs see few of them."""
        return re.compile(self.expression)


def _token(kind: str, hints: tuple[str, ...], pattern: str) -> Secret:
    """A secret that tells itself by how it begins."""
    return Secret(kind, hints, f"(?<![A-Za-z0-9])(?:{pattern})")


# A value in double, single or escaped quotes (the closing one may be cut off), or up to where a word ends.
_QUOTED = r""""(?:[^"\\\n]|\\.)*+"?|'(?:[^'\\\n]|\\.)*+'?|\\["'][^"'\\\n]*+(?:\\["'])?"""
_BARE = r"""[^\s"',;&|<>(){}\[\]\\]"""
_IS = r"""\\?["']?\s{0,5}(?:=>|:=|={1,3}|:)\s{0,5}"""
_NOTHING = r"""(?!\\?["']?(?:undefined|null|none|nil|true|false)\b)"""


def _assigned(kind: str, hints: tuple[str, ...], names: str, least: int) -> Secret:
    """A secret that is called one, whatever it looks like; that it is missing is no secret."""
    value = rf"(?:{_QUOTED}|{_BARE}{{{least},}}+)"
    return Secret(kind, hints, rf"(?i)(?P<before>(?:{names}){_IS}){_NOTHING}{value}")


SECRETS = (
    Secret(
        "private-key",
        ("private key",),
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:(?!-----END)[\s\S])*+(?:-----END [^-\n]{0,60}-----)?",
    ),
    _token(
        "aws-key", ("akia", "asia", "abia", "acca"), r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"
    ),
    _token(
        "github-token",
        ("gho_", "ghp_", "ghr_", "ghs_", "ghu_", "github_pat_"),
        r"gh[oprsu]_[A-Za-z0-9]{16,}+|github_pat_\w{16,}+",
    ),
    _token("gitlab-token", ("glpat-",), r"glpat-[\w-]{16,}+"),
    _token(
        "stripe-key",
        ("sk_", "rk_", "whsec_"),
        r"[sr]k_(?:live|test)_[A-Za-z0-9]{8,}+|whsec_[A-Za-z0-9+/=]{16,}+",
    ),
    _token("api-key", ("sk-",), r"sk-(?=[\w-]{0,64}\d)[\w-]{16,}+"),
    _token("slack-token", ("xox", "xapp-"), r"xox[a-z]-[A-Za-z0-9-]{8,}+|xapp-[A-Za-z0-9-]{16,}+"),
    _token("google-key", ("aiza", "ya29."), r"AIza[\w-]{30,}+|ya29\.[\w-]{16,}+"),
    _token("npm-token", ("npm_",), r"npm_[A-Za-z0-9]{30,}+"),
    _token("shopify-token", ("shp",), r"shp(?:at|ca|pa|ss|ua)_[A-Fa-f0-9]{16,}+"),
    _token("pypi-token", ("pypi-ag",), r"pypi-Ag[\w-]{30,}+"),
    _token("huggingface-token", ("hf_",), r"hf_[A-Za-z0-9]{30,}+"),
    _token("sendgrid-key", ("sg.",), r"SG\.[\w-]{16,}+\.[\w-]{16,}+"),
    _token("digitalocean-token", ("doo_v1_", "dop_v1_", "dor_v1_"), r"do[opr]_v1_[a-f0-9]{32,}+"),
    _token("age-key", ("age-secret-key-1",), r"AGE-SECRET-KEY-1[A-Z0-9]{40,}+"),
    # Whoever knows such an address may post to it.
    Secret(
        "webhook",
        ("hooks.slack.com/", "/api/webhooks/"),
        r"(?P<before>hooks\.slack\.com/[a-z]{1,20}/|/api/webhooks/)[\w/-]{20,}+",
    ),
    # A signed address lets in whoever has it.
    Secret(
        "signature",
        ("sig=", "signature="),
        r"(?i)(?P<before>[?&](?:x-[a-z]{1,10}-)?sig(?:nature)?=)[^\s&#\"']{16,}+",
    ),
    # One that ends with the text may have been cut off before its first dot.
    Secret("jwt", ("eyj",), r"(?<![\w-])eyJ[\w-]{8,}+(?:(?:\.[\w-]*+){1,4}|\Z)"),
    Secret(
        "password",
        ("://",),
        r"""(?P<before>://[^\s/:@"']{0,256}:)[^\s/?#"']{1,512}(?=@)""",
    ),
    Secret(
        "authorization",
        ("authorization",),
        r"""(?i)(?P<before>authorization\\?["']?\s{0,5}[:=]\s{0,5}\\?["']?"""
        r"""(?:(?:basic|bearer|digest|negotiate|token|apikey)\s{1,5})?)[^\s"',\\]{6,}+""",
    ),
    Secret("authorization", ("bearer",), r"(?i)\b(?P<before>bearer\s{1,5})[\w.~+/=-]{16,}+"),
    Secret(
        "cookie",
        ("cookie",),
        rf"(?i)(?P<before>cookie{_IS})(?:(?:{_QUOTED})|[\w.$-]{{1,64}}=[^\r\n]*+)",
    ),
    _assigned("password", ("pass", "pwd"), r"passw(?:or)?d|passphrase|pwd", 1),
    _assigned(
        "secret",
        ("secret", "token", "key", "credential"),
        r"secret|token|credentials?|(?:access|account|api|auth|encryption|private|secret|shared|signing)[_-]?key",
        6,
    ),
)
"""What is removed; where several claim the same text, the one that begins first, then the first of these."""


_HINTS = tuple(
    (hint, tuple(n for n, secret in enumerate(SECRETS) if hint in secret.hints))
    for hint in dict.fromkeys(hint for secret in SECRETS for hint in secret.hints)
)
"""Each hint, with the numbers of the secrets that it hints at."""
_hints_in = AhoCorasick([hint for hint, _ in _HINTS]).find_matches_as_indexes


def redact(text: str, keep: int | None = None) -> str:
    """Return `text` with everything that looks like a secret replaced by its kind: `[redacted aws-key]`.

    `keep`: only of its first `keep` characters, at a cost that does not depend on how long the rest is. A
    secret that begins among them is replaced whole, so that none shows because it was cut in half.
    """
    seen = text if keep is None else text[: keep + CONTEXT]
    end = len(text) if keep is None else min(keep, len(text))
    pieces: list[str] = []
    done = 0
    for start, stop, kind in _found(seen):
        if start >= end:
            break
        if start >= done:
            pieces += (seen[done:start], f"[redacted {kind}]")
        done = max(done, stop)
    return "".join((*pieces, seen[done:end])) if pieces else seen[:end]


def _found(text: str) -> list[tuple[int, int, str]]:
    """Return (start, stop, kind) of each secret, by start; where several begin, in the order of SECRETS."""
    if not may_hold_secret(text):
        return []
    lowered = text.lower()
    hinted = {n for hint, secrets in _HINTS if hint in lowered for n in secrets}
    found = []
    for n in sorted(hinted):
        found += [(*_removed(match), SECRETS[n].kind) for match in SECRETS[n].pattern.finditer(text)]
    return sorted(found, key=lambda span: span[0])


def may_hold_secret(text: str) -> bool:
    """Whether a text may hold a secret, whatever line it is in; most hold none, and that is soon told."""
    try:
        return bool(_hints_in(text.lower()))
    except UnicodeEncodeError:  # halves of characters
        return True


def _removed(match: re.Match[str]) -> tuple[int, int]:
    start = match.end("before") if "before" in match.re.groupindex else match.start()
    return start, match.end()
