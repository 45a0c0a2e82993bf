using System.Collections.Concurrent;

namespace Ducts;

/// <summary>The values that all handlers and sessions of a server share.</summary>
internal sealed class ServerAttributes : ConcurrentDictionary<string, object?>;
