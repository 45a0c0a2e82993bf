using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;

namespace Ducts.Redis.Streams;

/// <summary>Makes name, value, name, value of what callers hold their fields in.</summary>
internal static class StreamFields
{
    // Names and values of most entries.
    private const int Usual = 16;

    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Properties = new();

    public static RedisArgument[] Read(object fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        var pairs = new List<RedisArgument>(Usual);
        switch (fields)
        {
            case IEnumerable<KeyValuePair<string, string>> texts:
                foreach (var (name, value) in texts)
                {
                    pairs.Add(name);
                    pairs.Add(value);
                }

                break;
            case IEnumerable<KeyValuePair<string, object?>> values:
                foreach (var (name, value) in values)
                {
                    Add(pairs, name, value);
                }

                break;
            case IEnumerable<KeyValuePair<string, RedisArgument>> arguments:
                foreach (var (name, value) in arguments)
                {
                    pairs.Add(name);
                    pairs.Add(value);
                }

                break;
            case IDictionary dictionary:
                foreach (DictionaryEntry entry in dictionary)
                {
                    Add(pairs, entry.Key.ToString()!, entry.Value);
                }

                break;
            case string or IEnumerable:
                throw new ArgumentException("Fields are pairs of name and value, a dictionary, or an object with properties.", nameof(fields));
            default:
                var properties = Properties.GetOrAdd(
                    fields.GetType(),
                    static type => [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static p => p.CanRead && p.GetIndexParameters().Length == 0)]);
                foreach (var property in properties)
                {
                    Add(pairs, property.Name, property.GetValue(fields));
                }

                break;
        }

        return [.. pairs];
    }

    public static void Check(ReadOnlySpan<RedisArgument> pairs)
    {
        if (pairs.Length == 0 || pairs.Length % 2 != 0)
        {
            throw new ArgumentException("An entry has at least one field, each a name and a value.", nameof(pairs));
        }
    }

    private static void Add(List<RedisArgument> pairs, string name, object? value)
    {
        if (value is null)
        {
            throw new ArgumentNullException(name, $"The field '{name}' is null.");
        }

        pairs.Add(name);
        pairs.Add(RedisArgument.From(value));
    }
}
