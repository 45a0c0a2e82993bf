using Ducts.Handlers;

namespace Ducts.WebApis;

/// <summary>The Web APIs of one set of handlers.</summary>
/// <param name="Routes">Those that can be served.</param>
/// <param name="Problems">Those that cannot, and why.</param>
internal sealed record WebApiRoutes(IReadOnlyList<WebApiRoute> Routes, IReadOnlyList<RefusedHandler> Problems);
