namespace Ducts.Redis;

/// <summary>Commands that wait to be written: their bytes in a row, and who waits for each.</summary>
// Threading: none of its own; the pipeline's gate guards it.
internal sealed class SendBuffer
{
    private const int FirstSize = 4096;

    private byte[] _bytes = new byte[FirstSize];
    private byte[]? _spareBytes;
    private CommandBatch _commands = new();

    /// <summary>Bytes that wait.</summary>
    public int Length { get; private set; }

    /// <summary>Commands that wait.</summary>
    public int Count => _commands.Count;

    public void Add(RedisCommand command, ReadOnlySpan<byte> payload)
    {
        Append(payload);
        command.EncodedLength = payload.Length;
        _commands.Add(command);
    }

    /// <summary>Bytes whose reply nobody waits for.</summary>
    public void Append(ReadOnlySpan<byte> payload)
    {
        var needed = (long)Length + payload.Length;
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max(needed, _bytes.Length * 2L), Array.MaxLength));
        }

        payload.CopyTo(_bytes.AsSpan(Length));
        Length += payload.Length;
    }

    /// <summary>Takes all out, to be written; the next commands go into what is left from the last time.</summary>
    public (CommandBatch Commands, byte[] Bytes, int Length) TakeAll(CommandBatch? spare)
    {
        var taken = (_commands, _bytes, Length);
        _commands = spare ?? new CommandBatch();
        _bytes = _spareBytes ?? new byte[FirstSize];
        _spareBytes = null;
        Length = 0;
        return taken;
    }

    /// <summary>Gives bytes back that were written, for reuse.</summary>
    public void GiveBack(byte[] bytes) => _spareBytes = bytes;

    /// <summary>Puts back what was taken out and not written, before what has come since.</summary>
    public void PutBack(CommandBatch commands, ReadOnlySpan<byte> bytes)
    {
        var merged = new byte[Math.Max(FirstSize, bytes.Length + Length)];
        bytes.CopyTo(merged);
        _bytes.AsSpan(0, Length).CopyTo(merged.AsSpan(bytes.Length));
        _bytes = merged;
        Length += bytes.Length;
        _commands.Prepend(commands);
    }

    public bool TryRemove(RedisCommand command)
    {
        var index = _commands.IndexOf(command);
        if (index < 0)
        {
            return false;
        }

        var offset = 0;
        for (var i = 0; i < index; i++)
        {
            offset += _commands[i].EncodedLength;
        }

        var rest = offset + command.EncodedLength;
        Buffer.BlockCopy(_bytes, rest, _bytes, offset, Length - rest);
        Length -= command.EncodedLength;
        _commands.RemoveAt(index);
        return true;
    }

    /// <summary>Takes out the commands whose deadline has come; those that stay move up, in one pass.</summary>
    public List<RedisCommand> RemoveDue(long now)
    {
        List<RedisCommand> due = [];
        var from = 0;
        var to = 0;
        var kept = 0;
        for (var i = 0; i < _commands.Count; i++)
        {
            var command = _commands[i];
            var length = command.EncodedLength;
            if (command.Deadline > now)
            {
                if (from != to)
                {
                    Buffer.BlockCopy(_bytes, from, _bytes, to, length);
                }

                to += length;
                _commands[kept++] = command;
            }
            else
            {
                due.Add(command);
            }

            from += length;
        }

        if (due.Count > 0)
        {
            Length = to;
            _commands.Truncate(kept);
        }

        return due;
    }

    /// <summary>Takes out everything, bytes without commands too.</summary>
    public List<RedisCommand> RemoveAll()
    {
        var all = RemoveDue(long.MaxValue);
        Length = 0;
        return all;
    }
}
