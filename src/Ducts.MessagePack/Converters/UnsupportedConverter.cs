using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

/// <summary>Stands for a type that has no form on the wire, so that asking for its converter is no error yet.</summary>
internal sealed class UnsupportedConverter<T>(string reason) : PackConverter<T>
{
    public override void Write(ref PackWriter writer, T value) => throw new MessagePackWriteException(reason);

    public override bool TryRead(ref PackReader reader, [MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out MessagePackReadError? error)
        => Fail(reader, $"a value of type {typeof(T)}, which has no form in MessagePack", out value, out error);
}
