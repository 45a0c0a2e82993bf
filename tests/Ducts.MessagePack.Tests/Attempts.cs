namespace Ducts.MessagePack.Tests;

/// <summary>Tries every way of reading the same bytes.</summary>
public static class Attempts
{
    private const int Ways = 14;

    public static bool AllKeepThePositionUnlessOk(ReadOnlySpan<byte> bytes)
    {
        for (var way = 0; way < Ways; way++)
        {
            var reader = new PackReader(bytes);
            var status = Try(ref reader, way);
            if (status == MessagePackStatus.Ok ? way != 0 && reader.Position == 0 : reader.Position != 0)
                return false;
            if (reader.Position > bytes.Length || !Enum.IsDefined(status))
                return false;
        }

        return true;
    }

    private static MessagePackStatus Try(ref PackReader reader, int way) => way switch
    {
        0 => reader.TryPeekKind(out _),
        1 => reader.TryReadNil(),
        2 => reader.TryReadBoolean(out _),
        3 => reader.TryReadInt32(out _),
        4 => reader.TryReadInt64(out _),
        5 => reader.TryReadUInt64(out _),
        6 => reader.TryReadDouble(out _),
        7 => reader.TryReadSingle(out _),
        8 => reader.TryReadString(out _),
        9 => reader.TryReadBinary(out _),
        10 => reader.TryReadArrayHeader(out _),
        11 => reader.TryReadMapHeader(out _),
        12 => reader.TryReadExtension(out _, out _),
        _ => reader.TryReadTimestamp(out _),
    };
}
