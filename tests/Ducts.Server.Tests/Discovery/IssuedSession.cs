using System.Net;

namespace Ducts.Server.Tests.Discovery;

internal sealed record IssuedSession(IPAddress? Address, int Port, string UserAgent, IReadOnlyList<KeyValuePair<string, string>> Query);
