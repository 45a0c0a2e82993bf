using System.Security.Claims;
using Ducts.MessagePack;
using Ducts.Sessions;
using Microsoft.AspNetCore.Http;

namespace Ducts.Dispatch;

/// <summary>A request as filters and policies see it.</summary>
/// <param name="request">The request, which has kept its data.</param>
/// <param name="metadata">What the event declares.</param>
/// <param name="user">The user for whom it runs, or is to go on.</param>
internal sealed class RequestContext(Request request, EndpointMetadataCollection metadata, SessionUser user) : EventContext
{
    public override HandlerSpec Spec => request.Entry.Spec;

    public override MessagePackElement Data => new(request.Data);

    public override IEventSession Session => request.GetSession();

    public override ClaimsPrincipal User => user.Principal;

    public override IServiceProvider Services => request.Services;

    public override EndpointMetadataCollection Metadata => metadata;

    public override CancellationToken CancellationToken => request.Token;
}
