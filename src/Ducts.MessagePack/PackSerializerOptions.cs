using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Ducts.MessagePack.Converters;

namespace Ducts.MessagePack;

/// <summary>
/// How C# values are turned into MessagePack and back: names and shapes of records and classes follow the options and
/// attributes of System.Text.Json, so a type looks the same on the wire and in a Web API. Safe for all threads.
/// </summary>
public sealed class PackSerializerOptions
{
    private readonly ConcurrentDictionary<Type, PackConverter> _converters = new();

    // Apart and weak: options live as long as the process, and must not keep code in memory that is to be unloaded.
    private readonly ConditionalWeakTable<Type, PackConverter> _unloadable = [];
    private readonly Func<Type, PackConverter> _create;

    /// <summary>Makes options over those of System.Text.Json.</summary>
    /// <param name="json">Names, ignored members, converters and limits of depth; null for <see cref="JsonSerializerOptions.Web"/>.</param>
    /// <param name="converters">Converters that take the place of the built-in ones for their types.</param>
    public PackSerializerOptions(JsonSerializerOptions? json = null, params ReadOnlySpan<PackConverter> converters)
    {
        foreach (var converter in converters)
            _converters[converter.Type] = converter;

        json ??= JsonSerializerOptions.Web;
        if (!json.IsReadOnly)
        {
            // A copy, as the caller may go on changing the options, which contracts already made would not follow. A resolver
            // of its own keeps System.Text.Json from sharing contracts, and the types they hold on to, with equal options.
            json = new JsonSerializerOptions(json);
            json.TypeInfoResolver ??= new DefaultJsonTypeInfoResolver();
            json.MakeReadOnly(populateMissingResolver: true);
        }

        Json = json;
        MaxDepth = json.MaxDepth == 0 ? 64 : json.MaxDepth;
        HasPlainContracts = json.TypeInfoResolver is DefaultJsonTypeInfoResolver { Modifiers.Count: 0 };
        _create = type => ConverterFactory.Create(type, this);
    }

    /// <summary>The options over <see cref="JsonSerializerOptions.Web"/>: camelCase names, numbers in strings are read.</summary>
    public static PackSerializerOptions Default { get; } = new();

    /// <summary>The options of System.Text.Json that names and shapes follow; cannot be changed any more.</summary>
    public JsonSerializerOptions Json { get; }

    /// <summary>How deep arrays and maps may be nested, on writing and on reading: that of <see cref="Json"/>, 64 unless set.</summary>
    internal int MaxDepth { get; }

    /// <summary>Whether contracts come from reflection and no code has changed them, so that members do what they say.</summary>
    internal bool HasPlainContracts { get; }

    /// <summary>The converter of a type; made at the first call, the same at every later one.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <returns>The converter; that of a type without a form in MessagePack fails when it is used.</returns>
    public PackConverter<T> GetConverter<T>() => (PackConverter<T>)GetConverter(typeof(T));

    /// <summary>The converter of a type; made at the first call, the same at every later one.</summary>
    /// <param name="type">The type: closed, no pointer, no ref struct.</param>
    /// <returns>The converter; that of a type without a form in MessagePack fails when it is used.</returns>
    /// <exception cref="ArgumentException">No value can be of this type.</exception>
    public PackConverter GetConverter(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return _converters.TryGetValue(type, out var converter) ? converter : Make(type);
    }

    private PackConverter Make(Type type) => type.IsCollectible
        ? _unloadable.GetValue(type, _create.Invoke)
        : _converters.GetOrAdd(type, _create);
}
