"""The shipped tools in the database: there from the first migration, installed once, removable until used."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db.models import ProtectedError

from audits.enums import GRADED_SECTIONS, ToolStatus
from audits.models import GradeDescriptor, Question, Tool, ToolInForce, ToolVersion
from audits.services.tools import install_seed_tools
from audits.tool_files import read_tools
from core.guards import lifted
from tests.factories.audits import AuditFactory, moment

seed_migration = import_module("audits.migrations.0002_seed_tools")


def remove_seed_tools() -> None:
    """As migrating backwards does, which the database's guards do not see."""
    with lifted():
        seed_migration.remove(apps, None)


@pytest.mark.django_db
def test_a_new_installation_has_the_tools() -> None:
    assert list(Tool.objects.order_by("code").values_list("code", "name", "versions__pathways")) == [
        ("cin_cp", "Child in need and child protection", ["cin", "cp", "front_door"]),
        ("cla", "Child looked after", ["cla"]),
        ("leaving_care", "Leaving care", ["leaving_care"]),
    ]
    versions = ToolVersion.objects.values_list("number", "status", "published_by")
    assert list(versions) == [(1, ToolStatus.PUBLISHED, None)] * 3
    assert dict(ToolInForce.objects.values_list("pathway", "version__tool__code")) == {
        "cin": "cin_cp",
        "cp": "cin_cp",
        "front_door": "cin_cp",
        "cla": "cla",
        "leaving_care": "leaving_care",
    }


@pytest.mark.django_db
def test_what_is_installed_is_what_the_files_say() -> None:
    for tool in read_tools():
        rows = Question.objects.filter(version__tool__code=tool.code).order_by("order")
        assert [
            (q.code, q.section, q.kind, q.text, q.help, q.options, q.pathways, q.required) for q in rows
        ] == [
            (q.code, q.section, q.kind, q.text, q.help, q.options, list(q.pathways), q.required)
            for q in tool.questions
        ]
        described = GradeDescriptor.objects.filter(version__tool__code=tool.code)
        assert {(d.section, d.grade, d.text) for d in described} == {
            (d.section, d.grade, d.text) for d in tool.descriptors
        }
        assert described.count() == 4 * len(GRADED_SECTIONS)


@pytest.mark.django_db
def test_installing_again_changes_nothing() -> None:
    before = list(Question.objects.order_by("pk").values())
    assert install_seed_tools() == []
    assert list(Question.objects.order_by("pk").values()) == before


@pytest.mark.django_db
def test_a_tool_that_the_council_made_its_own_is_left_alone() -> None:
    remove_seed_tools()
    Tool.objects.create(code="cla", name="Our children")
    assert install_seed_tools() == ["cin_cp", "leaving_care"]
    ours = Tool.objects.get(code="cla")
    assert (ours.name, ours.versions.count()) == ("Our children", 0)


@pytest.mark.django_db
def test_the_tools_can_be_removed_and_installed_again() -> None:
    remove_seed_tools()
    assert (Tool.objects.count(), ToolVersion.objects.count(), Question.objects.count()) == (0, 0, 0)
    assert install_seed_tools() == ["cin_cp", "cla", "leaving_care"]


@pytest.mark.django_db
def test_a_tool_that_an_audit_has_used_is_not_removed() -> None:
    version = ToolVersion.objects.get(tool__code="cin_cp")
    AuditFactory(status="in_progress", tool_version=version, started_at=moment(version.published_at.date()))
    with pytest.raises(ProtectedError):
        remove_seed_tools()
    assert ToolVersion.objects.filter(pk=version.pk).exists()
