using System.Runtime.CompilerServices;
using Ducts.Cli.Hosting;

namespace Ducts.Cli;

public sealed class MemoryReturnTests
{
    private const int MiB = 1024 * 1024;

    [Theory]
    [InlineData("0 5000 20 20", 3)]
    [InlineData("5000 4000 3000 2000 1000 1000 1000", 5)]
    [InlineData("5000 1500 1490 1490", 2)]
    [InlineData("20000 10000 10000", 2)]
    [InlineData("20000 10001 10001")]
    [InlineData("1100 101 101")]
    [InlineData("1100 100 100", 2)]
    [InlineData("900 0 0")]
    [InlineData("0 0 0 10 0")]
    [InlineData("5000 10 10 10 1500 10 10", 2, 6)]
    [InlineData("5000 10 10 900 10 10", 2)]
    public void An_ebb_is_seen_once_when_it_is_over(string counts, params int[] seen)
    {
        var ebb = new SessionEbb();

        var ebbs = counts.Split(' ').Select(int.Parse).Select(ebb.HasEbbed).ToArray();

        Assert.Equal(seen, Enumerable.Range(0, ebbs.Length).Where(i => ebbs[i]));
    }

    [Fact]
    public async Task Memory_goes_back_when_little_lives_and_a_large_heap_is_not_stopped()
    {
        var before = Committed();
        var large = Allocate(300);
        Assert.InRange(Committed(), before + (250L * MiB), long.MaxValue);

        Assert.False(await MemoryReturn.ReturnAsync(TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.Equal(300, large.Length);
        large = null;

        Assert.True(await MemoryReturn.ReturnAsync(TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.InRange(GC.GetGCMemoryInfo(GCKind.FullBlocking).TotalCommittedBytes, 0, before + (100L * MiB));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static byte[][][] Allocate(int mebibytes)
    {
        var all = new byte[mebibytes][][];
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = new byte[1024][];
            for (var j = 0; j < all[i].Length; j++)
                all[i][j] = new byte[1000];
        }

        return all;
    }

    private static long Committed()
    {
        GC.Collect();
        return GC.GetGCMemoryInfo(GCKind.FullBlocking).TotalCommittedBytes;
    }
}
