using System.Globalization;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Ducts.Tests.Protocol;

public sealed class VectorTests(RedisFixture redis)
{
    [Fact]
    public async Task Every_exchange_of_the_vectors_is_what_the_server_does()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.MalformedLimit = 1000, static app =>
        {
            app.MapEvent(2000, "ABSENT", (int? number) => number is null);
            app.MapEvent(2001, "FLOAT", (double number) => number.ToString(CultureInfo.InvariantCulture));
            app.MapEvent(2002, "CODE", (string text) => (int)text[0]);
        });
        Assert.True(ProtocolVector.All.Count > 60);
        foreach (var vector in ProtocolVector.All)
        {
            try
            {
                await using var client = await server.OpenAsync();
                await client.SendFrameAsync(vector.Request.Opcode, vector.Request.Bytes);
                foreach (var reply in vector.Replies)
                {
                    var (opcode, bytes) = await client.ReceiveBytesAsync();
                    reply.Check(opcode, bytes);
                }

                // And nothing else: the next message is the answer to the next request.
                Assert.Equal("[\"next\",1000,1]", await client.CallAsync("[\"next\",1000,1]"));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"{vector.Name}: {exception.Message}", exception);
            }
        }
    }
}
