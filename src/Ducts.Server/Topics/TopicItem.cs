using Ducts.Connections;
using Ducts.MessagePack;

namespace Ducts.Topics;

/// <summary>Holds a published item and its packed bytes, which all clients share.</summary>
/// <param name="value">The item.</param>
// Threading: the first thread that comes packs, others wait for it.
internal sealed class TopicItem<T>(T value)
{
    private readonly Lock _gate = new();
    private Packing? _packing;

    public T Value => value;

    public byte[] Pack(PackConverter<T> converter)
    {
        var packing = Volatile.Read(ref _packing) ?? PackFirst(converter);
        // Two servers in one process may stream the same topic, each with a serializer of its own.
        return packing.Converter == converter ? packing.Bytes : PackAnew(converter);
    }

    private Packing PackFirst(PackConverter<T> converter)
    {
        lock (_gate)
            return _packing ??= new Packing(converter, PackAnew(converter));
    }

    private byte[] PackAnew(PackConverter<T> converter)
    {
        var buffer = MessageBuffer.Rent();
        try
        {
            var writer = new PackWriter(buffer);
            converter.Write(ref writer, value);
            writer.Flush();
            return buffer.Written.ToArray();
        }
        finally
        {
            buffer.Return();
        }
    }

    private sealed record Packing(PackConverter<T> Converter, byte[] Bytes);
}
