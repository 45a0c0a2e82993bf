using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Ducts.Sessions;

/// <summary>A few names with their values, in order. A session keeps them as long as it lives, so they are no hash table.</summary>
/// <param name="fields">Names and values; no name occurs twice.</param>
internal sealed class SessionFields(KeyValuePair<string, string>[] fields) : IReadOnlyDictionary<string, string>
{
    public static readonly SessionFields Empty = new([]);

    public int Count => fields.Length;

    public IEnumerable<string> Keys => fields.Select(static pair => pair.Key);

    public IEnumerable<string> Values => fields.Select(static pair => pair.Value);

    public string this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"There is no field '{key}'.");

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        foreach (var field in fields)
        {
            if (field.Key == key)
            {
                value = field.Value;
                return true;
            }
        }

        value = null;
        return false;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => fields.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Returns the fields whose names meet a condition.</summary>
    public SessionFields Only(Predicate<string> isWanted) => new(Array.FindAll(fields, field => isWanted(field.Key)));
}
