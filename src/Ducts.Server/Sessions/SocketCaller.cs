using Ducts.Connections;
using Microsoft.AspNetCore.Http;

namespace Ducts.Sessions;

/// <summary>Who asks for a WebSocket, as far as the handshake tells.</summary>
/// <param name="User">The user that the handshake's credentials name; one that is not authenticated for none.</param>
/// <param name="Access">What the page may do that asks.</param>
internal sealed record SocketCaller(SessionUser User, OriginAccess Access)
{
    public static SocketCaller Of(HttpContext context, OriginPolicy origins) => new(RequestUser.Of(context), origins.OfSocket(context.Request));

    /// <summary>Returns whether a session's user is another than the caller.</summary>
    // Who sends no credentials is known by the URL alone: browsers cannot send tokens with a WebSocket.
    // Nor can users be told apart whose credentials name no subject.
    public bool IsOther(SessionUser user) => user.IsAuthenticated && User.IsAuthenticated && user.Key != User.Key;

    /// <summary>Returns whether the caller may take a session over.</summary>
    // A page that may act for nobody does not take over the session of a user whom only a browser's cookie had made known.
    public bool MayTakeOver(Session session) =>
        !session.User.IsAuthenticated || session.Ticket.User.IsAuthenticated || Access == OriginAccess.Full;

    /// <summary>Returns the user of a session that is opened; null when the caller is another.</summary>
    /// <param name="ticket">The session's ticket.</param>
    /// <param name="live">The session, where it lives already.</param>
    /// <param name="users">Knows whose authentication has expired.</param>
    public SessionUser? FindUser(SessionTicket ticket, Session? live, UserAdmission users)
    {
        var user = live?.User ?? ticket.User;
        if (IsOther(user))
            return null;
        if (user.IsAuthenticated)
            return users.IsExpired(user) ? null : user;
        // Any page may open a socket where the list has *, and the browser sends its user's cookies along.
        if (ticket.IsForScript || !User.IsAuthenticated || Access != OriginAccess.Full)
            return user;
        return users.IsExpired(User) ? null : User;
    }
}
