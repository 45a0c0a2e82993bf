namespace Ducts.Telemetry.Logging;

/// <summary>Where the log's bytes go: standard output or a file.</summary>
internal interface ILogSink : IDisposable
{
    /// <summary>Writes whole entries. Faults are the sink's own affair: nobody is left to tell.</summary>
    void Write(ReadOnlySpan<byte> entries);

    /// <summary>Opens a file anew that somebody else has moved.</summary>
    void Reopen();
}
