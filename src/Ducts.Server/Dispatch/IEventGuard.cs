using Ducts.Protocol;
using Ducts.Sessions;

namespace Ducts.Dispatch;

/// <summary>Decides whether requests to an event may run.</summary>
/// <remarks>Threading: any thread.</remarks>
internal interface IEventGuard
{
    /// <summary>Gets the name of the error that a refused request gets, one of <see cref="ErrorNames"/>.</summary>
    string ErrorName { get; }

    /// <summary>Decides on a request.</summary>
    /// <param name="target">The request. Where this does not complete at once, the request is detached from its dispatch.</param>
    /// <param name="user">The user for whom it runs, or is to go on.</param>
    /// <returns>The message for the caller of a refused request; null for one that may run.</returns>
    ValueTask<string?> CheckAsync(ReplyTarget target, SessionUser user);
}
