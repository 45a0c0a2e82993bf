using System.Globalization;
using System.Text;
using Ducts.Redis.Commands;

namespace Ducts.Redis;

/// <summary>
/// A reply of Redis. Immutable. The <c>As…</c> methods convert where Redis itself would: integers, doubles and bulk
/// strings into each other by their text. They throw <see cref="InvalidCastException"/> where there is no such reading,
/// and <see cref="RedisErrorException"/> with Redis' text if the value is an error.
/// </summary>
public readonly struct RedisReply : IEquatable<RedisReply>
{
    // string, byte[] or RedisReply[] by kind; numbers live in _bits.
    private readonly object? _object;
    private readonly long _bits;

    private RedisReply(RedisReplyKind kind, object? content, long bits = 0)
    {
        Kind = kind;
        _object = content;
        _bits = bits;
    }

    /// <summary>The type of the value.</summary>
    public RedisReplyKind Kind { get; }

    /// <summary>Whether there is no value (nil).</summary>
    public bool IsNull => Kind == RedisReplyKind.Null;

    /// <summary>Whether the value is an error of Redis.</summary>
    public bool IsError => Kind == RedisReplyKind.Error;

    /// <summary>Whether the value has <see cref="Items"/>: an array, a set, a map or a push.</summary>
    public bool IsAggregate => _object is RedisReply[];

    /// <summary>The items of an array, set, map (key, value, key, value…) or push; empty for nil.</summary>
    /// <exception cref="InvalidCastException">The value is a scalar.</exception>
    /// <exception cref="RedisErrorException">The value is an error.</exception>
    public ReadOnlyMemory<RedisReply> Items => _object switch
    {
        RedisReply[] items => items,
        null when IsNull => ReadOnlyMemory<RedisReply>.Empty,
        _ => throw Unreadable("a list"),
    };

    /// <summary>The number of <see cref="Items"/>; 0 for a scalar.</summary>
    public int Count => _object is RedisReply[] items ? items.Length : 0;

    /// <summary>The item at a position of <see cref="Items"/>.</summary>
    /// <param name="index">The position, from 0.</param>
    /// <exception cref="IndexOutOfRangeException">There is no such item.</exception>
    /// <exception cref="InvalidCastException">The value is a scalar.</exception>
    /// <exception cref="RedisErrorException">The value is an error.</exception>
    public RedisReply this[int index] => Items.Span[index];

    /// <summary>The item at a position of <see cref="Items"/>, counted from either end.</summary>
    /// <param name="index">The position, such as <c>^1</c> for the last.</param>
    /// <exception cref="IndexOutOfRangeException">There is no such item.</exception>
    /// <exception cref="InvalidCastException">The value is a scalar.</exception>
    /// <exception cref="RedisErrorException">The value is an error.</exception>
    public RedisReply this[Index index] => this[index.GetOffset(Count)];

    /// <summary>Whether two values are of one kind and content.</summary>
    /// <param name="left">One value.</param>
    /// <param name="right">The other value.</param>
    /// <returns>True where they are equal.</returns>
    public static bool operator ==(RedisReply left, RedisReply right) => left.Equals(right);

    /// <summary>Whether two values differ.</summary>
    /// <param name="left">One value.</param>
    /// <param name="right">The other value.</param>
    /// <returns>True where they differ.</returns>
    public static bool operator !=(RedisReply left, RedisReply right) => !left.Equals(right);

    /// <summary>The value's text: bytes as UTF-8, numbers as invariant text.</summary>
    /// <returns>The text; null for nil.</returns>
    /// <exception cref="InvalidCastException">The value has items.</exception>
    /// <exception cref="RedisErrorException">The value is an error.</exception>
    public string? AsString() => Kind switch
    {
        RedisReplyKind.Null => null,
        RedisReplyKind.Integer => _bits.ToString(CultureInfo.InvariantCulture),
        RedisReplyKind.Double => BitConverter.Int64BitsToDouble(_bits).ToString("R", CultureInfo.InvariantCulture),
        RedisReplyKind.Boolean => _bits != 0 ? "1" : "0",
        RedisReplyKind.Error => throw new RedisErrorException((string)_object!),
        _ => _object switch
        {
            string text => text,
            byte[] bytes => Encoding.UTF8.GetString(bytes),
            _ => throw Unreadable("text"),
        },
    };

    /// <summary>The value's bytes; text and numbers as UTF-8.</summary>
    /// <returns>The bytes, not copied where the value has them; empty for nil.</returns>
    /// <exception cref="InvalidCastException">The value has items.</exception>
    /// <exception cref="RedisErrorException">The value is an error.</exception>
    public ReadOnlyMemory<byte> AsBytes() =>
        _object as byte[] ?? (IsNull ? [] : Encoding.UTF8.GetBytes(AsString()!));

    /// <summary>The value as an integer; a boolean is 0 or 1, text is parsed.</summary>
    /// <returns>The integer.</returns>
    /// <exception cref="InvalidCastException">The value is nil, has items, or is no integer of 64 bits.</exception>
    /// <exception cref="RedisErrorException">The value is an error.</exception>
    public long AsInt64() => Kind switch
    {
        RedisReplyKind.Integer or RedisReplyKind.Boolean => _bits,
        RedisReplyKind.Error => throw new RedisErrorException((string)_object!),
        _ when !IsAggregate && long.TryParse(AsString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw Unreadable("an integer"),
    };

    /// <summary>The value as a double; text is parsed, <c>inf</c>, <c>-inf</c> and <c>nan</c> included.</summary>
    /// <returns>The double.</returns>
    /// <exception cref="InvalidCastException">The value is nil, has items, or is no number.</exception>
    /// <exception cref="RedisErrorException">The value is an error.</exception>
    public double AsDouble() => Kind switch
    {
        RedisReplyKind.Double => BitConverter.Int64BitsToDouble(_bits),
        RedisReplyKind.Integer => _bits,
        RedisReplyKind.Error => throw new RedisErrorException((string)_object!),
        _ when !IsAggregate && AsString() is { } text && RedisNumber.TryParseDouble(text, out var number) => number,
        _ => throw Unreadable("a double"),
    };

    /// <summary>The value as a boolean: an integer that is not 0, a boolean, the status OK, the text 1; nil is false.</summary>
    /// <returns>The boolean.</returns>
    /// <exception cref="InvalidCastException">The value has items, or is another text or number.</exception>
    /// <exception cref="RedisErrorException">The value is an error.</exception>
    public bool AsBoolean() => Kind switch
    {
        RedisReplyKind.Integer or RedisReplyKind.Boolean => _bits != 0,
        RedisReplyKind.Null => false,
        RedisReplyKind.SimpleString => AsString() == "OK",
        RedisReplyKind.Error => throw new RedisErrorException((string)_object!),
        _ when !IsAggregate && AsString() is "0" or "1" => AsString() == "1",
        _ => throw Unreadable("a boolean"),
    };

    /// <summary>The items of a list as texts, nil as null.</summary>
    /// <returns>The texts; empty for nil.</returns>
    /// <exception cref="InvalidCastException">The value is a scalar, or an item has items.</exception>
    /// <exception cref="RedisErrorException">The value is an error.</exception>
    public string?[] AsStrings()
    {
        var items = Items.Span;
        var texts = new string?[items.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = items[i].AsString();
        }

        return texts;
    }

    /// <summary>A map, or a list of key, value, key, value (as RESP2 has maps), as a dictionary in Redis' order.</summary>
    /// <returns>The dictionary; empty for nil. Where a list ends with a key, that one is left out.</returns>
    /// <exception cref="InvalidCastException">The value is a scalar.</exception>
    /// <exception cref="RedisErrorException">The value is an error.</exception>
    public RedisFields AsFields() => Count == 0 && IsNull ? RedisFields.Empty : RedisFields.Create(Items.Span);

    /// <summary>
    /// The value in plain types: null, <see cref="long"/>, <see cref="double"/>, <see cref="bool"/>, <see cref="string"/>
    /// (statuses, big numbers, decoded bulk strings), <c>byte[]</c> (bulk strings), <c>object?[]</c> (arrays, sets, pushes),
    /// <c>KeyValuePair&lt;object?, object?&gt;[]</c> (maps, in order), <see cref="RedisErrorException"/> (errors).
    /// </summary>
    /// <returns>The plain value.</returns>
    public object? ToObject()
    {
        switch (Kind)
        {
            case RedisReplyKind.Null:
                return null;
            case RedisReplyKind.Integer:
                return _bits;
            case RedisReplyKind.Double:
                return BitConverter.Int64BitsToDouble(_bits);
            case RedisReplyKind.Boolean:
                return _bits != 0;
            case RedisReplyKind.Error:
                return new RedisErrorException((string)_object!);
            case RedisReplyKind.Map:
                var pairs = new KeyValuePair<object?, object?>[Count / 2];
                for (var i = 0; i < pairs.Length; i++)
                {
                    pairs[i] = new(this[i * 2].ToObject(), this[(i * 2) + 1].ToObject());
                }

                return pairs;
            default:
                return _object is RedisReply[] items ? Array.ConvertAll(items, static item => item.ToObject()) : _object;
        }
    }

    /// <inheritdoc/>
    public bool Equals(RedisReply other) =>
        Kind == other.Kind && _bits == other._bits && (_object, other._object) switch
        {
            (byte[] mine, byte[] theirs) => mine.AsSpan().SequenceEqual(theirs),
            (RedisReply[] mine, RedisReply[] theirs) => mine.AsSpan().SequenceEqual(theirs),
            (byte[] or string, byte[] or string) => AsBytes().Span.SequenceEqual(other.AsBytes().Span),
            _ => Equals(_object, other._object),
        };

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RedisReply other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Kind);
        hash.Add(_bits);
        if (_object is RedisReply[] items)
        {
            hash.Add(items.Length);
        }
        else if (_object is not null && !IsError)
        {
            hash.AddBytes(AsBytes().Span);
        }

        return hash.ToHashCode();
    }

    /// <summary>The value for people: text as it is, lists in brackets, nil as <c>(nil)</c>, errors with <c>(error)</c>.</summary>
    /// <returns>The text.</returns>
    public override string ToString()
    {
        if (_object is RedisReply[] items)
        {
            return "[" + string.Join(", ", items) + "]";
        }

        return Kind switch
        {
            RedisReplyKind.Null => "(nil)",
            RedisReplyKind.Error => "(error) " + ErrorText,
            _ => AsString()!,
        };
    }

    internal static RedisReply Null => default;

    internal string ErrorText => (string)_object!;

    internal byte[]? RawBytes => _object as byte[];

    internal static RedisReply OfInteger(long number) => new(RedisReplyKind.Integer, null, number);

    internal static RedisReply OfDouble(double number) => new(RedisReplyKind.Double, null, BitConverter.DoubleToInt64Bits(number));

    internal static RedisReply OfBoolean(bool truth) => new(RedisReplyKind.Boolean, null, truth ? 1 : 0);

    internal static RedisReply OfText(RedisReplyKind kind, string text) => new(kind, text);

    internal static RedisReply OfBytes(RedisReplyKind kind, byte[] bytes) => new(kind, bytes);

    internal static RedisReply OfItems(RedisReplyKind kind, RedisReply[] items) => new(kind, items);

    /// <summary>The same value with every bulk string decoded as UTF-8, at any depth.</summary>
    internal RedisReply Decoded()
    {
        switch (_object)
        {
            case byte[] bytes:
                return new RedisReply(Kind, Encoding.UTF8.GetString(bytes));
            case RedisReply[] items:
                var decoded = new RedisReply[items.Length];
                for (var i = 0; i < items.Length; i++)
                {
                    decoded[i] = items[i].Decoded();
                }

                return new RedisReply(Kind, decoded);
            default:
                return this;
        }
    }

    private Exception Unreadable(string wanted) => IsError
        ? new RedisErrorException(ErrorText)
        : new InvalidCastException($"Redis replied with {Kind}, which cannot be read as {wanted}.");
}
