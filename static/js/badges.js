// The unread numbers beside Notifications and Messages.
export function showUnread(count) {
  const text = count > 99 ? "99+" : String(count);
  document.title = (count ? `(${text}) ` : "") + document.title.replace(/^\(\d+\+?\) /, "");
  const badge = document.getElementById("notifications-badge");
  if (!badge) return;
  badge.hidden = !count;
  badge.firstChild.data = text;
}

export function showUnreadMessages(count) {
  const badge = document.getElementById("messages-badge");
  if (!badge) return;
  badge.hidden = !count;
  badge.firstChild.data = count;
}

// A view that marks as read sends the number with HX-Trigger, which needs no socket.
document.addEventListener("unread", ({ detail }) => showUnread(detail.count));
