namespace Ducts.Connections;

/// <summary>What one session takes of the <see cref="MemoryBudget"/>.</summary>
/// <remarks>
/// Threading: any thread. Below the budget's allowance a change is one interlocked operation on the session's own number. What
/// is taken is given back in any case, also after the session's end.
/// </remarks>
internal sealed class MemoryAccount(MemoryBudget budget)
{
    private readonly Lock _gate = new();
    private readonly ChangeSignal _changed = new();
    private long _used;
    private long _charged;
    private int _closed;

    /// <summary>Gets the bytes that the session has taken.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>Gets or sets what it waits for; guarded by the budget.</summary>
    internal long Need { get; set; }

    /// <summary>Takes bytes, whether they are left or not.</summary>
    public void Take(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) > budget.Allowance || Volatile.Read(ref _charged) != 0)
        {
            Settle();
        }
    }

    /// <summary>Takes bytes if they are left.</summary>
    public bool TryTake(long bytes)
    {
        lock (_gate)
        {
            var used = Interlocked.Add(ref _used, bytes);
            var charge = ChargeOf(used);
            if (budget.TryTake(this, charge - _charged, used))
            {
                _charged = charge;
                return true;
            }

            Interlocked.Add(ref _used, -bytes);
            return false;
        }
    }

    public void Give(long bytes)
    {
        Interlocked.Add(ref _used, -bytes);
        if (Volatile.Read(ref _charged) != 0)
        {
            Settle();
        }

        Raise();
    }

    /// <summary>Returns whether one part of the session, which has taken so much, has to wait before it takes more.</summary>
    public bool IsShort(long use) => budget.IsShort(use) && Volatile.Read(ref _closed) == 0;

    /// <summary>Gets whether little is left to all, so that buffers are better small.</summary>
    public bool IsTight => budget.IsSpent;

    /// <summary>Keeps room for a large reply while it is made, if there is room; <see cref="EndReserve"/> follows.</summary>
    public bool TryReserve(long bytes)
    {
        if (budget.TryReserve(bytes))
        {
            return true;
        }

        if (Volatile.Read(ref _closed) == 0)
        {
            return false;
        }

        // It goes nowhere.
        budget.Reserve(bytes);
        return true;
    }

    public void EndReserve(long bytes) => budget.EndReserve(bytes);

    /// <summary>
    /// Returns a task that ends when the session has given something back, or when so many bytes are left. The caller looks
    /// again before it waits.
    /// </summary>
    public Task WhenChanged(long need = 0)
    {
        var changed = _changed.Next();
        budget.AddWaiting(this, need);
        if (Volatile.Read(ref _closed) != 0)
        {
            Raise();
        }

        return changed;
    }

    /// <summary>A message has come whole, for which the session may have taken more than was left.</summary>
    public void EndOverdraft() => budget.EndOverdraft(this);

    /// <summary>Ends the session's account: who waits goes on.</summary>
    public void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        budget.Close(this);
        Raise();
    }

    internal void Raise() => _changed.Raise();

    private long ChargeOf(long used) => used > budget.Allowance ? used : 0;

    private void Settle()
    {
        lock (_gate)
        {
            long used;
            do
            {
                used = Volatile.Read(ref _used);
                var charge = ChargeOf(used);
                var change = charge - _charged;
                Volatile.Write(ref _charged, charge);
                budget.Change(change);
                // One who gave back meanwhile may have seen that nothing was charged.
                Interlocked.MemoryBarrier();
            }
            while (used != Volatile.Read(ref _used));
        }
    }
}
