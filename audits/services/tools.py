"""Audit tools: putting the shipped ones into a new installation."""

from typing import Any

from django.apps import apps
from django.apps.registry import Apps
from django.db import transaction
from django.utils import timezone

from audits.enums import ToolStatus
from audits.tool_files import ToolFile, read_tools


@transaction.atomic
def install_seed_tools(registry: Apps = apps) -> list[str]:
    """Install each seed tool that is not there yet, as its published version 1 (docs/domain.md, section 4).

    A tool that is there is left alone, whatever the files say by now: from its first day it is the council's
    to change. Returns the codes of the tools that were installed. `registry` says where the models come from:
    a migration passes its own.
    """
    present = set(_model(registry, "Tool").objects.values_list("code", flat=True))
    missing = [tool for tool in read_tools() if tool.code not in present]
    for tool in missing:
        _install(tool, registry)
    return [tool.code for tool in missing]


def _model(registry: Apps, name: str) -> Any:
    return registry.get_model("audits", name)


def _install(tool_file: ToolFile, registry: Apps) -> None:
    """Install one tool, as far as the registry's models go: the first migration's kept the pathways on the tool."""
    question_model, descriptor_model = _model(registry, "Question"), _model(registry, "GradeDescriptor")
    tool_model, version_model = _model(registry, "Tool"), _model(registry, "ToolVersion")
    pathways = {"pathways": list(tool_file.pathways)}
    on_tool = hasattr(tool_model, "pathways")
    tool = tool_model.objects.create(
        code=tool_file.code, name=tool_file.name, **(pathways if on_tool else {})
    )
    version = version_model.objects.create(tool=tool, number=1, **({} if on_tool else pathways))
    question_model.objects.bulk_create(
        question_model(
            version=version,
            section=question.section,
            code=question.code,
            order=order,
            text=question.text,
            help=question.help,
            kind=question.kind,
            options=question.options,
            pathways=list(question.pathways),
            required=question.required,
        )
        for order, question in enumerate(tool_file.questions, start=1)
    )
    descriptor_model.objects.bulk_create(
        descriptor_model(
            version=version, section=descriptor.section, grade=descriptor.grade, text=descriptor.text
        )
        for descriptor in tool_file.descriptors
    )
    version.status = ToolStatus.PUBLISHED
    version.published_at = timezone.now()
    version.save(update_fields=("status", "published_at"))
    if not on_tool:
        in_force = _model(registry, "ToolInForce")
        in_force.objects.bulk_create(
            [in_force(pathway=pathway, version=version) for pathway in tool_file.pathways],
            ignore_conflicts=True,
        )
