from django.db.models import QuerySet

from buvett.accounts.models import User
from buvett.accounts.policies import demo_is_on


def demo_people() -> QuerySet[User]:
    """The people of the one-click sign-in; nobody outside a demo."""
    if not demo_is_on():
        return User.objects.none()
    return User.objects.filter(demo=True, is_active=True).order_by("email")
