using System.Buffers;
using System.Text;

namespace Ducts.Redis;

/// <summary>
/// Reads replies of RESP2 and RESP3 from bytes that come in pieces of any size, in one pass: what has been read of a
/// reply is kept, only an unfinished header line must be offered again. Any bytes give a status, never an exception, and
/// memory follows the bytes received, whatever lengths they promise.
/// </summary>
// Threading: one reader at a time.
internal sealed class RespParser
{
    /// <summary>Deeper than any reply of Redis (CLUSTER SHARDS has 5); a script may nest 1000 by itself in theory only.</summary>
    public const int MaxDepth = 128;

    /// <summary>A header line, status or error; a script may make long ones.</summary>
    public const int MaxLine = 1 << 20;

    /// <summary>Redis' own limit of a string, proto-max-bulk-len, is 512 MiB by default.</summary>
    public const int MaxBulk = 1 << 30;

    private const int BulkStep = 1 << 20;

    private static readonly RedisValue[] SmallIntegers = [.. Enumerable.Range(0, 16).Select(static n => RedisValue.OfInteger(n))];

    private readonly long _replyLimit;
    private RespFrame[] _frames = new RespFrame[4];
    private int _depth;
    private long _replyBytes;

    private byte[]? _bulk;
    private int _bulkFilled;
    private int _bulkLength;
    private RedisValueKind _bulkKind;
    private bool _bulkIsChunk;
    private ArrayBufferWriter<byte>? _chunks;

    /// <param name="replyLimit">Bytes of one whole reply; beyond it the bytes are invalid.</param>
    public RespParser(long replyLimit = 2L << 30) => _replyLimit = replyLimit;

    /// <summary>Reads one reply.</summary>
    /// <param name="input">The bytes received and not yet consumed.</param>
    /// <param name="position">From where to read; moved behind what was consumed.</param>
    /// <param name="value">The reply, when complete.</param>
    public RespStatus Read(ReadOnlySpan<byte> input, ref int position, out RedisValue value)
    {
        value = default;
        while (true)
        {
            var before = position;
            var status = _bulk is null
                ? ReadLine(input, ref position, out value, out var hasValue)
                : ReadBulk(input, ref position, out value, out hasValue);
            _replyBytes += position - before;
            if (status != RespStatus.Complete)
            {
                return status;
            }

            if (_replyBytes > _replyLimit)
            {
                return RespStatus.Invalid;
            }

            if (hasValue && Deliver(ref value))
            {
                _replyBytes = 0;
                return RespStatus.Complete;
            }
        }
    }

    /// <summary>Puts a value into the aggregates that wait for it; true when the whole reply is there.</summary>
    private bool Deliver(ref RedisValue value)
    {
        while (_depth > 0)
        {
            ref var frame = ref _frames[_depth - 1];
            frame.Add(value);
            if (!frame.IsFull)
            {
                return false;
            }

            if (!Pop(out value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Ends the innermost aggregate; false if it was an attribute, which is no value.</summary>
    private bool Pop(out RedisValue value)
    {
        ref var frame = ref _frames[--_depth];
        var isValue = !frame.IsAttribute;
        value = isValue ? frame.Build() : default;
        frame = default;
        return isValue;
    }

    private RespStatus ReadLine(ReadOnlySpan<byte> input, ref int position, out RedisValue value, out bool hasValue)
    {
        value = default;
        hasValue = false;
        var rest = input[position..];
        var end = rest[..Math.Min(rest.Length, MaxLine)].IndexOf((byte)'\n');
        if (end < 0)
        {
            return rest.Length >= MaxLine ? RespStatus.Invalid : RespStatus.Incomplete;
        }

        if (end < 2 || rest[end - 1] != '\r')
        {
            return RespStatus.Invalid;
        }

        position += end + 1;
        var text = rest[1..(end - 1)];
        var type = rest[0];
        if (_chunks is not null && type != ';')
        {
            return RespStatus.Invalid;
        }

        hasValue = true;
        switch (type)
        {
            case (byte)'$':
                return StartBulk(RedisValueKind.BulkString, text, out value, out hasValue);
            case (byte)'+':
                value = text.SequenceEqual("OK"u8) ? RedisValue.Ok : RedisValue.OfText(RedisValueKind.SimpleString, Encoding.UTF8.GetString(text));
                return RespStatus.Complete;
            case (byte)':':
                return ReadInteger(text, out value);
            case (byte)'*':
                return StartAggregate(RedisValueKind.Array, text, 1, out value, out hasValue);
            case (byte)'-':
                value = RedisValue.OfText(RedisValueKind.Error, Encoding.UTF8.GetString(text));
                return RespStatus.Complete;
            case (byte)'_':
                return text.IsEmpty ? RespStatus.Complete : RespStatus.Invalid;
            case (byte)'%':
                return StartAggregate(RedisValueKind.Map, text, 2, out value, out hasValue);
            case (byte)'~':
                return StartAggregate(RedisValueKind.Set, text, 1, out value, out hasValue);
            case (byte)'>':
                return _depth > 0 ? RespStatus.Invalid : StartAggregate(RedisValueKind.Push, text, 1, out value, out hasValue);
            case (byte)'|':
                return StartAggregate(RedisValueKind.Map, text, 2, out value, out hasValue, isAttribute: true);
            case (byte)',':
                return ReadDouble(text, out value);
            case (byte)'#':
                value = RedisValue.OfBoolean(text.SequenceEqual("t"u8));
                return text.Length == 1 && text[0] is (byte)'t' or (byte)'f' ? RespStatus.Complete : RespStatus.Invalid;
            case (byte)'(':
                value = RedisValue.OfText(RedisValueKind.BigNumber, Encoding.UTF8.GetString(text));
                return IsBigNumber(text) ? RespStatus.Complete : RespStatus.Invalid;
            case (byte)'!':
                return StartBulk(RedisValueKind.Error, text, out value, out hasValue);
            case (byte)'=':
                return StartBulk(RedisValueKind.VerbatimString, text, out value, out hasValue);
            case (byte)';':
                return StartChunk(text, out value, out hasValue);
            case (byte)'.':
                return EndStreamed(text, out value, out hasValue);
            default:
                return RespStatus.Invalid;
        }
    }

    private static bool IsBigNumber(ReadOnlySpan<byte> text)
    {
        var digits = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        return !digits.IsEmpty && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }

    private static RespStatus ReadInteger(ReadOnlySpan<byte> text, out RedisValue value)
    {
        value = default;
        if (!RedisNumber.TryParseInteger(text, out var number))
        {
            return RespStatus.Invalid;
        }

        value = (ulong)number < (ulong)SmallIntegers.Length ? SmallIntegers[number] : RedisValue.OfInteger(number);
        return RespStatus.Complete;
    }

    private static RespStatus ReadDouble(ReadOnlySpan<byte> text, out RedisValue value)
    {
        value = default;
        Span<char> letters = stackalloc char[128];
        if (text.Length > letters.Length || !Encoding.ASCII.TryGetChars(text, letters, out var length)
            || !RedisNumber.TryParseDouble(letters[..length], out var number))
        {
            return RespStatus.Invalid;
        }

        value = RedisValue.OfDouble(number);
        return RespStatus.Complete;
    }

    private RespStatus StartAggregate(
        RedisValueKind kind, ReadOnlySpan<byte> text, int perItem, out RedisValue value, out bool hasValue, bool isAttribute = false)
    {
        value = default;
        hasValue = false;
        var streamed = text.SequenceEqual("?"u8);
        long count = RespFrame.Streamed;
        if (!streamed && !RedisNumber.TryParseInteger(text, out count))
        {
            return RespStatus.Invalid;
        }

        if (count == -1 && kind == RedisValueKind.Array && !streamed)
        {
            hasValue = true;
            return RespStatus.Complete;
        }

        if ((count < 0 && !streamed) || count * perItem > Array.MaxLength || _depth >= MaxDepth
            || (streamed && (isAttribute || kind == RedisValueKind.Push)))
        {
            return RespStatus.Invalid;
        }

        if (count == 0)
        {
            hasValue = !isAttribute;
            value = RedisValue.OfItems(kind, []);
            return RespStatus.Complete;
        }

        if (_depth == _frames.Length)
        {
            Array.Resize(ref _frames, _depth * 2);
        }

        _frames[_depth++] = new RespFrame(kind, streamed ? RespFrame.Streamed : (int)count * perItem, isAttribute);
        return RespStatus.Complete;
    }

    private RespStatus EndStreamed(ReadOnlySpan<byte> text, out RedisValue value, out bool hasValue)
    {
        value = default;
        hasValue = false;
        if (!text.IsEmpty || _depth == 0 || !_frames[_depth - 1].CanEnd)
        {
            return RespStatus.Invalid;
        }

        hasValue = Pop(out value);
        return RespStatus.Complete;
    }

    private RespStatus StartBulk(RedisValueKind kind, ReadOnlySpan<byte> text, out RedisValue value, out bool hasValue)
    {
        value = default;
        hasValue = false;
        if (kind == RedisValueKind.BulkString && text.SequenceEqual("?"u8))
        {
            _chunks = new ArrayBufferWriter<byte>();
            return RespStatus.Complete;
        }

        if (!RedisNumber.TryParseInteger(text, out var length) || length > MaxBulk)
        {
            return RespStatus.Invalid;
        }

        if (length < 0)
        {
            hasValue = length == -1 && kind == RedisValueKind.BulkString;
            return hasValue ? RespStatus.Complete : RespStatus.Invalid;
        }

        BeginBytes(kind, (int)length, isChunk: false);
        return RespStatus.Complete;
    }

    private RespStatus StartChunk(ReadOnlySpan<byte> text, out RedisValue value, out bool hasValue)
    {
        value = default;
        hasValue = false;
        if (_chunks is null || !RedisNumber.TryParseInteger(text, out var length) || length < 0 || length > MaxBulk - _chunks.WrittenCount)
        {
            return RespStatus.Invalid;
        }

        if (length == 0)
        {
            value = RedisValue.OfBytes(RedisValueKind.BulkString, _chunks.WrittenSpan.ToArray());
            hasValue = true;
            _chunks = null;
            return RespStatus.Complete;
        }

        BeginBytes(RedisValueKind.BulkString, (int)length, isChunk: true);
        return RespStatus.Complete;
    }

    private void BeginBytes(RedisValueKind kind, int length, bool isChunk)
    {
        _bulkKind = kind;
        _bulkIsChunk = isChunk;
        _bulkLength = length;
        _bulkFilled = 0;
        _bulk = length == 0 ? [] : GC.AllocateUninitializedArray<byte>(Math.Min(length, BulkStep));
    }

    private RespStatus ReadBulk(ReadOnlySpan<byte> input, ref int position, out RedisValue value, out bool hasValue)
    {
        value = default;
        hasValue = false;
        while (_bulkFilled < _bulkLength)
        {
            var part = Math.Min(input.Length - position, _bulkLength - _bulkFilled);
            if (part == 0)
            {
                return RespStatus.Incomplete;
            }

            if (_bulkFilled == _bulk!.Length)
            {
                Array.Resize(ref _bulk, (int)Math.Min((long)_bulk.Length * 2, _bulkLength));
            }

            part = Math.Min(part, _bulk.Length - _bulkFilled);
            input.Slice(position, part).CopyTo(_bulk.AsSpan(_bulkFilled));
            _bulkFilled += part;
            position += part;
        }

        if (input.Length - position < 2)
        {
            return RespStatus.Incomplete;
        }

        if (input[position] != '\r' || input[position + 1] != '\n')
        {
            return RespStatus.Invalid;
        }

        position += 2;
        var bytes = _bulk!;
        _bulk = null;
        if (_bulkIsChunk)
        {
            _chunks!.Write(bytes);
            return RespStatus.Complete;
        }

        hasValue = true;
        switch (_bulkKind)
        {
            case RedisValueKind.Error:
                value = RedisValue.OfText(RedisValueKind.Error, Encoding.UTF8.GetString(bytes));
                break;
            case RedisValueKind.VerbatimString:
                // Three letters of format and a colon come first.
                if (bytes.Length < 4 || bytes[3] != ':')
                {
                    return RespStatus.Invalid;
                }

                value = RedisValue.OfBytes(RedisValueKind.VerbatimString, bytes[4..]);
                break;
            default:
                value = RedisValue.OfBytes(_bulkKind, bytes);
                break;
        }

        return RespStatus.Complete;
    }
}
