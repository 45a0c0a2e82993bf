using Ducts.Handlers;

namespace Ducts.WebApis;

/// <summary>Why a handler's Web APIs keep it from being loaded.</summary>
/// <param name="Handler">The handler to refuse.</param>
/// <param name="Problem">The reason, for people.</param>
internal sealed record WebApiProblem(DuctsHandler Handler, HandlerProblem Problem);
