using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Ducts.Server.Tests.Identity;

/// <summary>Filters around handlers that return a stream of bytes.</summary>
public class ByteStreamFilterTests(RedisFixture redis)
{
    [Theory]
    [InlineData("as it is", null)]
    [InlineData("wrapped", null)]
    [InlineData("read", "[1,3000,3]")]
    [InlineData("replaced", "[1,3000,\"none\"]")]
    [InlineData("lazily", null)]
    [InlineData("failed", "[1,-3000,\"ValueError('no')\"]")]
    public async Task The_stream_is_disposed_of_whatever_becomes_of_it(string what, string? answer)
    {
        var bytes = new NotedStream();
        await using var server = await GuardedServer.StartAsync(redis, map: app => app.MapEvent(3000, "BYTES", Stream (string what) => bytes).AddFilter<Rereads>());
        await using var client = await server.OpenAsync();

        var heard = await client.CallAsync($"[1, 3000, \"{what}\"]");

        await Until.TrueAsync(() => bytes.IsDisposed);
        Assert.Equal(what is "replaced" or "failed" ? 0 : 3, bytes.ReadBeforeItsEnd);
        if (answer is not null)
            Assert.Equal(answer, heard);
        Assert.Empty(server.Log.Errors);
    }

    private sealed class NotedStream : MemoryStream
    {
        public NotedStream()
            : base([1, 2, 3])
        {
        }

        public bool IsDisposed { get; private set; }

        public long ReadBeforeItsEnd { get; private set; }

        protected override void Dispose(bool disposing)
        {
            if (!IsDisposed)
                ReadBeforeItsEnd = Position;
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }

    private sealed class Rereads : IEventFilter
    {
        public async ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next)
        {
            var bytes = Assert.IsAssignableFrom<Stream>(await next(context));
            return context.Data.GetString() switch
            {
                "as it is" => bytes,
                "wrapped" => new BufferedStream(bytes),
                "read" => await bytes.ReadAsync(new byte[10]),
                "replaced" => "none",
                "lazily" => ReadAsync(bytes),
                _ => throw EventException.InvalidValue("no"),
            };
        }

        private static async IAsyncEnumerable<int> ReadAsync(Stream bytes)
        {
            await Task.Yield();
            for (var next = bytes.ReadByte(); next >= 0; next = bytes.ReadByte())
                yield return next;
        }
    }
}
