using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Ducts.MessagePack.Converters;

namespace Ducts.MessagePack;

/// <summary>
/// Specifies how C# values are packed and unpacked. Names and shapes of records and classes follow the options and
/// attributes of System.Text.Json, so a type has the same form on the wire and in a Web API. Instances are thread-safe.
/// </summary>
public sealed class PackSerializerOptions
{
    private readonly ConcurrentDictionary<Type, PackConverter> _converters = new();

    // Apart and weak: options live as long as the process, and must not keep code in memory that is to be unloaded.
    private readonly ConditionalWeakTable<Type, PackConverter> _unloadable = [];
    private readonly Func<Type, PackConverter> _create;

    /// <summary>Creates options from those of System.Text.Json.</summary>
    /// <param name="json">Names, ignored members, converters and limits of depth; null for <see cref="JsonSerializerOptions.Web"/>.</param>
    /// <param name="converters">Converters that replace the built-in ones for their types.</param>
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

    /// <summary>Gets the default options, from <see cref="JsonSerializerOptions.Web"/>: names are in camelCase, and numbers in strings are accepted.</summary>
    public static PackSerializerOptions Default { get; } = new();

    /// <summary>Gets the read-only options of System.Text.Json that names and shapes follow.</summary>
    public JsonSerializerOptions Json { get; }

    /// <summary>Gets <see cref="Json"/> for what System.Text.Json reads itself of a message.</summary>
    internal JsonSerializerOptions FallbackJson => field ??= Fallback(Json);

    /// <summary>Gets the highest number of nested arrays and maps when writing and reading, from <see cref="Json"/>. Default: 64.</summary>
    internal int MaxDepth { get; }

    /// <summary>Whether contracts come from reflection and no code has changed them, so that members do what they say.</summary>
    internal bool HasPlainContracts { get; }

    /// <summary>Returns the converter of a type. It is created at the first call and cached.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <returns>The converter; that of a type without a form in MessagePack fails when it is used.</returns>
    public PackConverter<T> GetConverter<T>() => (PackConverter<T>)GetConverter(typeof(T));

    /// <summary>Returns the converter of a type. It is created at the first call and cached.</summary>
    /// <param name="type">The type: closed, no pointer, no ref struct.</param>
    /// <returns>The converter; that of a type without a form in MessagePack fails when it is used.</returns>
    /// <exception cref="ArgumentException">No value can be of this type.</exception>
    public PackConverter GetConverter(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return _converters.TryGetValue(type, out var converter) ? converter : Make(type);
    }

    /// <summary>Returns read-only options that are like others but for the comparers of dictionaries and sets.</summary>
    internal static JsonSerializerOptions Fallback(JsonSerializerOptions json)
    {
        var fallback = new JsonSerializerOptions(json).UseRandomizedComparers();
        fallback.MakeReadOnly();
        return fallback;
    }

    private PackConverter Make(Type type) => type.IsCollectible
        ? _unloadable.GetValue(type, _create.Invoke)
        : _converters.GetOrAdd(type, _create);
}
