using System.Buffers;
using Ducts.Protocol;

namespace Ducts.Client;

// Threading: every member may be called from any thread. One connection at a time uses the exchange: one task takes the messages to send, another
// hands over what has arrived, and both have ended before the next HELLO is made.

/// <summary>What WELCOME means for a session.</summary>
internal enum WelcomeOutcome
{
    /// <summary>The session goes on where it was.</summary>
    Resumed,

    /// <summary>The session's state is gone: both sides count from 1 again.</summary>
    BegunAnew,

    /// <summary>The numbers do not fit: the session is over.</summary>
    OutOfRange,
}

/// <summary>
/// Counts the messages of one session of version 2 in both directions, keeps those of the client until the server has confirmed them, and says what is to be sent
/// next, so that a new connection goes on where the last one was lost. It knows no sockets.
/// </summary>
/// <param name="limit">The number of unconfirmed bytes from which on no more is sent.</param>
/// <param name="time">The clock.</param>
/// <param name="wake">Called when there is something to send, without a lock.</param>
/// <param name="receiptBytes">After how many bytes of the server the client confirms them.</param>
internal sealed class Exchange(long limit, TimeProvider time, Action wake, long receiptBytes = Exchange.DefaultReceiptBytes) : IDisposable
{
    /// <summary>After how many bytes the client confirms where the server does not say.</summary>
    internal const int DefaultReceiptBytes = 64 * 1024;

    /// <summary>How long the client leaves a message unconfirmed.</summary>
    internal static readonly TimeSpan ReceiptDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly KeptMessages _kept = new();
    private readonly ArrayBufferWriter<byte> _receipt = new(16);
    private ITimer? _timer;
    private string? _life;
    private long _attempt;

    // What the server sends: the last message that was processed, and the last that was confirmed.
    private long _processed;
    private long _confirmed;
    private long _bytes;
    private long _oldestAt;
    private bool _isReceiptDue;
    private bool _isTimerSet;

    // What the client sends: the next message on this connection, and the last that was given to any.
    private long _next = 1;
    private long _handedOver;
    private bool _isBlocked;
    private bool _isDisposed;

    /// <summary>Gets the number of the last message of the server that has been processed.</summary>
    public long Processed
    {
        get
        {
            lock (_lock)
            {
                return _processed;
            }
        }
    }

    /// <summary>Gets whether END has been sent, or is to be sent again.</summary>
    public bool HasEnd { get; private set; }

    /// <summary>Writes the HELLO of a further connection. Every older one has been let go of: what it has brought counts.</summary>
    public void WriteHello(IBufferWriter<byte> output, string key)
    {
        lock (_lock)
        {
            _kept.Release();
            new Hello(key, _processed, _life, ++_attempt).Write(output);
        }
    }

    /// <summary>Takes the server's answer to HELLO.</summary>
    public WelcomeOutcome Take(in Welcome welcome)
    {
        lock (_lock)
        {
            if (welcome.IsLost)
            {
                if (welcome.Received != 0)
                {
                    return WelcomeOutcome.OutOfRange;
                }

                _kept.Restart();
                _processed = 0;
                _handedOver = 0;
                HasEnd = false;
            }
            else if ((_life is not null && _life != welcome.Life) || welcome.Received < _kept.Received || welcome.Received > _handedOver)
            {
                return WelcomeOutcome.OutOfRange;
            }

            _life = welcome.Life;

            // What has been received may still wait in the server's inbox.
            _kept.Drop(welcome.Received);
            _next = welcome.Received + 1;
            _isBlocked = false;
            Confirmed();
            return welcome.IsLost ? WelcomeOutcome.BegunAnew : WelcomeOutcome.Resumed;
        }
    }

    /// <summary>Gives a number to a message for which there is room.</summary>
    /// <param name="message">The message, in an array of the shared pool that belongs to the exchange from then on.</param>
    /// <param name="credit">The CREDIT that belongs to it and goes before it; empty if there is none.</param>
    /// <returns>Its number.</returns>
    public long Add(ArraySegment<byte> message, ArraySegment<byte> credit = default)
    {
        lock (_lock)
        {
            if (credit.Count > 0)
            {
                _kept.Add(credit, counts: false);
            }

            return _kept.Add(message, counts: true);
        }
    }

    /// <summary>Returns whether there is room for a message of any size; where there is none, wakes when there is.</summary>
    public bool HasRoom()
    {
        lock (_lock)
        {
            return !(_isBlocked = _kept.UnconfirmedBytes >= limit);
        }
    }

    /// <summary>Gives a number to a message that the limit does not hold up: CANCEL, CREDIT, END.</summary>
    public long AddUrgent(ArraySegment<byte> message, bool isEnd = false)
    {
        lock (_lock)
        {
            HasEnd |= isEnd;
            return _kept.Add(message, counts: false);
        }
    }

    /// <summary>Gets what is to be sent next on this connection, which holds until <see cref="Sent"/>.</summary>
    /// <param name="receipt">A receipt, which goes first; empty if there is none.</param>
    /// <param name="message">A message; empty if there is only a receipt.</param>
    /// <returns>Whether there is anything.</returns>
    public bool TryNext(out ReadOnlyMemory<byte> receipt, out ReadOnlyMemory<byte> message)
    {
        (receipt, message) = (default, default);
        lock (_lock)
        {
            var hasMessage = _next <= _kept.Last;
            if (_isReceiptDue || (hasMessage && _processed > _confirmed))
            {
                Confirmed();
                _receipt.ResetWrittenCount();
                SessionMessages.WriteReceived(_receipt, _confirmed);
                receipt = _receipt.WrittenMemory;
            }

            if (!hasMessage)
            {
                return receipt.Length > 0;
            }

            _handedOver = Math.Max(_handedOver, _next);
            message = _kept.Use(_next++);
            return true;
        }
    }

    /// <summary>Says that the connection has taken what <see cref="TryNext"/> gave.</summary>
    public void Sent()
    {
        lock (_lock)
        {
            _kept.Release();
        }
    }

    /// <summary>Takes a RECEIVED of the server.</summary>
    /// <returns>Whether the number fits; if not, the session is over.</returns>
    public bool TryConfirm(long number)
    {
        bool isFree;
        lock (_lock)
        {
            if (number > _handedOver)
            {
                return false;
            }

            _kept.Confirm(number);
            isFree = TryUnblock();
        }

        if (isFree)
        {
            wake();
        }

        return true;
    }

    /// <summary>Takes the server's word that it has refused a message, which waits in no inbox. Those before it may.</summary>
    public void Refused(long number)
    {
        bool isFree;
        lock (_lock)
        {
            _kept.ConfirmOne(number);
            isFree = TryUnblock();
        }

        if (isFree)
        {
            wake();
        }
    }

    /// <summary>Takes an answer as the receipt of its request and of all that was sent before: requests are handled in their order.</summary>
    public void Answered(long number)
    {
        if (number > 0)
        {
            TryConfirm(number);
        }
    }

    /// <summary>Counts a message of the server that has been given to its queue, promise or handler.</summary>
    public void Process(int size)
    {
        lock (_lock)
        {
            _processed++;
            _bytes += size;
            if (_processed == _confirmed + 1)
            {
                _oldestAt = time.GetTimestamp();
                SetTimer(ReceiptDelay);
            }

            if (_isReceiptDue || _bytes < receiptBytes)
            {
                return;
            }

            _isReceiptDue = true;
        }

        wake();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _timer?.Dispose();
        }
    }

    private bool TryUnblock()
    {
        var isFree = _isBlocked && _kept.UnconfirmedBytes < limit;
        _isBlocked &= !isFree;
        return isFree;
    }

    private void Confirmed()
    {
        _confirmed = _processed;
        _bytes = 0;
        _isReceiptDue = false;
    }

    private void SetTimer(TimeSpan delay)
    {
        // One that runs for an earlier message is set anew when it fires.
        if (_isTimerSet || _isDisposed)
        {
            return;
        }

        _isTimerSet = true;
        if (_timer is null)
        {
            _timer = time.CreateTimer(static state => ((Exchange)state!).OnTimer(), this, delay, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _timer.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            _isTimerSet = false;
            if (_processed == _confirmed || _isReceiptDue)
            {
                return;
            }

            var left = ReceiptDelay - time.GetElapsedTime(_oldestAt);
            if (left > TimeSpan.Zero)
            {
                SetTimer(left);
                return;
            }

            _isReceiptDue = true;
        }

        wake();
    }
}
