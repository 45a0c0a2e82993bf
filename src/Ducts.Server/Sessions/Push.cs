using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>A message that answers no request, packed once, on its way to sessions that have no room for it yet.</summary>
/// <remarks>
/// Threading: any thread, under one lock. Every target is answered for once: by its session, or by <see cref="Cancel"/>. Until all
/// are, its memory is taken from <paramref name="memory"/>.
/// </remarks>
/// <param name="packed">The message in MessagePack.</param>
/// <param name="targets">How many sessions it is for.</param>
/// <param name="memory">Takes bytes, or gives a negative number of them back.</param>
internal sealed class Push(ReadOnlyMemory<byte> packed, int targets, Action<long> memory)
{
    // An estimate of what waiting costs beside the bytes of the message: this, its task and whoever awaits it, places in queues.
    private const int Overhead = 512;

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _targets = targets;
    private ReadOnlyMemory<byte> _packed = packed;
    private byte[]? _text;
    private int _waiting = targets;
    private int _sending;
    private long _charged;

    /// <summary>Gets the bytes that it takes of no session's account, because several wait for it.</summary>
    public int SharedBytes { get; } = targets > 1 ? Overhead + packed.Length : 0;

    /// <summary>Gets how many sessions it has been queued for.</summary>
    public int Reached { get; private set; }

    /// <summary>It begins to wait, and is queued for its sessions next.</summary>
    public void BeginToWait() => Charge(Overhead + _packed.Length);

    /// <summary>Waits until it has been queued for each session that lives.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled before that.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await using (cancellationToken.UnsafeRegister(static state => ((Push)state!).Cancel(), this))
            await _done.Task;
        if (Reached < _targets)
            cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>A session has room for it, and calls <see cref="End"/> next.</summary>
    /// <returns>False when nobody waits for it any more.</returns>
    public bool TryBegin(WireEncoding encoding, out ReadOnlyMemory<byte> message)
    {
        lock (_gate)
        {
            message = default;
            if (_waiting == 0)
                return false;
            message = encoding == WireEncoding.Json ? _text ??= ToText() : _packed;
            _waiting--;
            _sending++;
            return true;
        }
    }

    /// <summary>A session has dealt with it.</summary>
    /// <param name="reached">Whether the session had not ended.</param>
    public void End(bool reached)
    {
        lock (_gate)
        {
            _sending--;
            if (reached)
                Reached++;
            if (_waiting > 0 || _sending > 0)
                return;
        }

        Finish();
    }

    private void Cancel()
    {
        lock (_gate)
        {
            _waiting = 0;
            // Sessions that are behind may hold on to this for long.
            _packed = default;
            _text = null;
            if (_sending > 0)
                return;
        }

        Finish();
    }

    private void Finish()
    {
        memory(-Interlocked.Exchange(ref _charged, 0));
        _done.TrySetResult();
    }

    private void Charge(long bytes)
    {
        Interlocked.Add(ref _charged, bytes);
        memory(bytes);
    }

    private byte[] ToText()
    {
        var text = MessageBuffer.Rent();
        try
        {
            JsonForm.WriteText(_packed.Span, text);
            Charge(text.Length);
            return text.Written.ToArray();
        }
        finally
        {
            text.Return();
        }
    }
}
