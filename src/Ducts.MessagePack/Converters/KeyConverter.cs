using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

/// <summary>Keys of dictionaries: always strings on the wire, since that is what every client can use. Integers are read too.</summary>
internal abstract class KeyConverter<TKey>
{
    public static KeyConverter<TKey> Create(PackSerializerOptions options)
    {
        var type = typeof(TKey);
        if (type == typeof(string))
            return (KeyConverter<TKey>)(object)new StringKey(options.Json.DictionaryKeyPolicy);
        if (type == typeof(bool))
            return (KeyConverter<TKey>)(object)new BooleanKey();
        if (type == typeof(object))
            return (KeyConverter<TKey>)(object)new ObjectKey(options);
        if (!type.IsEnum && (Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.Double || type == typeof(Int128) || type == typeof(UInt128)))
            return (KeyConverter<TKey>)Activator.CreateInstance(typeof(NumberKey<>).MakeGenericType(type), options.GetConverter<TKey>())!;
        return new TextKey<TKey>(options.GetConverter<TKey>());
    }

    public abstract void Write(ref PackWriter writer, TKey key);

    public abstract bool TryRead(ref PackReader reader, [MaybeNullWhen(false)] out TKey key, [NotNullWhen(false)] out MessagePackReadError? error);

    protected static bool Fail(in PackReader reader, string expected, [MaybeNullWhen(false)] out TKey key, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        key = default;
        error = MessagePackReadError.At(reader, expected);
        return false;
    }
}
