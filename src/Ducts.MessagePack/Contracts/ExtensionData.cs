using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Ducts.MessagePack.Contracts;

/// <summary>The member that takes the names no other member has: a dictionary of objects or of elements, or a JSON object.</summary>
internal sealed class ExtensionData(JsonPropertyInfo property, PackSerializerOptions options)
{
    public int Count(object owner) => property.Get?.Invoke(owner) switch
    {
        IReadOnlyCollection<KeyValuePair<string, object?>> values => values.Count,
        IReadOnlyCollection<KeyValuePair<string, JsonElement>> values => values.Count,
        JsonObject values => values.Count,
        _ => 0,
    };

    public void Write(ref PackWriter writer, object owner)
    {
        switch (property.Get?.Invoke(owner))
        {
            case IReadOnlyCollection<KeyValuePair<string, object?>> values:
                WriteAll(ref writer, values);
                break;
            case IReadOnlyCollection<KeyValuePair<string, JsonElement>> values:
                WriteAll(ref writer, values);
                break;
            case JsonObject values:
                WriteAll(ref writer, values);
                break;
        }
    }

    public bool TryAdd(object owner, scoped ReadOnlySpan<byte> name, ref PackReader reader, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        var key = LenientUtf8.GetString(name);
        var done = ObtainTarget(owner) switch
        {
            IDictionary<string, object?> target => TryAdd(target, key, ref reader, out error),
            IDictionary<string, JsonElement> target => TryAdd(target, key, ref reader, out error),
            JsonObject target => TryAdd(target, key, ref reader, out error),
            _ => Converters.RawValue.TrySkip(ref reader, options, out error),
        };
        return done;
    }

    private object? ObtainTarget(object owner)
    {
        if (property.Get?.Invoke(owner) is { } present)
            return present;
        if (property.Set is null)
            return null;
        object made = property.PropertyType == typeof(JsonObject) ? new JsonObject()
            : typeof(IEnumerable<KeyValuePair<string, JsonElement>>).IsAssignableFrom(property.PropertyType) ? new Dictionary<string, JsonElement>()
            : new Dictionary<string, object?>();
        if (!property.PropertyType.IsInstanceOfType(made))
            made = Activator.CreateInstance(property.PropertyType)!;
        property.Set(owner, made);
        return made;
    }

    private bool TryAdd<TValue>(IDictionary<string, TValue> target, string key, ref PackReader reader, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        if (!options.GetConverter<TValue>().TryRead(ref reader, out var value, out error))
        {
            error = error.Within(key);
            return false;
        }

        if (target.TryAdd(key, value))
            return true;
        error = UniqueKeys.Error(key);
        return false;
    }

    private void WriteAll<TValue>(ref PackWriter writer, IEnumerable<KeyValuePair<string, TValue>> values)
    {
        var converter = options.GetConverter<TValue>();
        foreach (var (key, value) in values)
        {
            writer.WriteString(key);
            converter.Write(ref writer, value);
        }
    }
}
