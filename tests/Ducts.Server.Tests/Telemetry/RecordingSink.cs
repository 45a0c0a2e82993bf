using System.Text;

namespace Ducts.Telemetry.Logging;

/// <summary>Keeps what is logged; can stand for a terminal that takes nothing.</summary>
internal sealed class RecordingSink : ILogSink
{
    private readonly StringBuilder _text = new();

    public ManualResetEventSlim Open { get; } = new(initialState: true);

    public ManualResetEventSlim Reached { get; } = new();

    public string Text
    {
        get
        {
            lock (_text)
                return _text.ToString();
        }
    }

    public void Write(ReadOnlySpan<byte> entries)
    {
        Reached.Set();
        Open.Wait();
        lock (_text)
            _text.Append(Encoding.UTF8.GetString(entries));
    }

    public void Reopen()
    {
    }

    public void Dispose()
    {
    }
}
