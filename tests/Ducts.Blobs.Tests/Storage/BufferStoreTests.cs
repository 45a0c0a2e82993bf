using System.IO.Pipelines;
using System.Security.Cryptography;
using Ducts.Blobs.Storage;
using Ducts.Blobs.Web;
using Ducts.Redis;
using Ducts.Redis.Tests;

namespace Ducts.Blobs.Tests.Storage;

/// <summary>Buffers that expire, are cancelled, or are appended to at once.</summary>
public sealed class BufferStoreTests : StoresTests
{
    private const int Size = ContentReader.PieceSize;

    [Fact]
    public async Task A_buffer_that_expired_between_two_appends_is_gone_and_leaves_nothing()
    {
        var buffer = await Stores.FillAsync([1, 2, 3]);
        await Redis.CliAsync("DEL", await KeyAsync());

        await AssertAbsentAsync(() => AppendAsync(buffer, [4, 5, 6, 7]));
        await AssertAbsentAsync(() => AppendAsync(buffer, [4, 5, 6, 7]));

        await AssertAbsentAsync(() => Stores.AddByBufferAsync("g", "a", buffer));
        Assert.Equal("", await KeyAsync());
    }

    [Fact]
    public async Task A_buffer_that_expired_before_it_was_taken_is_gone()
    {
        var buffer = await Stores.FillAsync([1, 2, 3]);
        await Redis.CliAsync("DEL", await KeyAsync());

        await AssertAbsentAsync(() => Stores.AddByBufferAsync("g", "a", buffer));
    }

    [Theory]
    [InlineData(2 * Size)]
    [InlineData(null)]
    public async Task An_upload_whose_buffer_expires_midway_fails_and_leaves_nothing(int? announced)
    {
        var body = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var receiving = Upload.ReceiveAsync(Stores.Buffers, body.Reader, announced, long.MaxValue, default);
        await body.Writer.WriteAsync(new byte[Size]);
        await Until.TrueAsync(async () => await KeyAsync() is { Length: > 0 } key && await Redis.CliAsync("STRLEN", key) != "0", "the first piece is there");
        await Redis.CliAsync("DEL", await KeyAsync());
        // The last piece makes the value as long as it is meant to be.
        await body.Writer.WriteAsync(new byte[Size]);
        await body.Writer.CompleteAsync();

        await AssertAbsentAsync(() => receiving);

        Assert.Equal("", await KeyAsync());
    }

    [Fact]
    public async Task Whatever_stands_in_the_place_of_an_expired_buffer_has_a_time_to_live()
    {
        await Assert.ThrowsAsync<EventException>(() => Stores.Buffers.WriteAsync(Stores.Owner, "none", 10, new byte[] { 1 }, default));

        Assert.InRange(int.Parse(await Redis.CliAsync("TTL", await KeyAsync())), 1, 3600);
    }

    [Theory]
    [InlineData(100_000_000, 8 * Size)]
    [InlineData(3 * Size, 3 * Size)]
    [InlineData(null, Size)]
    public async Task An_upload_gets_room_for_what_it_announces_but_not_for_much_more_than_has_come(int? announced, int room)
    {
        var body = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var receiving = Upload.ReceiveAsync(Stores.Buffers, body.Reader, announced, long.MaxValue, default);
        var bytes = RandomNumberGenerator.GetBytes(Size);
        await body.Writer.WriteAsync(bytes);
        await Until.TrueAsync(
            async () => await KeyAsync() is { Length: > 0 } key && await Redis.CliAsync("STRLEN", key) == $"{room}" && await BeginningAsync(key) == bytes[0],
            "the first piece is there");
        await body.Writer.CompleteAsync(new IOException("broken off"));

        await Assert.ThrowsAsync<IOException>(() => receiving);
        Assert.Equal("", await KeyAsync());

        async Task<int> BeginningAsync(string key) => (await Client.ExecuteAsync("GETRANGE", key, 0, 0)).AsBytes().Span[0];
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Size)]
    [InlineData((9 * Size) + 17)]
    public async Task Pieces_of_an_upload_come_to_their_places(int size)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        foreach (var announced in (long?[])[size, null])
        {
            await using var upload = await Upload.ReceiveAsync(Stores.Buffers, PipeReader.Create(new MemoryStream(bytes)), announced, size, default);

            Assert.Equal((BlobKeys.Hash(bytes), size), (upload!.Source.Cid, (int)upload.Source.Length));
            var stored = (await Client.ExecuteAsync("GET", await KeyAsync())).AsBytes();
            Assert.True(stored.Span.SequenceEqual(bytes));
        }
    }

    [Fact]
    public async Task Appends_at_once_are_all_there_each_in_one_piece()
    {
        var buffer = await Stores.FillAsync([]);
        var pieces = Enumerable.Range(1, 40).Select(static i => Enumerable.Repeat((byte)i, 1000 * i).ToArray()).ToList();

        var lengths = await Task.WhenAll(pieces.Select(piece => AppendAsync(buffer, piece)));

        var whole = pieces.Zip(lengths).OrderBy(static pair => pair.Second).SelectMany(static pair => pair.First).ToArray();
        await AssertContentAsync(buffer, whole);
    }

    [Fact]
    public async Task A_buffer_is_whole_after_an_append_that_was_not_answered()
    {
        var buffer = await Stores.FillAsync([1, 2]);
        await Redis.CliAsync("CLIENT", "PAUSE", "60000", "WRITE");
        var appending = AppendAsync(buffer, [3]);
        await Until.TrueAsync(async () => (await Redis.CliAsync("INFO", "clients")).Contains("blocked_clients:1", StringComparison.Ordinal), "the append waits");
        await Redis.CliAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        await Assert.ThrowsAnyAsync<Exception>(() => appending);
        await Redis.CliAsync("CLIENT", "UNPAUSE");

        Assert.Equal(3, await AppendAsync(buffer, [4]));

        await AssertContentAsync(buffer, [1, 2, 4]);
    }

    [Fact]
    public async Task A_change_that_has_begun_is_not_cancelled()
    {
        var buffer = await Stores.FillAsync([1]);
        using var cancelling = new CancellationTokenSource();
        await Redis.CliAsync("CLIENT", "PAUSE", "60000", "WRITE");
        var appending = Stores.Buffers.AppendAsync(Stores.Owner, buffer, new byte[] { 2 }, cancelling.Token);
        await Until.TrueAsync(async () => (await Redis.CliAsync("INFO", "clients")).Contains("blocked_clients:1", StringComparison.Ordinal), "the append waits");
        await cancelling.CancelAsync();
        Assert.False(appending.IsCompleted);
        await Redis.CliAsync("CLIENT", "UNPAUSE");

        Assert.Equal(2, await appending);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Stores.Buffers.AppendAsync(Stores.Owner, buffer, new byte[] { 3 }, cancelling.Token));
        await AssertContentAsync(buffer, [1, 2]);
    }

    private static async Task AssertAbsentAsync(Func<Task> action)
    {
        var exception = await Assert.ThrowsAsync<EventException>(action);
        Assert.StartsWith("there is no buffer '", exception.Message, StringComparison.Ordinal);
    }

    private Task<long> AppendAsync(string buffer, byte[] bytes) => Stores.Buffers.AppendAsync(Stores.Owner, buffer, bytes, default);

    private Task<string> KeyAsync() => Redis.CliAsync("KEYS", "BLOBS/BUFFER/*");

    private async Task AssertContentAsync(string buffer, byte[] bytes)
    {
        await Stores.AddByBufferAsync("g", "a", buffer);
        var content = await Stores.Reader.GetAsync("g", "a", "", "", default);
        Assert.Equal((BlobKeys.Hash(bytes), bytes.Length), (content.Cid, (int)await Stores.Reader.LengthOfAsync(content, default)));
        var position = 0;
        await foreach (var piece in Stores.Reader.ReadAsync(content, 0, bytes.Length, default))
        {
            Assert.True(piece.Span.SequenceEqual(bytes.AsSpan(position, piece.Length)));
            position += piece.Length;
        }

        Assert.Equal(bytes.Length, position);
    }
}
