using System.Diagnostics.CodeAnalysis;
using Ducts.MessagePack.Contracts;

namespace Ducts.MessagePack.Converters;

/// <summary>
/// Stands for the converter of a record or class until its first use: contracts cost reflection, a start must not pay for
/// types that no request has used yet, and a type may contain itself.
/// </summary>
internal sealed class LazyConverter<T>(MessagePackSerializerOptions options) : MessagePackConverter<T?>
{
    private MessagePackConverter<T?>? _inner;

    public override void Write(ref MessagePackWriter writer, T? value) => (_inner ?? Create()).Write(ref writer, value);

    public override bool TryRead(ref MessagePackReader reader, out T? value, [NotNullWhen(false)] out MessagePackReadError? error)
        => (_inner ?? Create()).TryRead(ref reader, out value, out error);

    // Two threads may both make one; either is right.
    private MessagePackConverter<T?> Create() => _inner = ContractFactory.Create<T>(options);
}
