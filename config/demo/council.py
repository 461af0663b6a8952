"""The people of a council that does not exist: Borsetshire, its services, teams and about 60 auditors."""

import csv
import io
import random
from dataclasses import astuple, dataclass, fields
from datetime import date

from accounts.enums import JobRole, Role
from accounts.models import User
from audits.enums import Pathway
from config.demo.authors import story

DOMAIN = "borsetshire.example"
PASSWORD = "purple-otter-mends-kettles"  # noqa: S105 - printed for whoever looks at the demo

SERVICES = {
    "Front Door and Assessment": ("Assessment Team North", "Assessment Team South"),
    "Safeguarding and Family Support": (
        "Case Management Team 1",
        "Case Management Team 2",
        "Case Management Team 3",
        "Disabled Children's Team",
    ),
    "Children Looked After": (
        "Children Looked After Team 1",
        "Children Looked After Team 2",
        "Children Looked After Team 3",
    ),
    "Leaving Care": ("Leaving Care Team",),
    "Quality Assurance and Reviewing": (
        "Reviewing Officers",
        "Child Protection Chairs",
        "Practice Development",
    ),
}


PATHWAYS_KNOWN = {
    "Front Door and Assessment": (Pathway.CIN, Pathway.CP, Pathway.FRONT_DOOR),
    "Safeguarding and Family Support": (Pathway.CIN, Pathway.CP),
    "Children Looked After": (Pathway.CLA, Pathway.LEAVING_CARE),
    "Leaving Care": (Pathway.LEAVING_CARE, Pathway.CLA),
    "Quality Assurance and Reviewing": (Pathway.CIN, Pathway.CP, Pathway.CLA),
}

WORKER_ROLES = (
    JobRole.SOCIAL_WORKER,
    JobRole.SOCIAL_WORKER,
    JobRole.SENIOR_SOCIAL_WORKER,
    JobRole.ADVANCED_PRACTITIONER,
)


@dataclass(frozen=True)
class PersonRow:
    """One line of the people file, in the file's own columns."""

    email: str
    name: str
    job_role: str
    service: str = ""
    team: str = ""
    manages_team: str = ""
    line_manager_email: str = ""
    auditor: str = "no"
    capacity: str = ""
    pathways: str = ""
    roles: str = ""


class People:
    """Makes the rows of the people file from one seed; names are never used twice."""

    def __init__(self, rng: random.Random) -> None:
        names = [
            f"{first} {last}" for first in story()["names"]["first"] for last in story()["names"]["last"]
        ]
        self.names = iter(rng.sample(names, len(names)))
        self.rng = rng
        self.rows: list[PersonRow] = []

    def add(self, job_role: JobRole, *, manager: str = "", audits: bool = False, **columns: str) -> PersonRow:
        """One more person; an auditor gets a capacity and the pathways their service knows."""
        name = next(self.names)
        if audits:
            columns |= {
                "auditor": "yes",
                "capacity": self.rng.choice(("1", "1", "1", "2")),
                "pathways": ";".join(PATHWAYS_KNOWN[columns["service"]]),
            }
        row = PersonRow(
            email=f"{name.lower().replace(' ', '.')}@{DOMAIN}",
            name=name,
            job_role=job_role,
            line_manager_email=manager,
            **columns,
        )
        self.rows.append(row)
        return row


def council(rng: random.Random) -> list[PersonRow]:
    """Everybody in the council: about 110 people, 60 of whom audit."""
    people = People(rng)
    qa_service = "Quality Assurance and Reviewing"
    director = people.add(JobRole.DIRECTOR, roles=Role.SENIOR_LEADER)
    leaders = [
        people.add(
            JobRole.ASSISTANT_DIRECTOR,
            manager=director.email,
            service=service,
            roles=Role.SENIOR_LEADER,
            audits=True,
        )
        for service in ("Safeguarding and Family Support", "Children Looked After")
    ]
    psw = people.add(JobRole.PRINCIPAL_SOCIAL_WORKER, manager=director.email, roles=Role.PSW)
    qa_lead = people.add(JobRole.QA_LEAD, manager=psw.email, roles=Role.QA_LEAD)
    people.add(JobRole.BUSINESS_SUPPORT, manager=qa_lead.email, roles=Role.BUSINESS_SUPPORT)
    people.add(JobRole.OTHER, roles=Role.SYSTEM_ADMINISTRATOR)
    people.add(JobRole.OTHER, roles=Role.INFORMATION_GOVERNANCE)
    for number, (service, teams) in enumerate(SERVICES.items()):
        head = people.add(
            JobRole.SERVICE_MANAGER,
            manager=leaders[number % 2].email,
            service=service,
            roles=Role.SERVICE_MANAGER,
            audits=True,
        )
        for team in teams:
            manager = people.add(
                JobRole.TEAM_MANAGER,
                manager=head.email,
                service=service,
                team=team,
                manages_team=team,
                audits=True,
            )
            job_roles = {
                "Reviewing Officers": (JobRole.IRO,) * 6,
                "Child Protection Chairs": (JobRole.CP_CHAIR,) * 4,
            }.get(team, WORKER_ROLES)
            for job_role in job_roles:
                audits = service == qa_service or job_role == JobRole.ADVANCED_PRACTITIONER
                people.add(job_role, manager=manager.email, service=service, team=team, audits=audits)
            if service != qa_service:
                for _ in range(2):
                    people.add(
                        JobRole.ADVANCED_PRACTITIONER,
                        manager=manager.email,
                        service=service,
                        team=team,
                        audits=True,
                    )
    return people.rows


def people_csv(rows: list[PersonRow]) -> bytes:
    """The rows as the file that import_people reads."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(field.name for field in fields(PersonRow))
    writer.writerows(astuple(row) for row in rows)
    return text.getvalue().encode()


SIGN_INS = (
    Role.TEAM_MANAGER,
    Role.QA_LEAD,
    Role.PSW,
    Role.BUSINESS_SUPPORT,
    Role.SERVICE_MANAGER,
    Role.SENIOR_LEADER,
    Role.INFORMATION_GOVERNANCE,
    Role.SYSTEM_ADMINISTRATOR,
)
"""The roles a visitor may look through; the team manager audits as well."""


def sign_ins(on: date) -> list[tuple[Role, User]]:
    """One person of the demonstration council for each role, as of that day."""
    found = []
    for role in SIGN_INS:
        person = User.objects.holding(role, on).filter(email__endswith=f"@{DOMAIN}").order_by("pk").first()
        if person:
            found.append((role, person))
    return found
