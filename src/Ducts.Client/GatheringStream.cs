namespace Ducts.Client;

// Threading: a WebSocket writes one frame at a time, each by one write, and flushes it. Holds may be set by any thread.

/// <summary>The bytes of a WebSocket, where a frame can be made to go along with the one that is sent next.</summary>
internal sealed class GatheringStream(Stream inner) : Stream
{
    // The first byte of a whole message in one frame. No other is held back: there may be none behind a close frame.
    private const byte BinaryMessage = 0x82;

    // What is larger than that is not copied: two writes cost less.
    private const int MaxGathered = 16 * 1024;

    private byte[] _held = new byte[64];
    private int _length;
    private volatile bool _holds;

    /// <summary>Gets or sets whether messages are held back. What is held leaves with the first frame that is not.</summary>
    public bool Holds
    {
        get => _holds;
        set => _holds = value;
    }

    public override bool CanRead => inner.CanRead;

    public override bool CanWrite => inner.CanWrite;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.ReadAsync(buffer, offset, count, cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_holds && buffer.Span[0] == BinaryMessage)
        {
            Hold(buffer.Span);
            return default;
        }

        return _length == 0 ? inner.WriteAsync(buffer, cancellationToken) : WriteHeldAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override Task FlushAsync(CancellationToken cancellationToken) => _length > 0 ? Task.CompletedTask : inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask WriteHeldAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        var isGathered = buffer.Length <= MaxGathered;
        if (isGathered)
        {
            Hold(buffer.Span);
        }

        var length = _length;
        _length = 0;
        await inner.WriteAsync(_held.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
        if (!isGathered)
        {
            await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Hold(ReadOnlySpan<byte> bytes)
    {
        if (_held.Length - _length < bytes.Length)
        {
            Array.Resize(ref _held, Math.Max(_held.Length * 2, _length + bytes.Length));
        }

        bytes.CopyTo(_held.AsSpan(_length));
        _length += bytes.Length;
    }
}
