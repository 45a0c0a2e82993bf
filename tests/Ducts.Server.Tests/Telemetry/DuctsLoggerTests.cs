using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Ducts.Telemetry.Logging;

public sealed class DuctsLoggerTests : IDisposable
{
    private static readonly EventId Notice = new(1, "ConnectedNotice");
    private readonly RecordingSink _sink = new();

    public void Dispose() => _sink.Dispose();

    [Fact]
    public void A_line_is_as_the_originals()
    {
        using var provider = Provider(new DuctsLogOptions());
        provider.CreateLogger("Ducts.Redis.RedisClient").Log(LogLevel.Information, Notice, "CONNECTED|URL=('localhost', 6379)", null, Format);
        provider.Flush(TimeSpan.FromSeconds(30));
        Assert.Equal("2022-03-06 17:14:15,067 [ducts.redis] [NOTICE] CONNECTED|URL=('localhost', 6379)\n", _sink.Text);
    }

    [Theory]
    [InlineData(DuctsLogLevel.Debug, "DEBUG INFO NOTICE WARNING ERROR CRITICAL")]
    [InlineData(DuctsLogLevel.Information, "INFO NOTICE WARNING ERROR CRITICAL")]
    [InlineData(DuctsLogLevel.Notice, "NOTICE WARNING ERROR CRITICAL")]
    [InlineData(DuctsLogLevel.Warning, "WARNING ERROR CRITICAL")]
    [InlineData(DuctsLogLevel.Error, "ERROR CRITICAL")]
    [InlineData(DuctsLogLevel.Critical, "CRITICAL")]
    public void The_lowest_level_is_kept(DuctsLogLevel level, string expected)
    {
        using var provider = Provider(new DuctsLogOptions { LogLevel = level });
        var logger = provider.CreateLogger("x");
        for (var at = LogLevel.Trace; at < LogLevel.None; at++)
        {
            logger.Log(at, default, "m", null, Format);
            if (at == LogLevel.Information)
                logger.Log(at, Notice, "m", null, Format);
        }
        provider.Flush(TimeSpan.FromSeconds(30));
        Assert.Equal(expected, string.Join(' ', _sink.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split('[', ']')[3])));
    }

    [Fact]
    public void The_frameworks_information_is_left_out_unless_debugging()
    {
        using var usual = Provider(new DuctsLogOptions());
        Assert.False(usual.CreateLogger("Microsoft.AspNetCore.Hosting").IsEnabled(LogLevel.Information));
        using var debugging = Provider(new DuctsLogOptions { LogLevel = DuctsLogLevel.Debug });
        Assert.True(debugging.CreateLogger("Microsoft.AspNetCore.Hosting").IsEnabled(LogLevel.Information));
    }

    [Fact]
    public void Nothing_that_is_logged_can_pass_for_another_entry_or_command_the_terminal()
    {
        using var provider = Provider(new DuctsLogOptions());
        var fault = new InvalidOperationException("in\nner");
        provider.CreateLogger("x").Log(LogLevel.Error, default, "a\r\n2022-03-06 [root] [INFO] forged\u001b[2J", fault, Format);
        provider.Flush(TimeSpan.FromSeconds(30));
        Assert.Equal(
            "2022-03-06 17:14:15,067 [x] [ERROR] a\n    2022-03-06 [root] [INFO] forged\\x1b[2J\n    System.InvalidOperationException: in\n    ner\n",
            _sink.Text);
    }

    [Fact]
    public void Json_is_one_object_a_line()
    {
        using var provider = Provider(new DuctsLogOptions { LogFormat = DuctsLogFormat.Json });
        var fault = new InvalidOperationException("no");
        provider.CreateLogger("Ducts.Sessions.Session").Log(LogLevel.Information, Notice, "a\n\"b\"", fault, Format);
        provider.Flush(TimeSpan.FromSeconds(30));
        var entry = JsonDocument.Parse(Assert.Single(_sink.Text.TrimEnd('\n').Split('\n'))).RootElement;
        Assert.Equal("NOTICE", entry.GetProperty("level").GetString());
        Assert.Equal("ducts.event.session", entry.GetProperty("logger").GetString());
        Assert.Equal("a\n\"b\"", entry.GetProperty("message").GetString());
        Assert.Equal(1, entry.GetProperty("event_id").GetInt32());
        Assert.Contains("no", entry.GetProperty("exception").GetString(), StringComparison.Ordinal);
        Assert.Equal(new DateTimeOffset(2022, 3, 6, 17, 14, 15, 67, TimeSpan.Zero), entry.GetProperty("time").GetDateTimeOffset());
    }

    [Fact]
    public void A_terminal_that_takes_nothing_costs_lines_but_neither_memory_nor_time()
    {
        _sink.Open.Reset();
        using var provider = Provider(new DuctsLogOptions());
        var logger = provider.CreateLogger("x");
        logger.Log(LogLevel.Information, default, "first", null, Format);
        _sink.Reached.Wait();
        var message = new string('m', 1024);
        for (var i = 0; i < 8192; i++)
            logger.Log(LogLevel.Information, default, message, null, Format);
        _sink.Open.Set();
        Assert.True(SpinWait.SpinUntil(() => _sink.Text.Contains("DROPPED|COUNT=", StringComparison.Ordinal), TimeSpan.FromSeconds(30)));
        var lines = _sink.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var dropped = int.Parse(lines.Single(static line => line.Contains("DROPPED", StringComparison.Ordinal)).Split("COUNT=")[1].Split(';')[0]);
        Assert.Equal(8192 + 2, lines.Length + dropped);
        Assert.InRange(_sink.Text.Length, 1, LogQueue.Capacity + 4096);
    }

    [Fact]
    public void Entries_of_many_threads_are_written_whole_and_each_once()
    {
        using (var provider = Provider(new DuctsLogOptions()))
        {
            Parallel.For(0, 2000, i => provider.CreateLogger("x").Log(LogLevel.Information, default, i, null, static (number, _) => $"<{number}>"));
        }
        var numbers = _sink.Text.TrimEnd('\n').Split('\n').Select(static line => int.Parse(line.Split('<', '>')[1])).Order();
        Assert.Equal(Enumerable.Range(0, 2000), numbers);
    }

    private DuctsLoggerProvider Provider(DuctsLogOptions options) => new(options, _sink, new FixedTime());

    private static string Format(string state, Exception? exception) => state;

    private sealed class FixedTime : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2022, 3, 6, 17, 14, 15, 67, TimeSpan.Zero);
    }
}
