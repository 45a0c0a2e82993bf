namespace Ducts.Telemetry.Logging;

/// <summary>The log on standard output, for as long as somebody reads it.</summary>
internal sealed class StandardOutputSink(Stream output) : ILogSink
{
    private bool _closed;

    public void Write(ReadOnlySpan<byte> entries)
    {
        if (_closed)
            return;
        try
        {
            output.Write(entries);
            output.Flush();
        }
        catch (IOException)
        {
            // The terminal or the pipe's reader is gone for good; the server goes on without.
            _closed = true;
        }
    }

    public void Reopen()
    {
    }

    public void Dispose() => output.Dispose();
}
