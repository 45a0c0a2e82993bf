using System.Net;
using System.Text;

namespace Ducts.Redis.Connections;

/// <summary>
/// The stream of one connection: notes since when Redis has been silent, ends the connection when told to, and takes the
/// lines of MONITOR out of what is read.
/// </summary>
// Threading: one reader, one writer; aborting from any thread.
internal sealed class WatchedStream(Stream inner, EndPoint node, string endpoint, bool isSubscription, TimeProvider time, Action<WatchedStream> closed) : Stream
{
    private long _silentSince;
    private int _isClosed;
    private MonitorFilter? _monitor;

    /// <summary>Gets the endpoint as the multiplexer knows it; with Sentinels, not where the connection leads.</summary>
    public EndPoint Node => node;

    /// <summary>Gets where the connection leads: <c>host:port</c> or the path of a socket.</summary>
    public string Endpoint => endpoint;

    public bool IsSubscription => isSubscription;

    /// <summary>Gets or sets whether signing in has been completed.</summary>
    public bool IsEstablished { get; set; }

    public bool IsClosed => Volatile.Read(ref _isClosed) != 0;

    /// <summary>Gets why the client ended the connection itself; null if it did not.</summary>
    public string? AbortReason { get; private set; }

    /// <summary>Gets Redis' text where it refused the user or the password; null if it did not.</summary>
    public string? SignInError { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Returns for how long Redis has owed an answer without sending anything; zero if it owes none.</summary>
    public TimeSpan SilentFor() =>
        Interlocked.Read(ref _silentSince) is not 0 and var since ? time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Gives lines of MONITOR to a callback from now on, instead of to the reader.</summary>
    public void DivertMonitor(Action<string> line) => _monitor ??= new MonitorFilter(line);

    public void Abort(string reason)
    {
        AbortReason ??= reason;
        Dispose();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count;
        while ((count = _monitor?.Drain(buffer.Span) ?? 0) == 0)
        {
            try
            {
                count = await inner.ReadAsync(buffer, cancellationToken);
            }
            catch
            {
                Dispose();
                throw;
            }

            OnRead(buffer.Span[..count]);
            if (count == 0 || _monitor is null)
            {
                break;
            }

            _monitor.Add(buffer.Span[..count]);
        }

        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int count;
        while ((count = _monitor?.Drain(buffer) ?? 0) == 0)
        {
            count = inner.Read(buffer);
            OnRead(buffer[..count]);
            if (count == 0 || _monitor is null)
            {
                break;
            }

            _monitor.Add(buffer[..count]);
        }

        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Interlocked.CompareExchange(ref _silentSince, time.GetTimestamp(), 0);
        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Interlocked.CompareExchange(ref _silentSince, time.GetTimestamp(), 0);
        inner.Write(buffer);
    }

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void OnRead(ReadOnlySpan<byte> received)
    {
        Interlocked.Exchange(ref _silentSince, 0);
        if (received.IsEmpty)
        {
            // The library lets go of the stream when it finds the time.
            Dispose();
        }
        else if (!IsEstablished && received.IndexOf("-WRONGPASS "u8) is >= 0 and var start)
        {
            // The library tells only that signing in was not enough.
            var text = received[(start + 1)..];
            var end = text.IndexOf((byte)'\r');
            SignInError = Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            inner.Dispose();
            closed(this);
        }

        base.Dispose(disposing);
    }
}
