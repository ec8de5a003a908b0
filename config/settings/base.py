"""All settings, by topic. dev, test and production contain only the differences."""

import django_stubs_ext

from .accounts import *
from .api import *
from .apps import *
from .community import *
from .environment import *
from .jobs import *
from .languages import *
from .logs import *
from .mail import *
from .security import *
from .services import *
from .storage import *

# Django's generic classes take their types at run time too: ModelForm[Post].
django_stubs_ext.monkeypatch()
