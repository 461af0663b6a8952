"""What part of the council is counted. Imports no Django."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """The council where nothing is set; a service, a team, a pathway, the audits of one auditor, or what all set meet.

    `service`, `team` and `auditor` are ids, `pathway` is its code.
    """

    service: int | None = None
    team: int | None = None
    pathway: str = ""
    auditor: int | None = None

    @property
    def key(self) -> str:
        """How frozen figures name it: "" for the council, "team=7" or "team=7,pathway=cla"."""
        return ",".join(f"{name}={value}" for name, value in self.parts.items())

    @property
    def parts(self) -> dict[str, int | str]:
        """What is set, by its name."""
        found = {
            "service": self.service,
            "team": self.team,
            "pathway": self.pathway,
            "auditor": self.auditor,
        }
        return {name: value for name, value in found.items() if value}

    @property
    def is_council(self) -> bool:
        return not self.parts


COUNCIL = Scope()
