"""The demo's last page: the proof's table, the calibration, and addresses to try."""

from collections.abc import Iterator

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from attendance_testing.platform import Platform
from demo_authority.authority.calibration import CalibrationReport, Share
from demo_authority.authority.generator import DemoAuthority
from demo_authority.play.participants import authority_client, school_client, workers_of
from demo_authority.proof.checks import FAULTS_SHOWN
from demo_authority.proof.latencies import Latency
from demo_authority.proof.proving import Proof


def show(console: Console, proof: Proof) -> None:
    """Show what was proved, and how near the generated marks are to the published ones."""
    console.print(Group(_figures(proof), _checks(proof), _calibration(proof.calibration)))


def show_addresses(console: Console, platform: Platform, authority: DemoAuthority) -> None:
    """Show where everything is, with commands that can be pasted into a shell."""
    for line in _addresses(platform, authority):
        console.print(line, markup=False, soft_wrap=True)


def _figures(proof: Proof) -> Table:
    table = Table("", "", title="What happened", title_justify="left", show_header=False)
    table.columns[1].justify = "right"
    messages, inbox = proof.messages, proof.inbox
    open_question = f" + {messages.owed_or_not:,} ¹" if messages.owed_or_not else ""
    for name, figure in (
        ("marks accepted", f"{proof.marks:,}"),
        ("absences in the played days", f"{messages.absences:,}"),
        ("first messages owed", f"{messages.owed:,}{open_question}"),
        ("first messages sent", f"{messages.told:,}"),
        ("corrections sent", f"{messages.corrected:,}"),
        ("texts and e-mails that took ²", f"{inbox.messages:,}"),
        ("of them delivered", f"{inbox.statuses.get('delivered', 0):,}"),
        ("cases opened", f"{proof.cases.opened:,}"),
        ("thresholds withdrawn", f"{proof.cases.withdrawn:,}"),
        ("views checked against a recount", f"{proof.views:,}"),
        ("mark → message, p50 / p99 ³", _latency(proof.to_message)),
        ("mark → view, p50 / p99 ⁴", _latency(proof.to_view)),
    ):
        table.add_row(name, figure)
    table.caption = (
        "¹ the reason arrived while the message fell due: either was right\n"
        "² brothers and sisters at one school share a text\n"
        "³ from when contact was due, or the mark accepted if that was later\n"
        "⁴ in the first morning"
    )
    table.caption_justify = "left"
    return table


def _checks(proof: Proof) -> Table:
    table = Table.grid(padding=(0, 1))
    for check in proof.checks:
        mark = Text("✓", style="green") if check.holds else Text("✗", style="bold red")
        table.add_row(mark, f"{check.claim} ({check.compared:,} compared)")
        for fault in check.faults[:FAULTS_SHOWN]:
            table.add_row("", Text(fault, style="red"))
        if len(check.faults) > FAULTS_SHOWN:
            table.add_row("", Text(f"and {len(check.faults) - FAULTS_SHOWN} more", style="red"))
    return table


def _calibration(report: CalibrationReport) -> Table:
    first, last = report.generated_period
    phases = [rates.phase for rates in report.rates]
    table = Table("code", title="Share of sessions, generated / published", title_justify="left")
    for phase in phases:
        table.add_column(phase, justify="right")
    shares = {(share.code, share.phase): share for share in report.shares}
    for code in dict.fromkeys(share.code for share in report.shares if share.is_compared):
        table.add_row(code, *(_share(shares.get((code, phase))) for phase in phases))
    table.add_row(
        "absence", *(f"{one.absence:.2%} / {one.published_absence:.2%}" for one in report.rates)
    )
    table.caption = (
        f"Authority {report.authority}; generated {first:%d %B %Y} to {last:%d %B %Y}, published "
        f"{report.published_period}.\nAll phases: {report.absence:.2%} / "
        f"{report.published_absence:.2%}; largest deviation of a code {report.max_deviation:.1%}."
    )
    table.caption_justify = "left"
    return table


def _share(share: Share | None) -> str:
    if share is None or not share.is_compared:
        return "·"
    return f"{share.generated:.2%} / {share.published:.2%}"


def _latency(latency: Latency) -> str:
    if latency.p50 is None or latency.p99 is None:
        return "none measured"
    return f"{1000 * latency.p50:,.0f} ms / {1000 * latency.p99:,.0f} ms"


def _addresses(platform: Platform, authority: DemoAuthority) -> Iterator[str]:
    stack = platform.stack
    yield "\nTry it:"
    for name, service in stack.services.items():
        for url in service.api[:1]:
            yield f"  {name}-service   {url}/docs"
    yield f"  what families read   {stack.sandbox.url}/"
    school, code = authority.roll.schools[0].urn, authority.roll.figures.code
    worker = next(iter(workers_of(authority.roll)), None)
    visits = [
        (school_client(school), "reporting", f"/v1/schools/{school}/today"),
        (authority_client(code), "escalation", f"/v1/schools/{school}/cases"),
        (authority_client(code), "reporting", f"/v1/authorities/{code}/absence"),
    ]
    if worker is not None:
        visits.insert(0, (worker, "reporting", f"/v1/caseloads/{worker}"))
    for client, service_name, path in visits:
        secret = platform.client(client).secret
        yield (
            f"\n  # as {client}\n"
            f"  TOKEN=$(curl -s -u '{client}:{secret}' -d grant_type=client_credentials "
            f"{stack.issuer.token_endpoint} | grep -o 'ey[^\"]*')\n"
            f'  curl -s -H "Authorization: Bearer $TOKEN" {platform.api(service_name)}{path}'
        )
