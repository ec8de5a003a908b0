"""The rules that every post is checked against."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import viewer_of
from accounts.models import Member
from core.forms import accepts_fields, cleaned
from core.http import render_page_or_fragment
from core.pages import more_url, paginate
from core.refusals import Forbidden, Invalid
from moderation.actions import (
    change_built_in_rule,
    checked_pattern,
    delete_word_rule,
    reset_built_in_rule,
    write_word_rule,
)
from moderation.forms import BuiltInRuleForm, WordRuleFields
from moderation.models import WordRule, category_choices
from moderation.queries import (
    built_in_rules,
    moderators_only,
    trial_of_built_in,
    trial_of_pattern,
    word_rule,
    word_rules,
)


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """List word rules and built-in rules; with `pattern` or `rule`, also what that would find."""
    viewer = moderators_only(viewer_of(request))
    page = paginate(word_rules(viewer), cursor=request.GET.get("cursor"))
    context = {
        "page": page,
        "more_url": more_url(reverse("moderation:rules"), page),
        "may_write": viewer.is_staff,
        "categories": category_choices(),
    }
    context |= _trial(request, viewer)
    return render_page_or_fragment(
        request,
        "moderation/rules.html",
        context,
        fragment="moderation/_word_rule_list.html",
        page_context=lambda: {"built_in": built_in_rules(viewer), "nav": "moderation"},
        status=422 if "refusal" in context else 200,
    )


def _trial(request: HttpRequest, viewer: Member) -> dict[str, Any]:
    """Return what the pattern or rule to try would find, or why it can’t be tried."""
    pattern, key = request.GET.get("pattern", ""), request.GET.get("rule", "")
    if not (pattern or key):
        return {}
    tried: dict[str, Any] = {"pattern": pattern, "tried_key": key}
    try:
        if pattern:
            return tried | {"trial": trial_of_pattern(checked_pattern(pattern), viewer)}
        return tried | {"trial": trial_of_built_in(key, viewer)}
    except Invalid as refusal:
        return tried | {"refusal": refusal.message}


@require_POST
@accepts_fields(*WordRuleFields.base_fields)
def write_rule(request: HttpRequest, rule_id: int | None = None) -> HttpResponse:
    """Create a word rule, or change the one with `rule_id`."""
    by = _admin(request)
    rule: WordRule | None = word_rule(rule_id, by) if rule_id is not None else None
    given = cleaned(WordRuleFields(request.POST))
    write_word_rule(by=by, rule=rule, **given)
    messages.success(request, _("Saved."))
    return redirect("moderation:rules")


@require_POST
def delete_rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    by = _admin(request)
    delete_word_rule(rule=word_rule(rule_id, by), by=by)
    messages.success(request, _("Deleted."))
    return redirect("moderation:rules")


@require_POST
@accepts_fields(*BuiltInRuleForm.base_fields)
def set_built_in(request: HttpRequest, key: str) -> HttpResponse:
    """Change the settings of a built-in rule, or reset them."""
    by = _admin(request)
    given = cleaned(BuiltInRuleForm(request.POST))
    if given.pop("reset"):
        reset_built_in_rule(key=key, by=by)
    else:
        change_built_in_rule(key=key, by=by, **given)
    messages.success(request, _("Saved."))
    return redirect(reverse("moderation:rules") + f"#rule-{key}")


def _admin(request: HttpRequest) -> Member:
    """Return the admin. Raise NotFound for all but moderators, Forbidden for moderators who aren't admins."""
    by = moderators_only(viewer_of(request))
    if not by.is_staff:
        raise Forbidden(_("Only admins can edit word rules."))
    return by
