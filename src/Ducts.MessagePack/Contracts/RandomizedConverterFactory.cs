using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ducts.MessagePack.Converters;

namespace Ducts.MessagePack.Contracts;

/// <summary>
/// Converts the collections that System.Text.Json makes by means of a dictionary or set of its own choice, which no contract changes.
/// </summary>
internal sealed class RandomizedConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => ConverterOf(typeToConvert) is not null;

    public override JsonConverter? CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        ConverterOf(typeToConvert) is { } converter ? (JsonConverter)Activator.CreateInstance(converter)! : null;

    private static Type? ConverterOf(Type type)
    {
        if (!type.IsGenericType)
            return null;
        var definition = type.GetGenericTypeDefinition();
        var converter = definition == typeof(IReadOnlyDictionary<,>) ? typeof(ReadOnlyDictionaryOf<,>)
            : definition == typeof(ImmutableDictionary<,>) || definition == typeof(IImmutableDictionary<,>) ? typeof(ImmutableDictionaryOf<,,>)
            : definition == typeof(IReadOnlySet<>) ? typeof(ReadOnlySetOf<>)
            : definition == typeof(ImmutableHashSet<>) || definition == typeof(IImmutableSet<>) ? typeof(ImmutableSetOf<,>)
            : null;
        var arguments = type.GetGenericArguments();
        if (converter is null || !IsRandomized(arguments[0]))
            return null;
        return converter.MakeGenericType(converter.GetGenericArguments().Length == arguments.Length ? arguments : [type, .. arguments]);
    }

    private static bool IsRandomized(Type key) =>
        typeof(RandomizedComparer<>).MakeGenericType(key).GetProperty(nameof(RandomizedComparer<>.Instance))!.GetValue(null) is not null;

    private abstract class DictionaryBase<TDictionary, TKey, TValue> : JsonConverter<TDictionary>
        where TDictionary : class, IReadOnlyDictionary<TKey, TValue>
        where TKey : notnull
    {
        public override TDictionary? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize<Dictionary<TKey, TValue>>(ref reader, options) is { } pairs ? Make(pairs) : null;

        public override void Write(Utf8JsonWriter writer, TDictionary value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value as IDictionary<TKey, TValue> ?? new Dictionary<TKey, TValue>(value), options);

        protected abstract TDictionary Make(Dictionary<TKey, TValue> pairs);
    }

    private sealed class ReadOnlyDictionaryOf<TKey, TValue> : DictionaryBase<IReadOnlyDictionary<TKey, TValue>, TKey, TValue>
        where TKey : notnull
    {
        protected override IReadOnlyDictionary<TKey, TValue> Make(Dictionary<TKey, TValue> pairs) => pairs;
    }

    private sealed class ImmutableDictionaryOf<TDictionary, TKey, TValue> : DictionaryBase<TDictionary, TKey, TValue>
        where TDictionary : class, IReadOnlyDictionary<TKey, TValue>
        where TKey : notnull
    {
        protected override TDictionary Make(Dictionary<TKey, TValue> pairs) =>
            (TDictionary)(object)ImmutableDictionary.CreateRange(RandomizedComparer<TKey>.Instance, pairs);
    }

    private abstract class SetBase<TSet, T> : JsonConverter<TSet>
        where TSet : class, IReadOnlyCollection<T>
    {
        public override TSet? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize<HashSet<T>>(ref reader, options) is { } items ? Make(items) : null;

        public override void Write(Utf8JsonWriter writer, TSet value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize<IReadOnlyCollection<T>>(writer, value, options);

        protected abstract TSet Make(HashSet<T> items);
    }

    private sealed class ReadOnlySetOf<T> : SetBase<IReadOnlySet<T>, T>
    {
        protected override IReadOnlySet<T> Make(HashSet<T> items) => items;
    }

    private sealed class ImmutableSetOf<TSet, T> : SetBase<TSet, T>
        where TSet : class, IReadOnlyCollection<T>
    {
        protected override TSet Make(HashSet<T> items) => (TSet)(object)ImmutableHashSet.CreateRange(RandomizedComparer<T>.Instance, items);
    }
}
