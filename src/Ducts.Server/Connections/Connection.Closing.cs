using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Ducts.Connections.Transport;
using Ducts.Protocol;

namespace Ducts.Connections;

/// <content>How a connection closes: by a close frame, because another takes over from it, or cut.</content>
internal sealed partial class Connection
{
    // How long a peer may take to answer our close frame before the socket is cut.
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private const int LingerBufferSize = 4096;

    private ITimer? _closeTimer;
    private bool _aborted;
    private volatile Successor? _successor;
    private volatile bool _closes;
    private bool _failed;

    public bool IsClosing => Sender.IsClosing;

    /// <summary>We have sent a close frame and read on for the peer's.</summary>
    public bool AwaitsCloseFrame => IsClosing && !_lost.IsCancellationRequested && _closes;

    /// <summary>Returns the code with which a connection is closed whose bytes cannot be read.</summary>
    public static int CodeOf(FrameStatus status) => status switch
    {
        FrameStatus.TooLarge => CloseCode.TooLarge,
        FrameStatus.InvalidText => CloseCode.InvalidPayload,
        _ => CloseCode.ProtocolError,
    };

    /// <summary>The peer's bytes cannot be read any further.</summary>
    public void Fail(FrameStatus status)
    {
        var code = CodeOf(status);
        var reason = code switch
        {
            CloseCode.TooLarge => $"message over {_options.MaxMessageSize} bytes",
            CloseCode.InvalidPayload => "text is not UTF-8",
            _ => "protocol error",
        };
        _log.Failed(Owner.Name, code, reason);
        _failed = true;
        SendClose(code, reason);
    }

    /// <summary>Closes the socket: sends what is queued, then a close frame, and waits a little for the peer's.</summary>
    public void Close(int code, string reason, bool drain = false)
    {
        if (drain)
            Sender.CloseWhenDrained(code, reason);
        else
            SendClose(code, reason);
    }

    /// <summary>Nothing more can be written. What the peer has sent before its end is still read.</summary>
    public void OnSendFailed(Exception exception)
    {
        _log.Lost(Owner.Name, exception.Message);
        if (!Lost.IsCancellationRequested)
        {
            Abort();
        }
    }

    public void SendClose(int code, string reason)
    {
        Span<byte> payload = stackalloc byte[125];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        Encoding.UTF8.TryGetBytes(reason, payload[2..], out var length);
        // First, for the frame may leave within the next call: nothing follows a close frame.
        _closes = true;
        Sender.StopMessages();
        // Of several the first is sent. Whoever is not the first finds it queued, so that the sending does not end without it.
        if (!Sender.TryQueueControl(Opcode.Close, payload[..(2 + length)]))
            return;
        Sender.Signal();
        lock (_gate)
        {
            if (!_ended)
                _closeTimer ??= _time.CreateTimer(static state => ((Connection)state!).Abort(), this, CloseTimeout, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Cuts the socket.</summary>
    public void Abort()
    {
        // Outside the lock, as others go on with what it had.
        Sender.StopMessages();
        lock (_gate)
        {
            // The request's context is used again for other requests once it has ended.
            if (_ended || _aborted)
                return;
            _aborted = true;
            _transport.Abort();
        }

        CancelLost();
        Sender.Finish();
    }

    /// <summary>
    /// The peer's side of the transport has ended: nothing more is given to the socket. What came before is still read, so
    /// that a close frame right before the end is seen.
    /// </summary>
    public void OnTransportEnded()
    {
        Owner.Outbox.Detach(this);
        CancelLost();
    }

    /// <summary>
    /// Another connection takes over from this one, which has been let go of: what its peer has sent until now is read and handed on,
    /// then it closes.
    /// </summary>
    /// <param name="code">The code with which it closes.</param>
    /// <param name="reason">The reason with which it closes.</param>
    /// <returns>Ends when nothing more of it is handed on or sent.</returns>
    public async Task HandOverAsync(int code, string reason)
    {
        if (_transport.Socket is { } socket && !IsClosing)
        {
            _successor = new Successor(code, reason);
            ReadToEnd();
            socket.EndReading();
            // A handler may keep its thread, and what it reads with it; the next connection does not wait for that.
            await Task.WhenAny(_received.Task, Task.Delay(CloseTimeout, _time, Lost));
        }

        SendClose(code, reason);
        await Owner.Outbox.WhenReleased();
    }

    private static bool IsValidClose(ReadOnlySpan<byte> payload) =>
        CloseCode.IsValidOnTheWire(BinaryPrimitives.ReadUInt16BigEndian(payload))
        && System.Text.Unicode.Utf8.IsValid(payload[2..]);

    private void CancelLost()
    {
        try
        {
            _lost.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The socket ended by itself at the same moment.
        }
    }

    // The close timer ends it when the peer does not.
    private async Task LingerAsync(OwnedSocket socket)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(LingerBufferSize);
        await socket.LingerAsync(buffer, Lost);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    // How it closes once it has been read, because another connection follows.
    private sealed record Successor(int Code, string Reason);
}
