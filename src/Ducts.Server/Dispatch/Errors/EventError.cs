using Ducts.Protocol;

namespace Ducts.Dispatch.Errors;

/// <summary>Represents the error that a caller receives instead of a result.</summary>
/// <param name="Name">One of <see cref="ErrorNames"/>.</param>
/// <param name="Message">The message, not escaped.</param>
/// <param name="Reference">Set when the message hides what happened: the log must have it, under this reference.</param>
internal readonly record struct EventError(string Name, string Message, string? Reference = null)
{
    /// <summary>The error as it goes on the wire.</summary>
    public override string ToString() => ErrorText.Format(Name, Message);
}
