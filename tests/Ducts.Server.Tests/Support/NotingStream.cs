using System.Collections.Concurrent;

namespace Ducts.Tests.Support;

/// <summary>Keeps what is written; waits now and then before it takes it.</summary>
internal sealed class NotingStream : Stream
{
    private readonly Lock _gate = new();
    private readonly MemoryStream _bytes = new();
    private readonly ConcurrentQueue<int> _writers = new();
    private int _writing;

    public int WaitsEvery { get; init; } = int.MaxValue;

    public Action<int>? Written { get; set; }

    public bool HasOverlapped { get; private set; }

    public IReadOnlyCollection<int> Writers => _writers;

    public byte[] Bytes => _bytes.ToArray();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length
    {
        get
        {
            lock (_gate)
                return _bytes.Length;
        }
    }

    public override long Position { get => Length; set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        HasOverlapped |= Interlocked.Exchange(ref _writing, 1) == 1;
        _writers.Enqueue(Environment.CurrentManagedThreadId);
        if (_writers.Count % WaitsEvery == 0)
            await Task.Yield();
        lock (_gate)
            _bytes.Write(buffer.Span);
        Written?.Invoke(_writers.Count);
        Volatile.Write(ref _writing, 0);
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
