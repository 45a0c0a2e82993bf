using Microsoft.Extensions.Options;

namespace Ducts.Connections;

/// <summary>
/// The memory that the sessions of a process may take together: requests that wait or run, their ids, replies under way and
/// outboxes. Nothing is dropped for it. Who is large waits until others have given some back.
/// </summary>
/// <remarks>
/// Threading: any thread. A session that takes little never waits and, below its allowance, does not touch the budget at
/// all: it is the way in which honest clients are answered while others hold everything.
/// </remarks>
internal sealed class MemoryBudget
{
    /// <summary>What a session takes by itself, as measured with sessions that are silent.</summary>
    public const int SessionCost = 8 * 1024;

    // A session that takes no more than this may go on a little longer than larger ones.
    private const int SmallUse = 1024 * 1024;

    // The part of the limit in which only small sessions go on, and by which they may exceed it.
    private const int Parts = 16;

    private const int MaxAllowance = 64 * 1024;
    private const int MinAllowance = 8 * 1024;

    private readonly Lock _gate = new();
    private readonly HashSet<MemoryAccount> _waiting = [];
    private readonly long _spentAt;
    private MemoryAccount? _overdraft;
    private long _used;
    private long _reserved;
    private long _wakeAt = long.MinValue;
    private int _sessions;
    private int _allowance = MaxAllowance;

    public MemoryBudget(IOptions<DuctsOptions> options)
        : this(LimitOf(options.Value.WebSocketServer.MemoryLimit))
    {
    }

    public MemoryBudget(long limit)
    {
        Limit = limit;
        _spentAt = limit - (limit / Parts);
    }

    /// <summary>Gets a budget without a limit, for what belongs to no server.</summary>
    public static MemoryBudget Unlimited { get; } = new(long.MaxValue / 2);

    /// <summary>Gets the limit in bytes.</summary>
    public long Limit { get; }

    /// <summary>Gets the bytes that are taken. They exceed the limit where what had been begun had to be ended.</summary>
    public long Used => Volatile.Read(ref _used);

    private long Occupied => Used + Volatile.Read(ref _reserved);

    /// <summary>Gets whether so little is left that no further session begins.</summary>
    public bool IsSpent => Used >= _spentAt;

    /// <summary>Gets how much has to be given back until sessions may begin again; at most 0 when they may.</summary>
    public long Excess => Used - _spentAt + 1;

    /// <summary>Gets the bytes that a session takes without being charged for them, and without ever waiting.</summary>
    public int Allowance => Volatile.Read(ref _allowance);

    /// <summary>Opens the account of a session.</summary>
    public MemoryAccount Open()
    {
        Count(1);
        Change(SessionCost);
        return new MemoryAccount(this);
    }

    /// <summary>Returns whether one who has taken so much has to wait before taking more.</summary>
    public bool IsShort(long use) => use > Allowance && Used >= (use <= SmallUse ? Limit : _spentAt);

    /// <summary>
    /// Keeps room for a large reply while it is made, if there is room; <see cref="EndReserve"/> follows. What is larger than half
    /// of all gets half of all, or it would wait for ever.
    /// </summary>
    public bool TryReserve(long bytes)
    {
        bytes = Math.Min(bytes, Limit / 2);
        if (Used + Interlocked.Add(ref _reserved, bytes) <= Limit)
        {
            return true;
        }

        EndReserve(bytes);
        return false;
    }

    /// <summary>The reply has been made, and been taken if it is kept.</summary>
    public void EndReserve(long bytes)
    {
        Interlocked.Add(ref _reserved, -Math.Min(bytes, Limit / 2));
        if (Volatile.Read(ref _wakeAt) != long.MinValue)
        {
            Wake(all: false);
        }
    }

    internal void Reserve(long bytes) => Interlocked.Add(ref _reserved, Math.Min(bytes, Limit / 2));

    internal void Close(MemoryAccount account)
    {
        Count(-1);
        lock (_gate)
        {
            _waiting.Remove(account);
        }

        Change(-SessionCost);
        EndOverdraft(account);
    }

    /// <summary>Takes bytes that belong to no session, or gives a negative number of them back.</summary>
    public void Change(long bytes)
    {
        var used = Interlocked.Add(ref _used, bytes);
        if (bytes < 0 && used <= Volatile.Read(ref _wakeAt))
        {
            Wake(all: false);
        }
    }

    /// <summary>
    /// Takes bytes if they are left. When they are not, one session gets them all the same, and goes on until its message is
    /// whole: else those who hold parts of messages would wait for each other.
    /// </summary>
    internal bool TryTake(MemoryAccount account, long bytes, long use)
    {
        if (bytes <= 0)
        {
            Change(bytes);
            return true;
        }

        var before = Interlocked.Add(ref _used, bytes) - bytes;
        if (before + Math.Min(bytes, Limit / 2) <= (use <= SmallUse ? Limit + (Limit / Parts) : Limit))
        {
            return true;
        }

        var holder = Interlocked.CompareExchange(ref _overdraft, account, null);
        if (holder is null || holder == account)
        {
            return true;
        }

        Change(-bytes);
        return false;
    }

    internal void EndOverdraft(MemoryAccount account)
    {
        if (Volatile.Read(ref _overdraft) == account && Interlocked.CompareExchange(ref _overdraft, null, account) == account)
        {
            Wake(all: true);
        }
    }

    /// <summary>The account is to be told when so much is left.</summary>
    internal void AddWaiting(MemoryAccount account, long need)
    {
        // As for what may begin: the half of all is always enough.
        need = Math.Min(Math.Max(need, (Limit / Parts) + 1), Limit / 2);
        lock (_gate)
        {
            account.Need = _waiting.Add(account) ? need : Math.Min(account.Need, need);
            _wakeAt = Math.Max(_wakeAt, Limit - need);
        }

        Interlocked.MemoryBarrier();
        if (Occupied <= Limit - need)
        {
            account.Raise();
        }
    }

    private static long LimitOf(long wanted)
    {
        if (wanted > 0)
        {
            return wanted;
        }

        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return available > 0 ? available / 2 : Unlimited.Limit;
    }

    // The free use of all sessions together is a small part of the limit.
    private void Count(int change)
    {
        var sessions = Math.Max(1, Interlocked.Add(ref _sessions, change));
        Volatile.Write(ref _allowance, (int)Math.Clamp(Limit / (2 * Parts) / sessions, MinAllowance, MaxAllowance));
    }

    private void Wake(bool all)
    {
        List<MemoryAccount> woken = [];
        lock (_gate)
        {
            do
            {
                TakeWaiting(woken, all);
                // What was given back meanwhile has seen nobody to wake.
                Interlocked.MemoryBarrier();
            }
            while (Occupied <= _wakeAt);
        }

        foreach (var account in woken)
        {
            account.Raise();
        }
    }

    private void TakeWaiting(List<MemoryAccount> woken, bool all)
    {
        var left = Limit - Occupied;
        var wakeAt = long.MinValue;
        foreach (var account in _waiting)
        {
            if (all || account.Need <= left)
            {
                woken.Add(account);
            }
            else
            {
                wakeAt = Math.Max(wakeAt, Limit - account.Need);
            }
        }

        _waiting.ExceptWith(woken);
        Volatile.Write(ref _wakeAt, wakeAt);
    }
}
