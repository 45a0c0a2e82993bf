using System.Collections.Concurrent;

namespace Ducts;

/// <summary>Holds the values that all handlers and sessions of a server share.</summary>
internal sealed class ServerAttributes : ConcurrentDictionary<string, object?>;
