using System.Diagnostics.CodeAnalysis;
using Ducts.MessagePack.Contracts;

namespace Ducts.MessagePack.Converters;

/// <summary>
/// Stands for the converter of a record or class until its first use: contracts cost reflection, a start must not pay for
/// types that no request has used yet, and a type may contain itself.
/// </summary>
internal sealed class LazyConverter<T>(PackSerializerOptions options) : PackConverter<T?>
{
    private PackConverter<T?>? _inner;

    public override void Write(ref PackWriter writer, T? value) => (_inner ?? Create()).Write(ref writer, value);

    public override bool TryRead(ref PackReader reader, out T? value, [NotNullWhen(false)] out MessagePackReadError? error)
        => (_inner ?? Create()).TryRead(ref reader, out value, out error);

    // Two threads may both make one; either is right.
    private PackConverter<T?> Create() => _inner = ContractFactory.Create<T>(options);
}
