"""Word rules: moderators read and try them, admins write them."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import ApiView
from core.api import CURSOR, LIMIT, paged
from moderation.actions import (
    change_built_in_rule,
    checked_pattern,
    delete_word_rule,
    reset_built_in_rule,
    write_word_rule,
)
from moderation.queries import (
    Trial,
    built_in_rule,
    built_in_rules,
    moderators_only,
    trial_of_built_in,
    trial_of_pattern,
    word_rule,
    word_rules,
)
from moderation.serializers import (
    BuiltInRuleIn,
    BuiltInRuleOut,
    TrialOut,
    WordRuleChangeIn,
    WordRuleIn,
    WordRuleOut,
)
from posts.serializers import serialize_posts

PATTERN = OpenApiParameter("pattern", str, required=True)


class WordRules(ApiView):
    @extend_schema(
        operation_id="word_rules", responses=paged("WordRule", WordRuleOut), parameters=[CURSOR, LIMIT]
    )
    def get(self, request: Request) -> Response:
        """For moderators: list the word rules of this community, newest first."""
        page = self.paginated(word_rules(self.viewer))
        return self.page(page, WordRuleOut(page.items, many=True).data)

    @extend_schema(operation_id="add_word_rule", request=WordRuleIn, responses={201: WordRuleOut})
    def post(self, request: Request) -> Response:
        """For admins who moderate: add a word rule. 409 when one with these words exists."""
        by = moderators_only(self.viewer)
        return Response(WordRuleOut(write_word_rule(by=by, **self.checked(WordRuleIn))).data, status=201)


class OneWordRule(ApiView):
    @extend_schema(operation_id="word_rule", responses=WordRuleOut)
    def get(self, request: Request, rule_id: int) -> Response:
        return Response(WordRuleOut(word_rule(rule_id, self.viewer)).data)

    @extend_schema(operation_id="edit_word_rule", request=WordRuleChangeIn, responses=WordRuleOut)
    def patch(self, request: Request, rule_id: int) -> Response:
        """For admins who moderate: update the given fields, for example to turn a rule off."""
        by = moderators_only(self.viewer)
        given = self.checked(WordRuleChangeIn)
        rule = word_rule(rule_id, by)
        fields: dict[str, Any] = {
            name: getattr(rule, name) for name in ("pattern", "category", "action", "active", "note")
        }
        return Response(WordRuleOut(write_word_rule(by=by, rule=rule, **fields | given)).data)

    @extend_schema(operation_id="delete_word_rule", responses={204: None})
    def delete(self, request: Request, rule_id: int) -> Response:
        by = moderators_only(self.viewer)
        delete_word_rule(rule=word_rule(rule_id, by), by=by)
        return Response(status=204)


class WordRuleTrial(ApiView):
    @extend_schema(operation_id="try_word_rule", responses=TrialOut, parameters=[PATTERN])
    def get(self, request: Request) -> Response:
        """For moderators: find the public posts of the last 30 days that match these words."""
        viewer = moderators_only(self.viewer)
        return self.tried(trial_of_pattern(checked_pattern(request.GET.get("pattern", "")), viewer))

    def tried(self, trial: Trial) -> Response:
        return Response(
            {
                "looked_at": trial.looked_at,
                "found": trial.found,
                "examples": serialize_posts(trial.examples, self.viewer),
            }
        )


class BuiltInRules(ApiView):
    @extend_schema(operation_id="built_in_rules", responses=BuiltInRuleOut(many=True))
    def get(self, request: Request) -> Response:
        """For moderators: list the built-in rules with their settings."""
        return Response(BuiltInRuleOut(built_in_rules(self.viewer), many=True).data)


class OneBuiltInRule(ApiView):
    @extend_schema(operation_id="set_built_in_rule", request=BuiltInRuleIn, responses=BuiltInRuleOut)
    def patch(self, request: Request, key: str) -> Response:
        """For admins who moderate: turn a rule on or off, set its action or its exceptions."""
        by = moderators_only(self.viewer)
        change_built_in_rule(key=key, by=by, **self.checked(BuiltInRuleIn))
        return Response(BuiltInRuleOut(built_in_rule(key, by)).data)

    @extend_schema(operation_id="reset_built_in_rule", responses={204: None})
    def delete(self, request: Request, key: str) -> Response:
        """For admins who moderate: reset the rule to its default."""
        by = moderators_only(self.viewer)
        built_in_rule(key, by)
        reset_built_in_rule(key=key, by=by)
        return Response(status=204)


class BuiltInRuleTrial(WordRuleTrial):
    @extend_schema(operation_id="try_built_in_rule", responses=TrialOut, parameters=[])
    def get(self, request: Request, key: str) -> Response:  # type: ignore[override]
        """For moderators: find the public posts of the last 30 days that match a rule."""
        return self.tried(trial_of_built_in(key, self.viewer))
