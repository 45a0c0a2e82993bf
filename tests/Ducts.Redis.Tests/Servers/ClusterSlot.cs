namespace Ducts.Redis.Tests;

/// <summary>The slot of a key: CRC-16 (XModem) of the key, or of what stands between its first braces, modulo 16384.</summary>
internal static class ClusterSlot
{
    public const int Count = 16384;

    private static readonly ushort[] Table = MakeTable();

    public static int Of(string key) => Of(System.Text.Encoding.UTF8.GetBytes(key));

    public static int Of(ReadOnlySpan<byte> key)
    {
        var open = key.IndexOf((byte)'{');
        if (open >= 0)
        {
            var length = key[(open + 1)..].IndexOf((byte)'}');
            if (length > 0)
            {
                key = key.Slice(open + 1, length);
            }
        }

        ushort crc = 0;
        foreach (var letter in key)
        {
            crc = (ushort)((crc << 8) ^ Table[(crc >> 8) ^ letter]);
        }

        return crc % Count;
    }

    private static ushort[] MakeTable()
    {
        var table = new ushort[256];
        for (var i = 0; i < table.Length; i++)
        {
            var crc = (ushort)(i << 8);
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (ushort)((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
            }

            table[i] = crc;
        }

        return table;
    }
}
