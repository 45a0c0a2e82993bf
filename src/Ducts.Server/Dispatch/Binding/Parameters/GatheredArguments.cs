using System.Buffers.Binary;
using System.Buffers;
using System.Text;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Dispatch.Binding.Parameters;

/// <summary>A <c>params</c> list: by name a list, in an array all that the arguments before it leave, and empty when absent.</summary>
internal sealed class TailArgument<T>(ArgumentPlace place, PackConverter<T> converter) : DataArgument<T>(place, converter)
{
    private const byte Array32 = 0xdd;
    private const int HeaderSize = 5;

    public override bool TryGet(ref ArgumentFrame frame, out T value)
    {
        if (frame.TailCount < 0)
            return base.TryGet(ref frame, out value);

        // The rest of an array is no value by itself; with a header of its own it is one.
        var rest = frame.Data[frame.TailAt..];
        var rented = ArrayPool<byte>.Shared.Rent(HeaderSize + rest.Length);
        try
        {
            rented[0] = Array32;
            BinaryPrimitives.WriteInt32BigEndian(rented.AsSpan(1), frame.TailCount);
            rest.CopyTo(rented.AsSpan(HeaderSize));
            return TryRead(ref frame, rented.AsSpan(0, HeaderSize + rest.Length), out value);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    protected override bool TryGetAbsent(ref ArgumentFrame frame, out T value) => TryRead(ref frame, [0x90], out value);
}

/// <summary>The parameter marked <see cref="ExtraAttribute"/>: the names that bind no argument, with their values.</summary>
internal sealed class ExtraArgument<T>(ArgumentPlan plan, ArgumentName name, PackConverter<T> converter) : Argument<T>
{
    private const byte Map32 = 0xdf;
    private const int HeaderSize = 5;

    public override bool TryGet(ref ArgumentFrame frame, out T value)
    {
        if (!frame.IsByName)
            return TryRead(ref frame, [0x80], out value);

        var rented = ArrayPool<byte>.Shared.Rent(HeaderSize + frame.Data.Length);
        try
        {
            var length = Collect(frame.Data, rented, out var count);
            var map = rented.AsSpan(0, length);
            if (count > 1 && FirstDuplicate(map) is { } twice)
            {
                value = default!;
                return frame.Fail(ErrorNames.Type, BindingText.Twice(twice));
            }

            return TryRead(ref frame, map, out value);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Writes a map of the names that no argument has.</summary>
    /// <returns>The map's length in bytes.</returns>
    private int Collect(ReadOnlySpan<byte> data, byte[] destination, out int count)
    {
        count = 0;
        var length = HeaderSize;
        var reader = new PackReader(data);
        reader.TryReadMapHeader(out var pairs);
        for (var i = 0; i < pairs; i++)
        {
            var start = reader.Position;
            reader.TryReadStringBytes(out var key);
            reader.TrySkip(int.MaxValue);
            if (plan.Find(key, i) >= 0)
                continue;
            var pair = data[start..reader.Position];
            pair.CopyTo(destination.AsSpan(length));
            length += pair.Length;
            count++;
        }

        destination[0] = Map32;
        BinaryPrimitives.WriteInt32BigEndian(destination.AsSpan(1), count);
        return length;
    }

    private static string? FirstDuplicate(ReadOnlySpan<byte> map)
    {
        var reader = new PackReader(map);
        reader.TryReadMapHeader(out var pairs);
        var names = new HashSet<string>(pairs, StringComparer.Ordinal);
        for (var i = 0; i < pairs; i++)
        {
            reader.TryReadStringBytes(out var key);
            if (!names.Add(Encoding.UTF8.GetString(key)))
                return BindingText.Shown(key);
            reader.TrySkip(int.MaxValue);
        }

        return null;
    }

    private bool TryRead(ref ArgumentFrame frame, ReadOnlySpan<byte> map, out T value)
    {
        var reader = new PackReader(map);
        if (converter.TryRead(ref reader, out value!, out var error))
            return true;
        // The names stand in the data's own map, so that is where paths begin.
        return frame.Fail(BindingText.Unreadable(error, name.Text, isRoot: true));
    }
}
