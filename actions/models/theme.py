"""What findings have in common, so that one thing is done about them and not forty."""

from django.db import models

from actions.querysets import ThemeQuerySet


class Theme(models.Model):
    """A theme that findings are tagged with. The council adds its own and retires what it no longer uses."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120, unique=True)
    is_in_use = models.BooleanField(default=True)

    objects = ThemeQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
