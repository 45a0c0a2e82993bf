using Ducts.Dispatch;
using Ducts.MessagePack;
using Ducts.Protocol;
using Ducts.Sessions;

namespace Ducts.BuiltIn;

/// <summary>AUTHENTICATE: a ticket of service discovery, issued to the session's user since, takes the place of what the session has.</summary>
internal sealed class AuthenticateEvent(SessionTickets tickets, UserAdmission users)
{
    private const string TicketName = "ticket";

    public async Task<bool> HandleAsync(MessagePackElement data, IEventSession session, CancellationToken cancellationToken)
    {
        if (data.Kind != MessagePackKind.Map || !data.TryGetProperty(TicketName, out var text) || text.Kind != MessagePackKind.String)
        {
            throw EventException.InvalidType("expected {\"ticket\": the session_id of a service discovery}");
        }

        var current = ((SessionView)session).Session;
        if (!current.User.IsAuthenticated)
        {
            throw EventException.PermissionDenied("this session has no user; open a new session with the ticket");
        }

        if (!SessionUrlId.TryParse(text.GetString(), out var id) || await tickets.FindAsync(id, cancellationToken) is not { } ticket)
        {
            throw EventException.PermissionDenied("there is no such ticket, or it has expired; ask service discovery for one");
        }

        if (!ticket.User.IsAuthenticated || !ticket.User.IsSameAs(current.User))
        {
            throw EventException.PermissionDenied("the ticket is of another user; open a new session with it");
        }

        if (current.Rights.IsOutdated(ticket))
        {
            throw EventException.PermissionDenied("the session has a newer ticket; ask service discovery for another one");
        }

        if (users.IsExpired(ticket.User) || await users.IsRevokedAsync(ticket.User, cancellationToken))
        {
            throw EventException.PermissionDenied("the authentication of the ticket has expired, or its user has been signed out");
        }

        // It opens no session besides.
        await tickets.VoidAsync(ticket.StreamId, cancellationToken);
        if (current.IsOver || !current.Rights.TryReplace(ticket))
        {
            throw EventException.PermissionDenied("the session has ended");
        }

        if (current.Registry is { } sessions)
            await sessions.UpdateUserAsync(current);
        await current.Requests.OnUserChangedAsync();
        return true;
    }
}
