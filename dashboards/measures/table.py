"""The one table of measures, in the order in which every page and file has them. Imports no Django."""

from dashboards.measures.caseload import ACTIVITY, COVERAGE
from dashboards.measures.follow_up import FOLLOW_UP
from dashboards.measures.grades import GRADES_AND_QUESTIONS
from dashboards.measures.involvement import INVOLVEMENT
from dashboards.measures.moderation import MODERATION
from dashboards.measures.practice import PRACTICE
from dashboards.measures.returns import RETURNS

MEASURES = (
    *GRADES_AND_QUESTIONS,
    *RETURNS,
    *ACTIVITY,
    *INVOLVEMENT,
    *PRACTICE,
    *MODERATION,
    *FOLLOW_UP,
    *COVERAGE,
)
