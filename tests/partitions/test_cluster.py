"""Counties on a Dask cluster of several processes: what is written is what one machine writes, to the last bit."""

import os
import signal
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import dask
import distributed
import pytest

import relapse_risk as rr
from relapse_risk.bundle import versions_in_use
from relapse_risk.cli import run
from relapse_risk.errors import InputError
from relapse_risk.partitions import CountySource, FinishedCounties, run_counties
from tests.scoring.partitions.lakes import DAY, county_tables, write_lake
from tests.scoring.scored_registers import make_bundle

pytestmark = pytest.mark.slow

COUNTIES = 6


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    counties = {f"{place}县": county_tables(place, f"{place}县") for place in range(1, COUNTIES + 1)}
    return write_lake(tmp_path_factory.mktemp("lake") / "lake", counties, without=["county"])


@pytest.fixture(scope="module")
def alone(lake, tmp_path_factory):
    """What one machine writes."""
    out = tmp_path_factory.mktemp("alone") / "out"
    scored(lake, out)
    return files_of(out)


@pytest.fixture(scope="module")
def client():
    with cluster_of(2) as client:
        yield client


@contextmanager
def cluster_of(workers, **settings):
    settings = {"processes": True, "threads_per_worker": 1, "dashboard_address": None} | settings
    with distributed.LocalCluster(n_workers=workers, **settings) as cluster, distributed.Client(cluster) as client:
        client.wait_for_workers(workers)
        yield client


def scored(lake, out, **asked):
    return rr.score_partitions(lake, make_bundle(), out=out, as_of=DAY, capacity=30, **asked)


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_workers_write_what_one_machine_writes(lake, alone, client, tmp_path):
    scored(lake, tmp_path / "out", client=client)
    assert files_of(tmp_path / "out") == alone


def test_one_worker_writes_it_too(lake, alone, tmp_path):
    with cluster_of(1) as client:
        scored(lake, tmp_path / "out", client=client)
    assert files_of(tmp_path / "out") == alone


@pytest.mark.parametrize("victims", [1, 2], ids=["one of two workers", "both workers"])
def test_a_worker_killed_in_mid_run_changes_nothing(lake, alone, tmp_path, victims):
    with cluster_of(2) as client:
        pids = sorted(client.run(os.getpid).values())[:victims]
        killed = []

        def kill(stage, share):
            if stage == "counties" and share > 0 and not killed:
                for pid in pids:
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)

        scored(lake, tmp_path / "out", client=client, progress=kill)
        assert killed == pids
    assert files_of(tmp_path / "out") == alone


def test_a_poisoned_county_is_the_same_line_and_the_others_finish(lake, client, tmp_path):
    broken = tmp_path / "lake"
    write_lake(broken, {f"{place}县": county_tables(place, f"{place}县") for place in (1, 2, 3)})
    (broken / "county=2县" / "households.parquet").write_bytes(b"")
    here, there = scored(broken, tmp_path / "here"), scored(broken, tmp_path / "there", client=client)
    assert [one.line("zh") for one in there.failed] == [one.line("zh") for one in here.failed]
    assert len(there.failed) == 1
    assert files_of(tmp_path / "here" / "county=1县") == files_of(tmp_path / "there" / "county=1县")


def test_counties_are_audited_on_it_as_here(lake, client, tmp_path):
    for name, more in (("here", []), ("there", ["--cluster", client.scheduler.address])):
        assert run(["audit", str(lake), "--out", str(tmp_path / name), "--quiet", *more]) == 0
    here, there = files_of(tmp_path / "here"), files_of(tmp_path / "there")
    assert here.keys() == there.keys()
    assert not [name for name, made in here.items() if there[name] != made and not name.endswith("run.json")]


class Watched:
    """A client that counts how many counties are with the cluster."""

    def __init__(self, client):
        self.client, self.out, self.most = client, 0, 0

    def __getattr__(self, name):
        return getattr(self.client, name)

    def submit(self, *args, **options):
        self.out += 1
        self.most = max(self.most, self.out)
        future = self.client.submit(*args, **options)
        release = future.release

        def released(*args, **options):
            self.out -= 1
            release(*args, **options)

        future.release = released
        return future


def test_no_more_counties_are_with_the_workers_than_they_need(lake, client, tmp_path):
    watched = Watched(client)
    scored(lake, tmp_path / "out", client=watched)
    assert watched.most == 4  # of six: one at work and one at hand, for each of two threads


def _pid():
    return {"relapse-risk": str(os.getpid())}


def test_other_releases_are_refused(client, tmp_path):
    counties = [CountySource(name="county=C", path=tmp_path)]
    with pytest.raises(InputError) as error:
        run_counties(
            counties, print, FinishedCounties(folder=tmp_path / "work"), digest="", releases=_pid, client=client
        )
    assert error.value.code == "cluster_other_releases"
    assert "relapse-risk" in versions_in_use()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """An authority and a certificate of it for this machine, as files."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    def certified(name, issuer, key, signer, *, authority):
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        )
        return made.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def named(name):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    folder = tmp_path_factory.mktemp("certificates")
    own, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    files = {
        "ca": certified(named("authority"), named("authority"), own, own, authority=True),
        "cert": certified(named("machine"), named("authority"), key, own, authority=False),
        "key": secret,
    }
    for name, content in files.items():
        (folder / f"{name}.pem").write_bytes(content)
    return {name: str(folder / f"{name}.pem") for name in files}


def test_over_tls_by_a_client_and_by_the_command_line(lake, alone, certificates, tmp_path, capsys):
    roles = {f"distributed.comm.tls.{role}.{part}": certificates[part] for role in ROLES for part in ("cert", "key")}
    settings = {"distributed.comm.tls.ca-file": certificates["ca"], "distributed.comm.require-encryption": True}
    with dask.config.set(settings | roles):
        security = distributed.Security()
        with cluster_of(2, security=security, protocol="tls://", host="127.0.0.1") as client:
            address = client.scheduler.address
            assert address.startswith("tls://")
            scored(lake, tmp_path / "out", client=client)
            assert files_of(tmp_path / "out") == alone
            where = ["--as-of", DAY, "--rule", "--out", str(tmp_path / "cli"), "--lang", "en"]
            assert run(["score", str(lake), *where, "--cluster", address]) == 0
            assert run(["score", str(lake), *where, "--overwrite", "--cluster", address.replace("tls", "tcp")]) == 2
    assert "Cannot reach the cluster" in capsys.readouterr().err
    alone_too = ["--as-of", DAY, "--rule", "--out", str(tmp_path / "here"), "--lang", "en", "--quiet"]
    assert run(["score", str(lake), *alone_too]) == 0
    here, there = files_of(tmp_path / "here"), files_of(tmp_path / "cli")
    assert {**here, "run.json": b""} == {**there, "run.json": b""}


ROLES = ("client", "scheduler", "worker")
