namespace Ducts.Protocol;

/// <summary>Why a message is answered with an error before any handler is asked.</summary>
/// <param name="Text">What is wrong.</param>
/// <param name="IsMalformed">
/// Whether the message could not be read, and counts against <c>malformed_limit</c>. One that could be read and whose event id is no
/// event's does not: it is what a misspelt key of an event comes to.
/// </param>
internal readonly record struct RequestProblem(string Text, bool IsMalformed);
