using Ducts.Protocol;
using Ducts.Sessions;

namespace Ducts.Dispatch;

/// <summary>Decides who may have one event.</summary>
/// <remarks>Threading: any thread.</remarks>
internal interface IEventGuard
{
    /// <summary>Gets the name of the error that a refused request gets, one of <see cref="ErrorNames"/>.</summary>
    string ErrorName { get; }

    /// <summary>Returns what a user lacks for the event.</summary>
    /// <param name="target">A request of the event; where this does not complete at once, it is detached from its dispatch.</param>
    /// <param name="user">The user for whom it runs, or is to go on.</param>
    /// <returns>The message of the error; null when the user may have it.</returns>
    ValueTask<string?> RefuseAsync(ReplyTarget target, SessionUser user);
}
