from accounts.models import Member


def lock_members(*member_ids: int) -> dict[int, Member]:
    """Lock these members' rows until the transaction ends, and return id → member as it is now.

    Changes of a relation between two members (follow, request, block) or of who may follow (privacy) lock both rows
    first, so that each sees the other's result. Locked in the order of ids, so that two never deadlock. To limit how
    many of something a member has, lock that member.
    """
    # "no key": inserting rows that refer to the member doesn't have to wait.
    rows = Member.objects.get_queryset().filter(pk__in=member_ids).order_by("pk")
    return {member.pk: member for member in rows.select_for_update(no_key=True)}
