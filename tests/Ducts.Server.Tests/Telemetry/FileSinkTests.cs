using System.Text;
using Ducts.Configuration;

namespace Ducts.Telemetry.Logging;

public sealed class FileSinkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_full_file_is_moved_on_and_the_oldest_is_dropped()
    {
        var path = Path.Combine(_folder.Path, "logs", "ducts.log");
        using (var sink = new FileSink(path, maxBytes: 10, backups: 2))
        {
            for (var i = 0; i < 7; i++)
                sink.Write(Encoding.UTF8.GetBytes($"line{i}\n"));
        }
        Assert.Equal("line6\n", File.ReadAllText(path));
        Assert.Equal("line5\n", File.ReadAllText(path + ".1"));
        Assert.Equal("line4\n", File.ReadAllText(path + ".2"));
        Assert.False(File.Exists(path + ".3"));
    }

    [Fact]
    public void Entries_written_together_are_divided_between_lines()
    {
        var path = Path.Combine(_folder.Path, "ducts.log");
        using (var sink = new FileSink(path, maxBytes: 10, backups: 5))
            sink.Write("aaaa\nbbbb\nlonger than the limit\ncc\n"u8);
        Assert.Equal(["cc\n", "longer than the limit\n", "aaaa\nbbbb\n"], new[] { path, path + ".1", path + ".2" }.Select(File.ReadAllText));
    }

    [Fact]
    public void A_file_that_was_moved_away_is_opened_anew_on_request()
    {
        var path = Path.Combine(_folder.Path, "ducts.log");
        using var sink = new FileSink(path, maxBytes: 0, backups: 1);
        sink.Write("a\n"u8);
        File.Move(path, path + ".old");
        sink.Write("b\n"u8);
        sink.Reopen();
        sink.Write("c\n"u8);
        Assert.Equal("a\nb\n", File.ReadAllText(path + ".old"));
        Assert.Equal("c\n", File.ReadAllText(path));
    }

    [Fact]
    public void Each_entry_goes_to_the_end_of_the_file_wherever_others_have_put_that()
    {
        var path = Path.Combine(_folder.Path, "ducts.log");
        using var sink = new FileSink(path, maxBytes: 0, backups: 1);
        using var other = new FileSink(path, maxBytes: 0, backups: 1);
        sink.Write("first\n"u8);
        other.Write("second\n"u8);
        sink.Write("third\n"u8);
        Assert.Equal("first\nsecond\nthird\n", File.ReadAllText(path));

        // As logrotate's copytruncate does.
        using (var cut = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            cut.SetLength(0);
        sink.Write("fourth\n"u8);
        Assert.Equal("fourth\n", File.ReadAllText(path));
    }

    [Fact]
    public void A_reader_who_has_gone_does_not_fail_the_log()
    {
        var sink = new StandardOutputSink(new ClosedStream());
        sink.Write("a\n"u8);
        sink.Write("b\n"u8);
        sink.Dispose();
    }

    private sealed class ClosedStream : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("broken pipe");
    }
}
