namespace Ducts.Tests.Support;

/// <summary>What discovery gave for one session.</summary>
internal sealed record Issued(string Path, string StreamId)
{
    public string ReconnectPath => Path + "/reconnect";
}
