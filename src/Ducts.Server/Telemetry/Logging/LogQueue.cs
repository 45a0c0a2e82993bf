using System.Buffers;

namespace Ducts.Telemetry.Logging;

/// <summary>Entries on their way to a terminal or a file, which may be slow; those that find it full are counted and dropped.</summary>
// Threading: any thread adds; one thread of its own writes, whole entries, all that have gathered in one go.
internal sealed class LogQueue : IDisposable
{
    /// <summary>Several seconds of a busy log; a process that logs more than a terminal takes loses lines, not memory.</summary>
    internal const int Capacity = 4 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _filled = new();
    private readonly ManualResetEventSlim _written = new(initialState: true);
    private readonly ILogSink _sink;
    private readonly Func<long, ReadOnlyMemory<byte>> _droppedLine;
    private readonly Thread _thread;
    private ArrayBufferWriter<byte> _gathering = new(4096);
    private ArrayBufferWriter<byte> _writing = new(4096);
    private long _dropped;
    private bool _ended;

    /// <param name="sink">Where entries go.</param>
    /// <param name="droppedLine">Makes the entry that says how many are missing.</param>
    public LogQueue(ILogSink sink, Func<long, ReadOnlyMemory<byte>> droppedLine)
    {
        _sink = sink;
        _droppedLine = droppedLine;
        _thread = new Thread(Write) { IsBackground = true, Name = "ducts log" };
        _thread.Start();
    }

    public long Dropped { get; private set; }

    public void Add(ReadOnlySpan<byte> entry)
    {
        lock (_gate)
        {
            if (_ended)
                return;
            if (_gathering.WrittenCount + entry.Length > Capacity)
            {
                _dropped++;
                Dropped++;
                return;
            }
            _gathering.Write(entry);
            _written.Reset();
            _filled.Set();
        }
    }

    /// <summary>Waits until what was added is written, but not for ever.</summary>
    public bool Flush(TimeSpan timeout) => _written.Wait(timeout);

    public void Reopen() => _sink.Reopen();

    public void Dispose()
    {
        lock (_gate)
        {
            if (_ended)
                return;
            _ended = true;
            _filled.Set();
        }
        // A terminal that takes nothing any more must not keep the process from ending.
        if (_thread.Join(TimeSpan.FromSeconds(2)))
        {
            _sink.Dispose();
            _filled.Dispose();
            _written.Dispose();
        }
    }

    private void Write()
    {
        while (true)
        {
            _filled.Wait();
            bool ended;
            long dropped;
            lock (_gate)
            {
                (_gathering, _writing) = (_writing, _gathering);
                (dropped, _dropped) = (_dropped, 0);
                ended = _ended;
                _filled.Reset();
            }
            if (_writing.WrittenCount > 0)
                _sink.Write(_writing.WrittenSpan);
            if (dropped > 0)
                _sink.Write(_droppedLine(dropped).Span);
            _writing.ResetWrittenCount();
            lock (_gate)
            {
                if (_gathering.WrittenCount == 0)
                    _written.Set();
                if (ended && _gathering.WrittenCount == 0)
                    return;
            }
        }
    }
}
