"""Work beside the pages: what a job is, how it is asked for, who does it, how it stands.

The rows, the declaration and the schema are those of django-tasks and its database backend. Added
here is what they leave out: attempts with pauses between them, jobs that come again and again, jobs of
which there is only one, rows of workers that died, and the end of the job at hand when a worker stops.
"""

from .declaring import (
    DEFAULT_QUEUE,
    MAIL_QUEUE,
    QUEUES,
    Job,
    JobBackend,
    NoSuchJob,
    job,
    job_named,
    recurring_jobs,
)
from .queueing import enqueue
from .standing import QueueState, queue_state
from .transitions import Unavailable

__all__ = [
    "DEFAULT_QUEUE",
    "MAIL_QUEUE",
    "QUEUES",
    "Job",
    "JobBackend",
    "NoSuchJob",
    "QueueState",
    "Unavailable",
    "enqueue",
    "job",
    "job_named",
    "queue_state",
    "recurring_jobs",
]
