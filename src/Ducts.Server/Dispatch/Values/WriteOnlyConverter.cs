using System.Diagnostics.CodeAnalysis;
using Ducts.MessagePack;

namespace Ducts.Dispatch.Values;

/// <summary>A converter of values that a server sends and never receives.</summary>
internal abstract class WriteOnlyConverter<T> : PackConverter<T>
{
    public override bool TryRead(ref PackReader reader, [MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = default;
        error = MessagePackReadError.At(reader, $"nothing, for a {typeof(T).Name} is only sent");
        return false;
    }
}
