using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Ducts.Connections;

/// <summary>What counts as one client: an IPv4 address, or the IPv6 network of 64 bits that one customer has at least.</summary>
internal readonly record struct ClientNetwork(bool IsIPv6, ulong Bits)
{
    public static ClientNetwork Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6)
        {
            address.TryWriteBytes(bytes, out _);
            return new(true, BinaryPrimitives.ReadUInt64BigEndian(bytes));
        }

        address.MapToIPv4().TryWriteBytes(bytes, out _);
        return new(false, BinaryPrimitives.ReadUInt32BigEndian(bytes));
    }
}
