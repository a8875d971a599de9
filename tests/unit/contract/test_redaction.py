import pytest

from backend.contract.redaction import redacted, secrets_in

KEY = "7f6c1b1e-9d1e-4a3b-8a77-0123456789ab"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://user:hunter2@db:5432/x", "postgresql://user:***@db:5432/x"),
        ("redis://:hunter2@cache", "redis://:***@cache"),
        ("postgresql+psycopg2://u:p@ss:w@host/x", "postgresql+psycopg2://u:***@host/x"),
        (f"Authorization: Bearer {KEY}", "Authorization: Bearer ***"),
        (f"GET /rest/json?apiKey={KEY}&x=1", "GET /rest/json?apiKey=***&x=1"),
        (f"headers={{'apiKey': '{KEY}'}}", "headers={'apiKey': '***'}"),
        ("dsn: host=db password=hunter2 port=5", "dsn: host=db password=*** port=5"),
        ("POSTGRES_PASSWORD=hunter2", "POSTGRES_PASSWORD=***"),
        (f"NVD_API_KEY: {KEY}", "NVD_API_KEY: ***"),
        (f"GET /api/v1/tokens/openthreat_{'aB3-_' * 8}xyz", "GET /api/v1/tokens/openthreat_***"),
    ],
)
def test_what_looks_like_a_secret_is_taken_out(text: str, expected: str) -> None:
    assert redacted(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "OPENTHREAT_API_TOKEN cannot be used: it is empty.",
        "OPENTHREAT_API_TOKEN: demanded on any other address",
        "The API key: not accepted",
        "http://127.0.0.1:8001/api/v1/health",
        "http://host:80/search?mail=someone@example.org",
        "CVE-2024-3094 from nvd@nist.gov at 12:30",
        "",
    ],
)
def test_an_ordinary_sentence_stays_as_it_is(text: str) -> None:
    assert redacted(text) == text


def test_a_known_secret_is_taken_out_wherever_it_stands_and_however_it_is_spelled() -> None:
    assert redacted("a/b+c?d is a%2Fb%2Bc%3Fd", ["a/b+c?d"]) == "*** is ***"


def test_the_longer_of_two_secrets_goes_first() -> None:
    assert redacted("hunter22", ["hunter", "hunter22"]) == "***"


def test_what_is_too_short_to_be_a_secret_tears_no_holes() -> None:
    assert redacted("an ant", ["an", ""]) == "an ant"


def test_the_secrets_of_an_environment_are_found_by_name_and_in_addresses() -> None:
    assert secrets_in(
        {
            "NVD_API_KEY": KEY,
            "OPENTHREAT_API_TOKEN": "t0ken",
            "POSTGRES_PASSWORD": "hunter2",
            "DATABASE_URL": "postgresql://user:p%40ssword@db/x",
            "REDIS_URL": "redis://:pepper@cache/0",
            "OPENTHREAT_HOME": "/home/someone",
            "BROKEN": "http://[::1",
            "EMPTY_TOKEN": "",
            "KEYBOARD": "de-latin1",
        }
    ) == {KEY, "t0ken", "hunter2", "p%40ssword", "p@ssword", "pepper"}
