namespace Ducts.Client.Tests;

public sealed class GatheringStreamTests : IDisposable
{
    private readonly WritesOf _writes = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _writes.Dispose();

    [Theory]
    [InlineData(10, 1)]
    [InlineData(16 * 1024, 1)]
    [InlineData((16 * 1024) + 1, 2)]
    public async Task What_is_held_leaves_first_and_with_what_is_not(int size, int writes)
    {
        await using var stream = new GatheringStream(_writes) { Holds = true };
        var held = new byte[100];
        held.AsSpan().Fill(0x82);
        await stream.WriteAsync(held, Token);
        await stream.FlushAsync(Token);
        await stream.WriteAsync(held.AsMemory(0, 7), Token);
        Assert.Empty(_writes.All);
        stream.Holds = false;
        await stream.WriteAsync(new byte[size], Token);
        Assert.Equal(writes, _writes.All.Count);
        Assert.Equal([.. Enumerable.Repeat<byte>(0x82, 107), .. new byte[size]], _writes.All.SelectMany(static bytes => bytes));
        await stream.WriteAsync(held, Token);
        Assert.Equal(held, _writes.All[^1]);
    }

    [Fact]
    public async Task A_close_frame_is_not_held_back_and_takes_along_what_is()
    {
        await using var stream = new GatheringStream(_writes) { Holds = true };
        await stream.WriteAsync(new byte[] { 0x82, 1 }, Token);
        await stream.WriteAsync(new byte[] { 0x88, 2 }, Token);
        Assert.Equal([0x82, 1, 0x88, 2], Assert.Single(_writes.All));
    }

    private sealed class WritesOf : MemoryStream
    {
        public List<byte[]> All { get; } = [];

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            All.Add(buffer.ToArray());
            return default;
        }
    }
}
