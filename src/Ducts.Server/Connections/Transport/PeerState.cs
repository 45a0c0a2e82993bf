using System.Buffers.Binary;

namespace Ducts.Connections.Transport;

/// <summary>What the system knows of whether the peer of a socket is still there.</summary>
/// <param name="SinceAcknowledged">How long ago the peer's system last answered anything: bytes, or a probe of TCP keep-alive.</param>
/// <param name="Unacknowledged">Segments that were sent and not answered.</param>
/// <param name="Retransmits">How often the oldest of them has been sent again in vain.</param>
/// <param name="Probes">Probes that were not answered.</param>
internal readonly record struct PeerState(TimeSpan SinceAcknowledged, uint Unacknowledged, byte Retransmits, byte Probes)
{
    /// <summary>The part of Linux' <c>struct tcp_info</c> that is read.</summary>
    public const int Size = LastAcknowledged + sizeof(uint);

    private const int RetransmitsAt = 2;
    private const int ProbesAt = 3;
    private const int UnacknowledgedAt = 24;
    private const int LastAcknowledged = 56;

    private const byte LostProbes = 2;

    /// <summary>Gets whether an answer of the peer's system is due.</summary>
    public bool IsAwaited => Unacknowledged > 0 || Probes > 0;

    public static PeerState Read(ReadOnlySpan<byte> info) => new(
        TimeSpan.FromMilliseconds(BinaryPrimitives.ReadUInt32LittleEndian(info[LastAcknowledged..])),
        BinaryPrimitives.ReadUInt32LittleEndian(info[UnacknowledgedAt..]),
        info[RetransmitsAt],
        info[ProbesAt]);

    /// <summary>
    /// Returns whether the peer is lost: asked more than once, it has answered nothing for a time. One that lives and does not read
    /// answers.
    /// </summary>
    public bool IsLost(TimeSpan after) => SinceAcknowledged >= after && (Retransmits > 0 || Probes >= LostProbes);
}
