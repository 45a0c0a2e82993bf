using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;
using Ducts.MessagePack.Converters;

namespace Ducts.MessagePack.Contracts;

/// <summary>Records, classes and structs as maps.</summary>
internal sealed class ContractConverter<T> : PackConverter<T?>, IContractConverter
{
    private readonly JsonTypeInfo<T> _info;
    private readonly PackSerializerOptions _options;
    private readonly Member<T>[] _written;
    private readonly bool _isConditional;
    private readonly ExtensionData? _extension;
    private readonly ContractReader<T> _reader;

    public ContractConverter(JsonTypeInfo<T> info, PackSerializerOptions options)
    {
        _info = info;
        _options = options;
        var members = new List<Member<T>>();
        foreach (var property in info.Properties.OrderBy(static p => p.Order))
        {
            if (property.IsExtensionData)
                _extension = new ExtensionData(property, options);
            else
                members.Add(MemberFactory.Create<T>(property, members.Count, options));
        }

        _written = [.. members.Where(static member => member.CanWrite)];
        _isConditional = Array.Exists(_written, static member => member.IsConditional);
        _reader = new ContractReader<T>(info, [.. members], _extension, options);
    }

    public override void Write(ref PackWriter writer, T? value)
    {
        if (!typeof(T).IsValueType && value is null)
            writer.WriteNil();
        else
            WriteMap(ref writer, value!, default);
    }

    public override bool TryRead(ref PackReader reader, out T? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = default;
        error = null;
        if (!typeof(T).IsValueType && reader.TryReadNil() == MessagePackStatus.Ok)
            return true;
        return _reader.TryRead(ref reader, default, out value, out error);
    }

    public void WriteDerived(ref PackWriter writer, object value, ReadOnlySpan<byte> packedPair) => WriteMap(ref writer, (T)value, packedPair);

    public bool TryReadDerived(ref PackReader reader, scoped ReadOnlySpan<byte> ignoredName, out object? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        var done = _reader.TryRead(ref reader, ignoredName, out var typed, out error);
        value = typed;
        return done;
    }

    private void WriteMap(ref PackWriter writer, T value, ReadOnlySpan<byte> packedPair)
    {
        _info.OnSerializing?.Invoke(value!);
        writer.Enter(_options.MaxDepth);
        var more = (packedPair.IsEmpty ? 0 : 1) + (_extension?.Count(value!) ?? 0);
        if (_isConditional)
        {
            WriteConditional(ref writer, ref value, more, packedPair);
        }
        else
        {
            writer.WriteMapHeader(_written.Length + more);
            writer.WriteRaw(packedPair);
            foreach (var member in _written)
            {
                writer.WriteRaw(member.PackedName);
                member.Write(ref writer, ref value);
            }
        }

        _extension?.Write(ref writer, value!);
        writer.Leave();
        _info.OnSerialized?.Invoke(value!);
    }

    private void WriteConditional(ref PackWriter writer, ref T value, int more, ReadOnlySpan<byte> packedPair)
    {
        // The header counts, so every condition is asked before the first member is written.
        var isWritten = _written.Length <= 64 ? stackalloc bool[64] : new bool[_written.Length];
        var count = more;
        for (var i = 0; i < _written.Length; i++)
        {
            isWritten[i] = !_written[i].IsConditional || _written[i].IsWritten(ref value);
            count += isWritten[i] ? 1 : 0;
        }

        writer.WriteMapHeader(count);
        writer.WriteRaw(packedPair);
        for (var i = 0; i < _written.Length; i++)
        {
            if (!isWritten[i])
                continue;
            writer.WriteRaw(_written[i].PackedName);
            _written[i].Write(ref writer, ref value);
        }
    }
}
