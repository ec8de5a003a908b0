from accounts.models import Member


def lock_members(*member_ids: int) -> dict[int, Member]:
    """Hold these members' rows until the transaction ends: id → member as it is now.

    Whoever changes how two people stand to each other (follow, request, block) or who may follow at all (privacy)
    holds both rows first, so that of two such changes one comes after the other and sees it. In the order of ids: two
    of them never wait for each other crosswise. Whoever may have only so many of something is held alone.
    """
    # "no key": what is being inserted about a member refers to the row, and need not wait.
    rows = Member.objects.get_queryset().filter(pk__in=member_ids).order_by("pk")
    return {member.pk: member for member in rows.select_for_update(no_key=True)}
