using System.Net.Sockets;
using Ducts.Connections.Transport;
using Ducts.Tests.Support;

namespace Ducts.Tests.Connections;

public sealed class PeerStateTests
{
    private static readonly TimeSpan After = TimeSpan.FromSeconds(9);

    [Theory]
    [InlineData(9, 1, 0, true)]
    [InlineData(9, 0, 2, true)]
    // One probe may get lost.
    [InlineData(9, 0, 1, false)]
    // It answers, though it may have no room.
    [InlineData(8, 5, 0, false)]
    [InlineData(8, 0, 5, false)]
    // Nobody has asked it.
    [InlineData(900, 0, 0, false)]
    public void A_peer_is_lost_that_was_asked_more_than_once_and_answers_nothing(int silence, byte retransmits, byte probes, bool isLost) =>
        Assert.Equal(isLost, new PeerState(TimeSpan.FromSeconds(silence), 1, retransmits, probes).IsLost(After));

    [Fact]
    public async Task A_peer_that_does_not_read_is_not_taken_for_lost()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems do not tell.");
        var (ours, peer) = await SocketPair.ConnectAsync(static listening => KeepAlive.Set(listening, TimeSpan.FromSeconds(1.5)));
        using var socket = new OwnedSocket(ours, default);
        using (peer)
        {
            var block = new byte[64 * 1024];
            while (socket.TrySend(block) > 0)
            {
            }

            // Its system has been asked, and has answered that it has no room.
            await Until.TrueAsync(() => socket.FindPeerState() is { Unacknowledged: 0 } && socket.TrySend(block) == 0);
            Assert.Equal(0, socket.FindPeerState()!.Value.Retransmits);
            Assert.False(socket.FindPeerState()!.Value.IsLost(TimeSpan.Zero));
        }
    }

    [Fact]
    public async Task Accepted_sockets_have_the_keep_alive_of_the_listening_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems do not tell.");
        var (ours, peer) = await SocketPair.ConnectAsync(static listening => KeepAlive.Set(listening, TimeSpan.FromSeconds(1.5)));
        using (ours)
        using (peer)
        {
            Assert.NotEqual(0, ours.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
            Assert.Equal(2, ours.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime));
            Assert.Equal(2, ours.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval));
            Assert.Equal(2, ours.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount));
        }
    }
}
