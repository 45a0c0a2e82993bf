namespace Ducts.Handlers;

/// <summary>Looks at handlers before they are made the ones that answer.</summary>
internal interface IHandlerValidator
{
    /// <summary>Returns the handlers of a set that must be refused; none when all is well.</summary>
    IReadOnlyList<RefusedHandler> Validate(HandlerSnapshot snapshot);
}

/// <summary>Why a handler is not to be loaded.</summary>
/// <param name="Handler">The handler.</param>
/// <param name="Problem">The reason, for people.</param>
internal sealed record RefusedHandler(DuctsHandler Handler, HandlerProblem Problem);
