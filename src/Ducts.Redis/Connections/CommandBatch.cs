namespace Ducts.Redis;

/// <summary>Commands that are written together, in order; a link of the chain of those that wait for replies.</summary>
internal sealed class CommandBatch
{
    /// <summary>A longer list is not kept for reuse.</summary>
    private const int Kept = 16 * 1024;

    private RedisCommand?[] _commands = new RedisCommand?[16];
    private CommandBatch? _next;

    public int Count { get; private set; }

    /// <summary>The first command that has not been answered.</summary>
    public int First { get; set; }

    public bool IsReusable => _commands.Length <= Kept;

    /// <summary>Set by the writer, read by the reader.</summary>
    public CommandBatch? Next
    {
        get => Volatile.Read(ref _next);
        set => Volatile.Write(ref _next, value);
    }

    public RedisCommand this[int index]
    {
        get => _commands[index]!;
        set => _commands[index] = value;
    }

    public void Add(RedisCommand command)
    {
        if (Count == _commands.Length)
        {
            Array.Resize(ref _commands, Count * 2);
        }

        _commands[Count++] = command;
    }

    public int IndexOf(RedisCommand command) => Array.IndexOf(_commands, command, 0, Count);

    public void RemoveAt(int index)
    {
        Array.Copy(_commands, index + 1, _commands, index, Count - index - 1);
        _commands[--Count] = null;
    }

    public void Truncate(int count)
    {
        Array.Clear(_commands, count, Count - count);
        Count = count;
    }

    /// <summary>Puts commands that were not written before those that came later.</summary>
    public void Prepend(CommandBatch earlier)
    {
        var merged = new RedisCommand?[Math.Max(_commands.Length, (Count + earlier.Count) * 2)];
        Array.Copy(earlier._commands, merged, earlier.Count);
        Array.Copy(_commands, 0, merged, earlier.Count, Count);
        _commands = merged;
        Count += earlier.Count;
    }

    public void Clear()
    {
        Array.Clear(_commands, 0, Count);
        Count = 0;
        First = 0;
        Next = null;
    }
}
