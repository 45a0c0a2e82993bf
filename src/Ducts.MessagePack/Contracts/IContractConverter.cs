using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Contracts;

/// <summary>A record's or class's converter as polymorphic bases use it: with a pair that says which derived type this is.</summary>
internal interface IContractConverter
{
    /// <summary>Writes a value as a map that begins with a pair.</summary>
    void WriteDerived(ref PackWriter writer, object value, ReadOnlySpan<byte> packedPair);

    /// <summary>Reads a value from a map in which one name is no member.</summary>
    bool TryReadDerived(ref PackReader reader, scoped ReadOnlySpan<byte> ignoredName, out object? value, [NotNullWhen(false)] out MessagePackReadError? error);
}
