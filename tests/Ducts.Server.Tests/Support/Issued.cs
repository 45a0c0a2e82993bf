namespace Ducts.Tests.Support;

/// <summary>What discovery gave for one session.</summary>
internal sealed record Issued(string Path, string StreamId)
{
    /// <summary>Gets the session's key.</summary>
    public string Key { get; init; } = "";

    public string ReconnectPath => Path + "/reconnect";
}
