using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;


namespace Ducts.Redis;

/// <summary>
/// Names and values of a stream entry or of a hash, in Redis' order. Immutable and safe to share. Texts are decoded as
/// UTF-8 when they are first asked for; the bytes stay available. Where a name occurs twice, its last value counts.
/// </summary>
[SuppressMessage("Naming", "CA1710", Justification = "Redis calls them fields.")]
public sealed class RedisFields : IReadOnlyDictionary<string, string>
{
    // Up to here comparing names one by one is quicker than hashing.
    private const int LinearLimit = 8;

    private readonly string[] _names;
    private readonly byte[][] _bytes;
    private readonly Dictionary<string, int>? _index;
    private string?[]? _texts;

    private RedisFields(string[] names, byte[][] bytes, Dictionary<string, int>? index)
    {
        _names = names;
        _bytes = bytes;
        _index = index;
    }

    /// <summary>No fields.</summary>
    public static RedisFields Empty { get; } = new([], [], null);

    /// <summary>The number of fields.</summary>
    public int Count => _names.Length;

    /// <summary>The names, in Redis' order.</summary>
    public IEnumerable<string> Keys => _names;

    /// <summary>The values as text, in Redis' order.</summary>
    public IEnumerable<string> Values
    {
        get
        {
            for (var i = 0; i < _names.Length; i++)
            {
                yield return TextAt(i);
            }
        }
    }

    /// <summary>A value as text.</summary>
    /// <param name="key">The field's name, in exactly these letters.</param>
    /// <exception cref="KeyNotFoundException">There is no such field.</exception>
    public string this[string key] =>
        TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"There is no field '{key}'.");

    /// <summary>Whether there is a field.</summary>
    /// <param name="key">The field's name.</param>
    /// <returns>True where there is.</returns>
    public bool ContainsKey(string key) => IndexOf(key) >= 0;

    /// <summary>Gets a value as text, if there is one.</summary>
    /// <param name="key">The field's name.</param>
    /// <param name="value">The text.</param>
    /// <returns>Whether there is such a field.</returns>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        var index = IndexOf(key);
        value = index < 0 ? null : TextAt(index);
        return index >= 0;
    }

    /// <summary>Gets a value's bytes, if there is one.</summary>
    /// <param name="key">The field's name.</param>
    /// <param name="value">The bytes.</param>
    /// <returns>Whether there is such a field.</returns>
    public bool TryGetBytes(string key, out ReadOnlyMemory<byte> value)
    {
        var index = IndexOf(key);
        value = index < 0 ? default(ReadOnlyMemory<byte>) : _bytes[index];
        return index >= 0;
    }

    /// <summary>The bytes of the value at a position.</summary>
    /// <param name="index">The position in Redis' order, from 0.</param>
    /// <returns>The bytes, not copied.</returns>
    /// <exception cref="IndexOutOfRangeException">There are fewer fields.</exception>
    public ReadOnlyMemory<byte> BytesAt(int index) => _bytes[index];

    /// <summary>The name at a position.</summary>
    /// <param name="index">The position in Redis' order, from 0.</param>
    /// <returns>The name.</returns>
    /// <exception cref="IndexOutOfRangeException">There are fewer fields.</exception>
    public string NameAt(int index) => _names[index];

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator()
    {
        for (var i = 0; i < _names.Length; i++)
        {
            yield return new(_names[i], TextAt(i));
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Of name, value, name, value; an odd rest is dropped.</summary>
    internal static RedisFields Create(ReadOnlySpan<RedisReply> pairs)
    {
        var count = pairs.Length / 2;
        if (count == 0)
        {
            return Empty;
        }

        var names = new string[count];
        var bytes = new byte[count][];
        var index = count > LinearLimit ? new Dictionary<string, int>(count, StringComparer.Ordinal) : null;
        var used = 0;
        for (var i = 0; i < count; i++)
        {
            var name = pairs[i * 2].AsString() ?? string.Empty;
            var at = index is null
                ? Array.IndexOf(names, name, 0, used)
                : index.GetValueOrDefault(name, -1);
            if (at < 0)
            {
                at = used++;
                names[at] = name;
                index?.Add(name, at);
            }

            var value = pairs[(i * 2) + 1];
            bytes[at] = value.RawBytes ?? value.AsBytes().ToArray();
        }

        return used == count
            ? new RedisFields(names, bytes, index)
            : new RedisFields(names[..used], bytes[..used], index);
    }

    private int IndexOf(string name) => _index is null
        ? Array.IndexOf(_names, name)
        : _index.GetValueOrDefault(name, -1);

    // Two threads may decode the same text at once; both texts are right and one stays.
    private string TextAt(int index)
    {
        var texts = _texts ??= new string?[_names.Length];
        return texts[index] ??= Encoding.UTF8.GetString(_bytes[index]);
    }
}
