using System.Buffers.Text;
using System.Text;

namespace Ducts.Redis;

/// <summary>Writes commands as arrays of bulk strings into a buffer of the calling thread, which keeps it for its next command.</summary>
internal static class RespWriter
{
    /// <summary>A larger buffer is not kept by the thread.</summary>
    private const int KeptBuffer = 128 * 1024;

    // "$", ten digits, CRLF and CRLF behind the bytes.
    private const int BulkOverhead = 16;

    [ThreadStatic]
    private static byte[]? t_buffer;

    /// <summary>Encodes a command.</summary>
    /// <returns>The bytes; valid until the thread encodes its next command.</returns>
    public static ReadOnlySpan<byte> Encode(string command, ReadOnlySpan<RedisArgument> arguments) =>
        Encode(command, default, arguments);

    /// <summary>Encodes a command whose arguments come in two parts.</summary>
    public static ReadOnlySpan<byte> Encode(string command, ReadOnlySpan<RedisArgument> first, ReadOnlySpan<RedisArgument> second)
    {
        var buffer = t_buffer ??= new byte[1024];
        var position = Append(ref buffer, 0, command, first, second);
        t_buffer = buffer.Length <= KeptBuffer ? buffer : null;
        return buffer.AsSpan(0, position);
    }

    /// <summary>Appends a command to a buffer, which grows as needed.</summary>
    /// <returns>The position behind the command.</returns>
    public static int Append(
        ref byte[] buffer, int position, string command, ReadOnlySpan<RedisArgument> first, ReadOnlySpan<RedisArgument> second = default)
    {
        Reserve(ref buffer, position, BulkOverhead);
        buffer[position++] = (byte)'*';
        position = WriteNumber(buffer, position, first.Length + second.Length + 1);
        position = WriteText(ref buffer, position, command);
        foreach (ref readonly var argument in first)
        {
            position = WriteArgument(ref buffer, position, argument);
        }

        foreach (ref readonly var argument in second)
        {
            position = WriteArgument(ref buffer, position, argument);
        }

        return position;
    }

    private static int WriteArgument(ref byte[] buffer, int position, in RedisArgument argument)
    {
        if (argument.Text is { } text)
        {
            return WriteText(ref buffer, position, text);
        }

        if (argument.IsBytes)
        {
            return WriteBytes(ref buffer, position, argument.Bytes);
        }

        if (argument.IsDefault)
        {
            throw new ArgumentNullException(nameof(argument), "An argument of a Redis command is null.");
        }

        Span<byte> number = stackalloc byte[32];
        return WriteBytes(ref buffer, position, number[..argument.FormatNumber(number)]);
    }

    private static int WriteText(ref byte[] buffer, int position, string text)
    {
        // Short text is most text: its length in bytes has as many digits as it can have at most, so it is encoded in
        // place behind a header of known size.
        var most = text.Length * 3L;
        if (most <= 99)
        {
            Reserve(ref buffer, position, BulkOverhead + (int)most);
            var length = Encoding.UTF8.GetBytes(text, buffer.AsSpan(position + 5));
            if (length > 9)
            {
                buffer[position] = (byte)'$';
                buffer[position + 1] = (byte)('0' + (length / 10));
                buffer[position + 2] = (byte)('0' + (length % 10));
                buffer[position + 3] = (byte)'\r';
                buffer[position + 4] = (byte)'\n';
                position += 5 + length;
            }
            else
            {
                buffer.AsSpan(position + 5, length).CopyTo(buffer.AsSpan(position + 4));
                buffer[position] = (byte)'$';
                buffer[position + 1] = (byte)('0' + length);
                buffer[position + 2] = (byte)'\r';
                buffer[position + 3] = (byte)'\n';
                position += 4 + length;
            }

            buffer[position] = (byte)'\r';
            buffer[position + 1] = (byte)'\n';
            return position + 2;
        }

        var count = Encoding.UTF8.GetByteCount(text);
        position = WriteHeader(ref buffer, position, count);
        position += Encoding.UTF8.GetBytes(text, buffer.AsSpan(position));
        buffer[position] = (byte)'\r';
        buffer[position + 1] = (byte)'\n';
        return position + 2;
    }

    private static int WriteBytes(ref byte[] buffer, int position, ReadOnlySpan<byte> bytes)
    {
        position = WriteHeader(ref buffer, position, bytes.Length);
        bytes.CopyTo(buffer.AsSpan(position));
        position += bytes.Length;
        buffer[position] = (byte)'\r';
        buffer[position + 1] = (byte)'\n';
        return position + 2;
    }

    private static int WriteHeader(ref byte[] buffer, int position, int length)
    {
        Reserve(ref buffer, position, BulkOverhead + (long)length);
        buffer[position++] = (byte)'$';
        return WriteNumber(buffer, position, length);
    }

    private static int WriteNumber(byte[] buffer, int position, int number)
    {
        if ((uint)number < 10)
        {
            buffer[position++] = (byte)('0' + number);
        }
        else
        {
            Utf8Formatter.TryFormat(number, buffer.AsSpan(position), out var written);
            position += written;
        }

        buffer[position] = (byte)'\r';
        buffer[position + 1] = (byte)'\n';
        return position + 2;
    }

    private static void Reserve(ref byte[] buffer, int position, long more)
    {
        var needed = position + more;
        if (needed <= buffer.Length)
        {
            return;
        }

        if (needed > Array.MaxLength)
        {
            throw new ArgumentException("The arguments of a Redis command are larger than 2 GiB together.");
        }

        Array.Resize(ref buffer, (int)Math.Min(Math.Max(needed, buffer.Length * 2L), Array.MaxLength));
    }
}
