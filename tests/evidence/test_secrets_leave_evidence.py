"""No secret is kept or shown; what is none stays legible."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatch.evidence.redact import CONTEXT, SECRETS, redact

# Put together at run time, so that scanners of repositories do not take them for real ones.
AWS = "AKIA" + "IOSFODNN7EXAMPLE"
GITHUB = "ghp" + "_16C7e42F292c6912E7710c838347Ae178B4a"
GITHUB_FINE = "github" + "_pat_11ABCDEFG0abcdefghij_klmnopqrstuvwxyz0123456789"
STRIPE = "sk" + "_live_4eC39HqLyjWDarjtT1zdp7dc"
OPENAI = "sk" + "-proj-T3BlbkFJ0aB1cD2eF3gH4iJ5kL6"
SLACK = "xoxb" + "-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx"
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"
GOOGLE = "AIza" + "SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY"
NPM = "npm" + "_1234567890abcdefghijABCDEFGHIJ123456"
SHOPIFY = "shpat" + "_0123456789abcdef0123456789abcdef"
GITLAB = "glpat" + "-abcdefghij1234567890"
PYPI = "pypi" + "-AgEIcHlwaS5vcmcCJGFiY2RlZmdoLTEyMzQtNTY3OC05MGFi"
HUGGING_FACE = "hf" + "_abcdefghijklmnopqrstuvwxyzABCDEFGH"
SENDGRID = "SG" + ".abcdefghijklmnopqrstuv.0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
DIGITALOCEAN = "dop" + "_v1_" + "0123456789abcdef" * 4
AGE = "AGE-SECRET" + "-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0SQGNYZ4"
PEM = f"-----BEGIN RSA {'PRIVATE'} KEY-----\nMIIEpAIBAAKCAQEA\nbase64+/==\n-----END RSA {'PRIVATE'} KEY-----"

TOKENS = {
    AWS: "aws-key",
    "ASIA" + AWS[4:]: "aws-key",
    GITHUB: "github-token",
    "gho" + GITHUB[3:]: "github-token",
    GITHUB_FINE: "github-token",
    GITLAB: "gitlab-token",
    STRIPE: "stripe-key",
    OPENAI: "api-key",
    SLACK: "slack-token",
    JWT: "jwt",
    GOOGLE: "google-key",
    NPM: "npm-token",
    SHOPIFY: "shopify-token",
    PYPI: "pypi-token",
    HUGGING_FACE: "huggingface-token",
    SENDGRID: "sendgrid-key",
    DIGITALOCEAN: "digitalocean-token",
    AGE: "age-key",
    PEM: "private-key",
}


@pytest.mark.parametrize(("secret", "kind"), TOKENS.items(), ids=TOKENS.values())
def test_a_token_is_replaced_by_its_kind(secret: str, kind: str) -> None:
    assert redact(f"using {secret} for 3 jobs") == f"using [redacted {kind}] for 3 jobs"


NAMED = [
    ("password=hunter2 user=bob", "password=[redacted password] user=bob"),
    ("DB_PASSWORD='hunter two' x", "DB_PASSWORD=[redacted password] x"),
    ('{"password": "hun\\"ter2", "id": 7}', '{"password": [redacted password], "id": 7}'),
    (r"{\"password\":\"hunter2\",\"id\":7}", r"{\"password\":[redacted password],\"id\":7}"),
    ("passwd := hunter2", "passwd := [redacted password]"),
    ('"apiKey":"abc123","n":1', '"apiKey":[redacted secret],"n":1'),
    ("api_key: abc123def, n: 1", "api_key: [redacted secret], n: 1"),
    ("x-api-key: abc123def", "x-api-key: [redacted secret]"),
    ("?token=abcdef123&page=2", "?token=[redacted secret]&page=2"),
    ("  clientSecret: 's3cr3t',", "  clientSecret: [redacted secret],"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG", "aws_secret_access_key = [redacted secret]"),
    ("Authorization: Bearer abcdef.ghi", "Authorization: Bearer [redacted authorization]"),
    ("authorization: 'Basic dXNlcjpwdw=='", "authorization: 'Basic [redacted authorization]'"),
    (
        '"authorization":"Bearer abcdef123","host":"h"',
        '"authorization":"Bearer [redacted authorization]","host":"h"',
    ),
    ("sent bearer 0123456789abcdef", "sent bearer [redacted authorization]"),
    ("Cookie: sid=abc; theme=dark", "Cookie: [redacted cookie]"),
    ('"set-cookie":"sid=abc","n":1', '"set-cookie":[redacted cookie],"n":1'),
    ("postgres://app:hunter2@db:5432/x", "postgres://app:[redacted password]@db:5432/x"),
    ("postgres://app:hun@ter2@db/x", "postgres://app:[redacted password]@db/x"),
    (
        "POST https://hooks.slack.com/services/T0000/B0000/XXXXXXXXXXXXXXXX failed",
        "POST https://hooks.slack.com/services/[redacted webhook] failed",
    ),
    (
        "https://s3.example.com/a.png?X-Amz-Signature=0123456789abcdef&x=1",
        "https://s3.example.com/a.png?X-Amz-Signature=[redacted signature]&x=1",
    ),
    (
        "https://b.example.com/a?sv=1&sig=abc%2Bdef%2F0123456789%3D",
        "https://b.example.com/a?sv=1&sig=[redacted signature]",
    ),
    ("redis://:hunter2@127.0.0.1:6399/0", "redis://:[redacted password]@127.0.0.1:6399/0"),
]


@pytest.mark.parametrize(("text", "shown"), NAMED)
def test_what_is_called_a_secret_is_one_whatever_it_looks_like(text: str, shown: str) -> None:
    assert redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "🎬 Starting workflow workflow_1795438699175_4g9lbj6jn for file: PO-0.pdf",
        "{ purchaseOrderId: 'po_456', merchantId: 'merchant_789', workflowId: 'wf_123' }",
        "Purchase Order ID: cmgcmf1ygbn833buk1k2rdy15p",
        "Commit: 4811ec9 e682860 d52dee0 9f8d111c0ffee9f8d111c0ffee9f8d111c0ffee",
        "request 123e4567-e89b-12d3-a456-426614174000 took 12ms",
        "💥 [PERMANENT FIX] PROCESSOR ERROR in background_image_processing job 1 after 0ms:",
        "Foreign key constraint violated on the constraint: `ProductImage_productDraftId_fkey`",
        "task-background-image-processing-2025 and disk-0123456789abcdef0123",
        "iad1::00000 prj_x dpl_e682860",
        "http://127.0.0.1:8080/a@b and https://example.com/?u=me@example.com",
        "token: undefined, password: null, secret: false",
        "SyntaxError: Unexpected token < in JSON at position 0",
        "3 tokens: 512 in, 64 out; max_tokens=100",
        "key: 42, primary key: id, cache key=po_456",
        "Asia/Tokyo, bearer of news, invalid cookie: expired",
        "base64 eyJ, keys of the kingdom, passed: 12, secrets: none",
        "-----BEGIN CERTIFICATE-----",
        "POST /api/webhooks/orders 200, msg.id 7, the signature=valid of ?sig=off",
    ],
)
def test_ordinary_lines_stay_as_they_are(text: str) -> None:
    assert redact(text) == text


def test_several_secrets_in_one_text_all_go() -> None:
    assert (
        redact(f"{AWS} {GITHUB}\n{STRIPE}")
        == "[redacted aws-key] [redacted github-token]\n[redacted stripe-key]"
    )


def test_secrets_within_each_other_go_as_one() -> None:
    assert redact(f"password={AWS}") == "password=[redacted aws-key]"
    assert redact(f"password={AWS}-and-more") == "password=[redacted aws-key]"
    assert (
        redact(f"postgres://{AWS}:{GITHUB}@db") == "postgres://[redacted aws-key]:[redacted github-token]@db"
    )
    assert redact(f"Authorization: Bearer {JWT}") == "Authorization: Bearer [redacted jwt]"


def test_a_private_key_without_its_end_goes_to_the_end() -> None:
    assert redact(PEM[:60]) == "[redacted private-key]"


@given(
    st.sampled_from(sorted(TOKENS)),
    st.text("ab \n\"'=:/.{}[],é", max_size=40),
    st.text(" \n\"'=:/{}[],é", max_size=40),
)
def test_no_token_survives_whatever_is_around_it(secret: str, before: str, after: str) -> None:
    if before[-1:].isalnum():
        before += " "
    assert secret not in redact(before + secret + after)


@given(st.text("ab -_:=@/.\"'\\\n", max_size=60), st.integers(0, 60))
def test_to_keep_the_beginning_is_to_cut_what_is_redacted(text: str, keep: int) -> None:
    kept = redact(text, keep)
    assert kept == redact(text, keep)
    if redact(text) == text:
        assert kept == text[:keep]


@pytest.mark.parametrize(("secret", "kind"), TOKENS.items(), ids=TOKENS.values())
def test_a_secret_that_is_cut_in_half_does_not_show(secret: str, kind: str) -> None:
    text = f"{'x' * 90} {secret} and more"
    for keep in range(92, 91 + len(secret)):
        assert redact(text, keep) == f"{'x' * 90} [redacted {kind}]"
    assert redact(text, 91) == "x" * 90 + " "


def test_what_lies_far_behind_is_not_looked_at() -> None:
    near, far = "x" * (CONTEXT + 10), AWS * 1000
    assert redact(near + far, 10) == redact(near + "y" * 20_000, 10) == "x" * 10


def test_a_secret_longer_than_what_is_looked_at_goes_as_well() -> None:
    for secret, kind in (
        (JWT.split(".", maxsplit=1)[0] * 1000, "jwt"),
        (PEM[:40] + "A" * 50_000, "private-key"),
    ):
        assert redact(f"see {secret} end", 20) == f"see [redacted {kind}]"


def test_no_repeat_gives_back_what_it_took() -> None:
    unbounded = re.compile(r"(?<!\\)(?:\*|\+|\{\d+,\})")
    for secret in SECRETS:
        text = re.sub(r"\[(?:\\.|[^\]\\])*\]", "C", secret.pattern.pattern)  # a class is one character
        repeats = [match.end() for match in unbounded.finditer(text) if text[match.start() - 1] not in "*+}"]
        assert all(text[end : end + 1] == "+" for end in repeats), (secret.kind, text)


MANY = 100_000


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("eyJ" * MANY, "[redacted jwt]"),
        ("password=" * MANY, "password=[redacted password]"),
        ("://a:" * MANY, "://a:" * MANY),
        ("://" * MANY + "a:b", "://" * MANY + "a:b"),
        ("-----BEGIN " * MANY + "private key", "-----BEGIN " * MANY + "private key"),
        ("-----BEGIN PRIVATE KEY-----" * MANY, "[redacted private-key]"),
        ("password" + " " * MANY * 10, "password" + " " * MANY * 10),
        ("bearer " * MANY, "bearer " * MANY),
        ("sk-" * MANY, "sk-" * MANY),
        ('"' * MANY + "token", '"' * MANY + "token"),
    ],
    ids=lambda text: text[:12],
)
def test_hostile_texts_of_a_megabyte_are_read_once(text: str, left: str) -> None:
    """With quadratic time each of these would take hours."""
    assert redact(text) == left


def test_no_secret_is_found_only_without_its_hints() -> None:
    """Hints save time; they must not cost a secret."""
    texts = [*TOKENS, *(text for text, _ in NAMED)]
    found = [(secret, text) for secret in SECRETS for text in texts if secret.pattern.search(text)]
    assert {secret.kind for secret, _ in found} == {secret.kind for secret in SECRETS}
    assert all(any(hint in text.lower() for hint in secret.hints) for secret, text in found)
