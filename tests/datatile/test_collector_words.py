"""The collector's words: what is written is read back, in whatever case and shape it comes."""

from hypothesis import given
from hypothesis import strategies as st

from occtoo_frames.protocol.datatile import Job, JobError, JobResult, job_id_of, job_path, notice, upload_path

TEXT = st.text(max_size=8)
JOBS = st.builds(
    Job,
    id=st.text(min_size=1, max_size=8),
    status=TEXT,
    action=st.none() | TEXT,
    target=st.none() | TEXT,
    result=st.none() | st.builds(JobResult, st.none() | TEXT, st.none() | st.integers(), st.none() | st.integers()),
    error=st.none() | st.builds(JobError, st.none() | TEXT, TEXT),
    warnings=st.lists(TEXT, max_size=2).map(tuple),
    history=st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple),
)


@given(JOBS)
def test_a_job_comes_back_as_it_was_written(job):
    """Bare, or inside data."""
    assert Job.from_wire(job.to_wire()) == job
    assert Job.from_wire({"Data": job.to_wire()}) == job


@given(st.recursive(st.none() | st.booleans() | st.integers() | TEXT, lambda x: st.lists(x) | st.dictionaries(TEXT, x)))
def test_nothing_that_a_server_says_breaks_the_reading(document):
    """It is a job, or None."""
    assert Job.from_wire(document) is None or isinstance(document, dict)
    assert job_id_of(document) is None or isinstance(document, dict)


def test_a_target_cannot_leave_its_place_in_the_address():
    """Slashes and questions are written as such."""
    assert upload_path("create", "../x?y") == "/api/v2/upload/create/..%2Fx%3Fy"
    assert job_path("a/b") == "/api/v2/upload/jobs/a%2Fb"


def test_a_notice_says_what_changed():
    """The states before and after, and a number that grows."""
    job = Job("j", "DONE", "create", "f", JobResult("d", 1, 2), history=(("PROCESSING", "t1"), ("DONE", "t2")))
    assert notice(job, 3) == {
        "jobId": "j", "action": "create", "target": "f", "status": "DONE", "previousStatus": "PROCESSING",
        "at": "t2", "sequence": 3, "result": {"database": "d", "rows": 1, "variables": 2},
    }  # fmt: skip
