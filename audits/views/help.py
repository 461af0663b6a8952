"""Help that depends on what the council has published; the other pages of /help/ are templates alone."""

from django.http import HttpResponse
from django.shortcuts import render

from accounts.http import SignedInRequest
from audits.selectors import tool_pages, tools_in_force


def grading(request: SignedInRequest) -> HttpResponse:
    """How to grade well, with the descriptors of one tool in force: the one asked for, or the first."""
    tools = tools_in_force()
    chosen = request.GET.get("tool")
    version = next((version for version in tools if version.tool.code == chosen), tools[0] if tools else None)
    tabs = [
        {"label": each.tool.name, "url": f"?tool={each.tool.code}#descriptors", "current": each == version}
        for each in tools
    ]
    graded = [page for page in tool_pages(version) if page.descriptors] if version else []
    return render(request, "help/grading.html", {"version": version, "pages": graded, "tabs": tabs})
