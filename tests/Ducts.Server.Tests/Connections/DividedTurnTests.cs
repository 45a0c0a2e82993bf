using Ducts.Connections;
using Ducts.Connections.Transport;
using Ducts.Protocol;
using Ducts.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Ducts.Tests.Connections;

/// <summary>When the next piece of a divided message may follow.</summary>
public class DividedTurnTests
{
    [Fact]
    public async Task A_divided_message_that_waited_beyond_the_limit_goes_on_without_receipts()
    {
        var connections = new ConnectionFactory(
            Options.Create(new DuctsOptions()),
            new DispatchWatch(TimeProvider.System),
            new TimerWheel(new DuctsOptions(), TimeProvider.System, new ConnectionLog(NullLoggerFactory.Instance)),
            TimeProvider.System,
            new ConnectionLog(NullLoggerFactory.Instance));
        var outbox = new Outbox(100_000);
        var connection = connections.Create(new Owner(outbox), WebSocketTransport.Over(Stream.Null, static () => { }));
        outbox.Attach(connection);
        outbox.Append(WireEncoding.MessagePack, new byte[90_000]);
        var turn = outbox.WaitForBulkAsync(CancellationToken.None).AsTask();
        outbox.Append(WireEncoding.MessagePack, new byte[150_000]);
        Assert.True(outbox.TryTake(connection, out var chunk));
        outbox.Release(chunk);
        Assert.True(outbox.TryTake(connection, out chunk));
        outbox.Release(chunk);
        Assert.Equal(0, outbox.Bytes);
        await turn.WaitAsync(Until.Patience);
    }

    private sealed class Owner(Outbox outbox) : IConnectionOwner
    {
        public string Name => "owner";

        public Outbox Outbox => outbox;

        public bool HasCapacity => true;

        public ValueTask WaitForCapacityAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public IMessageReceiver CreateReceiver(Connection connection) => throw new NotSupportedException();
    }
}
