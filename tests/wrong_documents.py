"""Routes documents with one problem each, and the problem."""

from typing import Final

ROUTE = '[[routes]]\nto = ["slack"]\n'
HOURS = f"{ROUTE}[routes.quiet_hours]\n"
SILENCE = f'{ROUTE}[[silences]]\nmatch = {{}}\nreason = "x"\nby = "jo"\n'

DESTINATION = "must be tables like [destinations.alerts], named with at most 40 of a-z, 0-9 and -"
GLOBS = "must be a text or a list of texts, in which * stands for anything and ? for any character"
MATCH = 'must be a table of matchers, like { severity = "failure", service = "check*" }'
KEYS_OF = "is not known here; a key must be one of"
MATCH_KEYS = (
    f"{KEYS_OF} severity, source, resource_type, name, service, environment, status, account, region, operation"
)
MENTION = 'must be a table from severities to "@here", "@channel" or the id of a Slack user group or user'
MOMENT = "must be a time with an offset and no quotes, like 2026-12-01T08:00:00Z"
ROUTE_KEYS = f"{KEYS_OF} name, match, not, to, final, mention, quiet_hours, title, body, runbook, escalate"
RUNBOOK = 'must be an https URL of at most 500 characters, like "https://wiki.example.com/checkout"'
NEVER = "these hours are empty; they need from, to (midnight if not given) or days"
QUIET = '{ from = "22:00", to = "07:00", time_zone = "Europe/Berlin" }'
SEVERITY = "it must be one of failure, action, recovered, success, progress, info"
TO = "must be a list of names of destinations, at least one"
ZONE = "is no time zone; it must be a name like Europe/Berlin or UTC"
UNKNOWN = "there is no destination of this name; it must be one of"

WRONG: Final = (
    ("routes = [1]", "1: routes[1]: routes must be tables [[routes]]"),
    (
        f"{ROUTE}[[silence]]",
        f'3: silence: {KEYS_OF} destinations, accounts, routes, silences, memory; did you mean "silences"?',
    ),
    (f"{ROUTE}{ROUTE}math = {{}}", f'5: routes[2].math: {ROUTE_KEYS}; did you mean "match"?'),
    (f'{ROUTE}\n"" = 1', f'4: routes[1]."": {ROUTE_KEYS}'),
    (f"{ROUTE}match = {{ severty = 1 }}", f'3: routes[1].match.severty: {MATCH_KEYS}; did you mean "severity"?'),
    (
        f"{ROUTE}\n[routes.not]\n# why\nservices = 1",
        f'6: routes[1].not.services: {MATCH_KEYS}; did you mean "service"?',
    ),
    (f"{ROUTE}match = 'x'", f"3: routes[1].match: {MATCH}"),
    (f"{ROUTE}match = {{ service = 1 }}", f"3: routes[1].match.service: {GLOBS}"),
    (f"{ROUTE}match = {{ service = [\n'a',\n1\n] }}", f"3: routes[1].match.service[2]: service {GLOBS}"),
    (f"{ROUTE}match = {{ service = [] }}", "3: routes[1].match.service: must not be empty"),
    (f"{ROUTE}match = {{ service = '' }}", "3: routes[1].match.service: must not be empty"),
    (
        f"{ROUTE}match = {{ severity = ['action', 'faliure'] }}",
        f'3: routes[1].match.severity: "faliure" is no severity; {SEVERITY}; did you mean "failure"?',
    ),
    (f"{ROUTE}not = {{ severity = 'x*' }}", f'3: routes[1].not.severity: "x*" is no severity; {SEVERITY}'),
    ("[[routes]]", f"1: routes[1].to: is missing; it {TO}"),
    ("[[routes]]\nto = 'slack'", f"2: routes[1].to: {TO}"),
    ("[[routes]]\nto = []", f"2: routes[1].to: {TO}"),
    (
        "[[routes]]\nto = [\n  'email',\n  'slak',\n]",
        f'2: routes[1].to[2]: {UNKNOWN} email, slack; did you mean "slack"?',
    ),
    (f'{ROUTE}name = " \\t"', "3: routes[1].name: must not be empty"),
    (f"{ROUTE}name = 1", "3: routes[1].name: must be a text"),
    (f"{ROUTE}final = 1", "3: routes[1].final: must be true or false"),
    (f"{ROUTE}runbook = 1", f"3: routes[1].runbook: {RUNBOOK}"),
    (f'{ROUTE}runbook = "http://wiki.example.com"', f"3: routes[1].runbook: {RUNBOOK}"),
    (f'{ROUTE}runbook = "https://wiki.example.com/a b"', f"3: routes[1].runbook: {RUNBOOK}"),
    (f"{ROUTE}title = 1", "3: routes[1].title: must be a text"),
    (f"{ROUTE}mention = '@here'", f"3: routes[1].mention: {MENTION}"),
    (f"{ROUTE}mention = {{ urgent = '@here' }}", f"3: routes[1].mention.urgent: mention {MENTION}"),
    (f"{ROUTE}mention = {{ failure = '<!here>' }}", f"3: routes[1].mention.failure: mention {MENTION}"),
    (
        f"{ROUTE}quiet_hours = 1",
        f"3: routes[1].quiet_hours: must be a table, like {QUIET}",
    ),
    (
        f"{HOURS}from = '22:00'",
        "3: routes[1].quiet_hours.time_zone: is missing; it must be a name like Europe/Berlin or UTC",
    ),
    (
        f"{HOURS}form = '22:00'\ndays = ['sun']\ntime_zone = 'UTC'",
        f'4: routes[1].quiet_hours.form: {KEYS_OF} from, to, days, time_zone; did you mean "from"?',
    ),
    (
        f"{HOURS}from = '24:00'\ntime_zone = 'UTC'",
        '4: routes[1].quiet_hours.from: must be a time of day, like "07:30"',
    ),
    (
        f"{HOURS}days = ['Sunday']\ntime_zone = 'UTC'",
        "4: routes[1].quiet_hours.days[1]: days must be a list of mon, tue, wed, thu, fri, sat, sun",
    ),
    (
        f"{HOURS}from = '07:00'\nto = '07:00'\ntime_zone = 'UTC'",
        f"3: routes[1].quiet_hours: {NEVER}",
    ),
    (
        f"{HOURS}to = '07:00'\ntime_zone = 'Europe/Berlni'",
        f'5: routes[1].quiet_hours.time_zone: "Europe/Berlni" {ZONE}; did you mean "Europe/Berlin"?',
    ),
    (
        f"{HOURS}to = '07:00'\ntime_zone = '/etc/passwd'",
        f'5: routes[1].quiet_hours.time_zone: "/etc/passwd" {ZONE}',
    ),
    *(
        (
            f"{HOURS}to = '07:00'\ntime_zone = '{name}'",
            f'5: routes[1].quiet_hours.time_zone: "{name}" {ZONE}{meant}',
        )
        for name, meant in (
            ("localtime", ""),
            ("Factory", ""),
            ("posixrules", ""),
            ("posix/Europe/Berlin", '; did you mean "Europe/Berlin"?'),
            ("right/Europe/Berlin", '; did you mean "Europe/Berlin"?'),
            ("europe/berlin", '; did you mean "Europe/Berlin"?'),
        )
    ),
    (f"{HOURS}to = '07:00'\ntime_zone = '.'", f'5: routes[1].quiet_hours.time_zone: "." {ZONE}'),
    (SILENCE, f"3: silences[1].until: is missing; it {MOMENT}"),
    (f"{SILENCE}until = 2026-12-01T08:00:00", f"7: silences[1].until: {MOMENT}"),
    (f"{SILENCE}until = '2026-12-01T08:00:00Z'", f"7: silences[1].until: {MOMENT}"),
    (
        f"{SILENCE.replace('match = {}', '')}until = 2026-12-01T08:00:00Z",
        f"3: silences[1].match: is missing; it {MATCH}",
    ),
    (f"{SILENCE.replace('x', '')}until = 2026-12-01T08:00:00Z", "5: silences[1].reason: must not be empty"),
    (
        f"{ROUTE}[accounts]\n12 = 'production'",
        '4: accounts.12: accounts must be a table of names, like "123456789012" = "production"',
    ),
    (f"{ROUTE}[accounts]\n123456789012 = ''", "4: accounts.123456789012: must not be empty"),
    (f"destinations = 1\n{ROUTE}", f"1: destinations: {DESTINATION}"),
    ('"[key]" = 1', f'1: "[key]": {KEYS_OF} destinations, accounts, routes, silences, memory'),
    (f"{ROUTE}[destinations]\nalerts = 1", f"4: destinations.alerts: destinations {DESTINATION}"),
    (
        f"{ROUTE}[destinations.'the team']\ntype = 'slack'\nwebhook = 'proton-notifier/x'",
        f'3: destinations."the team": destinations {DESTINATION}',
    ),
)
