using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

/// <summary>Types whose values are strings on the wire anyway; any other type is no key.</summary>
internal sealed class TextKey<TKey>(PackConverter<TKey> values) : KeyConverter<TKey>
{
    private static readonly bool IsText = typeof(TKey).IsEnum || Type.GetTypeCode(typeof(TKey)) is TypeCode.Char or TypeCode.Decimal or TypeCode.DateTime
        || typeof(TKey) == typeof(Guid) || typeof(TKey) == typeof(DateTimeOffset) || typeof(TKey) == typeof(DateOnly)
        || typeof(TKey) == typeof(TimeOnly) || typeof(TKey) == typeof(TimeSpan) || typeof(TKey) == typeof(Uri) || typeof(TKey) == typeof(Version);

    public override void Write(ref PackWriter writer, TKey key)
    {
        if (!IsText)
            throw new MessagePackWriteException($"A dictionary with keys of type {typeof(TKey)} cannot be packed: keys must be strings, numbers or the like.");
        values.Write(ref writer, key);
    }

    public override bool TryRead(ref PackReader reader, [MaybeNullWhen(false)] out TKey key, [NotNullWhen(false)] out MessagePackReadError? error)
        => IsText ? values.TryRead(ref reader, out key, out error) : Fail(reader, $"a key of type {typeof(TKey).Name}, which has no form in MessagePack", out key, out error);
}
