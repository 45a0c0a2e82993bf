using System.Security.Claims;
using Ducts.MessagePack;
using Microsoft.AspNetCore.Http;

namespace Ducts;

/// <summary>
/// Provides what event filters and authorization policies see of one request to an event. Policies get it as the resource of
/// <c>AuthorizationHandlerContext</c>.
/// </summary>
/// <remarks>Derive from it only in tests of your own filters and policies.</remarks>
public abstract class EventContext
{
    /// <summary>Gets the spec of the event that is called.</summary>
    public abstract HandlerSpec Spec { get; }

    /// <summary>Gets the request's data, before it is bound to arguments; it stays valid after the request has ended.</summary>
    public abstract MessagePackElement Data { get; }

    /// <summary>Gets the session that sent the request; its <see cref="IEventSession.LocalProperties"/> are those that the handler sees.</summary>
    public abstract IEventSession Session { get; }

    /// <summary>Gets the user for whom the event is called.</summary>
    public abstract ClaimsPrincipal User { get; }

    /// <summary>Gets the services of the request, from the scope that the handler's services come from.</summary>
    public abstract IServiceProvider Services { get; }

    /// <summary>
    /// Gets what the event declares: the attributes of the handler's class, then those of its <c>Handle</c> method; of a mapped
    /// function, its attributes and what the conventions of <c>MapEvent</c> have added.
    /// </summary>
    public abstract EndpointMetadataCollection Metadata { get; }

    /// <summary>Gets a token that is cancelled when the session closes, the client cancels the request, or the server stops.</summary>
    public abstract CancellationToken CancellationToken { get; }
}
