using Ducts.Sessions;

namespace Ducts.Dispatch;

/// <summary>Decides who may have one event.</summary>
/// <remarks>Threading: any thread.</remarks>
internal interface IEventGuard
{
    /// <summary>Returns what a user lacks for the event.</summary>
    /// <param name="request">A request of the event that runs.</param>
    /// <param name="user">The user.</param>
    /// <returns>The message of the error; null when the user may have it.</returns>
    ValueTask<string?> RefuseAsync(Request request, SessionUser user);
}
