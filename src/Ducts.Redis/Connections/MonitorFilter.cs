using System.Runtime.InteropServices;
using System.Text;

namespace Ducts.Redis.Connections;

/// <summary>
/// Takes the lines of MONITOR (<c>+1700000000.123456 [0 …] …</c>) out of a stream of replies. Other replies on such a
/// connection are single lines (statuses and errors), as nothing but MONITOR and heartbeats is sent on it.
/// </summary>
// Threading: the connection's one reader.
internal sealed class MonitorFilter(Action<string> line)
{
    private readonly List<byte> _line = [];
    private readonly List<byte> _kept = [];

    /// <summary>Takes a received piece in; <see cref="Drain"/> gives what is not MONITOR's.</summary>
    public void Add(ReadOnlySpan<byte> received)
    {
        foreach (var letter in received)
        {
            _line.Add(letter);
            if (letter != (byte)'\n')
            {
                continue;
            }

            if (_line.Count > 3 && _line[0] == (byte)'+' && char.IsAsciiDigit((char)_line[1]))
            {
                line(Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(_line)[1..^2]));
            }
            else
            {
                _kept.AddRange(_line);
            }

            _line.Clear();
        }
    }

    /// <summary>Moves what was kept to a buffer and returns its length; 0 if there is nothing.</summary>
    public int Drain(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _kept.Count);
        CollectionsMarshal.AsSpan(_kept)[..count].CopyTo(buffer);
        _kept.RemoveRange(0, count);
        return count;
    }
}
