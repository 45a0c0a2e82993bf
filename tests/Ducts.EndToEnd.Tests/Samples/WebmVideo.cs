using System.Buffers.Binary;
using System.Text;
using Microsoft.Playwright;

namespace Ducts.EndToEnd.Samples;

/// <summary>A WebM video made of pictures that Chromium draws: a lossy WebP is a key frame of VP8.</summary>
internal static class WebmVideo
{
    private const int Width = 320;
    private const int Height = 240;

    /// <summary>Larger than what a browser reads ahead.</summary>
    private const int Padding = 300_000;

    /// <summary>Makes a video of one picture a second. Its index is at the end, so that a player has to ask for that part.</summary>
    public static async Task<byte[]> MakeAsync(IPage page, int seconds)
    {
        var pictures = await page.EvaluateAsync<string[]>(
            """
            async ([width, height, count]) => {
              const canvas = Object.assign(document.createElement("canvas"), { width, height });
              const context = canvas.getContext("2d", { alpha: false });
              const pictures = [];
              for (let i = 0; i < count; i++) {
                context.fillStyle = `hsl(${i * 360 / count} 80% 50%)`;
                context.fillRect(0, 0, width, height);
                pictures.push(canvas.toDataURL("image/webp", 0.8).split(",")[1]);
              }
              return pictures;
            }
            """,
            new[] { Width, Height, seconds });
        return Mux([.. pictures.Select(static picture => FrameOf(Convert.FromBase64String(picture)))]);
    }

    private static byte[] FrameOf(byte[] webp)
    {
        for (var at = 12; at + 8 <= webp.Length;)
        {
            var size = BinaryPrimitives.ReadInt32LittleEndian(webp.AsSpan(at + 4));
            if (Encoding.ASCII.GetString(webp, at, 4) == "VP8 ")
            {
                return webp[(at + 8)..(at + 8 + size)];
            }

            at += 8 + size + (size & 1);
        }

        throw new InvalidDataException("The picture is no lossy WebP.");
    }

    private static byte[] Mux(byte[][] frames)
    {
        var head = Element(
            0x1A45DFA3,
            [.. Number(0x4286, 1), .. Number(0x42F7, 1), .. Number(0x42F2, 4), .. Number(0x42F3, 8), .. Element(0x4282, "webm"u8), .. Number(0x4287, 2), .. Number(0x4285, 2)]);
        var duration = new byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(duration, frames.Length * 1000.0);
        byte[] info = Element(0x1549A966, [.. Number(0x2AD7B1, 1_000_000), .. Element(0x4489, duration), .. Element(0x4D80, "test"u8), .. Element(0x5741, "test"u8)]);
        byte[] tracks = Element(
            0x1654AE6B,
            Element(
                0xAE,
                [.. Number(0xD7, 1), .. Number(0x73C5, 1), .. Number(0x83, 1), .. Element(0x86, "V_VP8"u8), .. Element(0xE0, [.. Number(0xB0, Width), .. Number(0xBA, Height)])]));

        // The position of the index is not known yet, but how long it is written is.
        var seekLength = SeekHead(0).Length;
        var body = new MemoryStream();
        var cues = new MemoryStream();
        for (var i = 0; i < frames.Length; i++)
        {
            var position = seekLength + info.Length + tracks.Length + body.Length;
            cues.Write(Element(0xBB, [.. Number(0xB3, i * 1000), .. Element(0xB7, [.. Number(0xF7, 1), .. Number(0xF1, position)])]));
            body.Write(Element(0x1F43B675, [.. Number(0xE7, i * 1000), .. Element(0xA3, [0x81, 0, 0, 0x80, .. frames[i]]), .. Element(0xEC, new byte[Padding])]));
        }

        byte[] segment = [.. SeekHead(seekLength + info.Length + tracks.Length + body.Length), .. info, .. tracks, .. body.ToArray(), .. Element(0x1C53BB6B, cues.ToArray())];
        return [.. head, .. Element(0x18538067, segment)];
    }

    private static byte[] SeekHead(long position) =>
        Element(0x114D9B74, Element(0x4DBB, [.. Element(0x53AB, [0x1C, 0x53, 0xBB, 0x6B]), .. Number(0x53AC, position)]));

    private static byte[] Number(uint id, long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return Element(id, bytes);
    }

    /// <summary>An element of EBML: its id, its size in eight bytes, its content.</summary>
    private static byte[] Element(uint id, ReadOnlySpan<byte> content)
    {
        var head = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(head, id);
        var size = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(size, (uint)content.Length + (1L << 56));
        return [.. head.SkipWhile(static part => part == 0), .. size, .. content];
    }
}
