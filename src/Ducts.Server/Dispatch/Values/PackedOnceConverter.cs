using System.Runtime.CompilerServices;
using Ducts.Connections;
using Ducts.MessagePack;

namespace Ducts.Dispatch.Values;

/// <summary>
/// A converter of values that many sessions are sent: all followers of a stream are given the same object, which is
/// packed once for all of them; what was packed is kept as long as the object is.
/// </summary>
// Threading: one thread packs at a time; what is packed is read without the gate.
internal abstract class PackedOnceConverter<T> : WriteOnlyConverter<T>
    where T : class
{
    private readonly Lock _gate = new();
    private readonly ConditionalWeakTable<T, byte[]> _packed = [];

    /// <summary>Values ever packed; all others were copies.</summary>
    public long Packings { get; private set; }

    public sealed override void Write(ref PackWriter writer, T value)
    {
        if (value is null)
        {
            writer.WriteNil();
            return;
        }

        if (!_packed.TryGetValue(value, out var packed))
            packed = PackOnce(value);
        writer.WriteRaw(packed);
    }

    protected abstract void Pack(ref PackWriter writer, T value);

    private byte[] PackOnce(T value)
    {
        lock (_gate)
        {
            if (_packed.TryGetValue(value, out var packed))
                return packed;
            var buffer = new MessageBuffer();
            var writer = new PackWriter(buffer);
            Pack(ref writer, value);
            writer.Flush();
            packed = buffer.Written.ToArray();
            buffer.Return();
            _packed.Add(value, packed);
            Packings++;
            return packed;
        }
    }
}
