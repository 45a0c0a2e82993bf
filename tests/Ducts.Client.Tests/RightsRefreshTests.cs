using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace Ducts.Client.Tests;

public sealed class RightsRefreshTests
{
    private readonly ManualTime _time = new();
    private readonly Channel<string> _tickets = Channel.CreateUnbounded<string>();
    private readonly Channel<DuctsNotAuthorizedException> _failures = Channel.CreateUnbounded<DuctsNotAuthorizedException>();
    private int _discoveries;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("3600", 3540)]
    [InlineData("300", 240)]
    [InlineData("100", 80)]
    [InlineData("5.0", 4)]
    [InlineData("1", 1)]
    [InlineData("0", 1)]
    [InlineData("-5", 1)]
    public async Task Rights_are_renewed_a_minute_or_a_fifth_of_their_time_before_they_expire(string seconds, int after)
    {
        await using var refresh = Create(Renewed("null"));
        refresh.Begin(Session(seconds));

        Assert.Equal(TimeSpan.FromSeconds(after), await _time.NextDelayAsync());
        _time.Advance(TimeSpan.FromSeconds(after));
        Assert.Equal("abc.def", await _tickets.Reader.ReadAsync(Token));
    }

    [Fact]
    public async Task Time_that_passes_before_the_session_is_open_counts()
    {
        await using var refresh = Create(Renewed("null"));
        var session = Session("100");
        _time.Advance(TimeSpan.FromSeconds(30));
        refresh.Begin(session);

        Assert.Equal(TimeSpan.FromSeconds(50), await _time.NextDelayAsync());
    }

    [Theory]
    [InlineData("8640000")]
    [InlineData("1e300")]
    public async Task Rights_that_last_longer_than_a_timer_can_are_waited_for(string seconds)
    {
        await using var refresh = Create(Renewed("null"));
        refresh.Begin(Session(seconds));
        for (var day = 0; day < 90; day++)
        {
            Assert.Equal(TimeSpan.FromDays(1), await _time.NextDelayAsync());
            _time.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal(0, _discoveries);
    }

    [Fact]
    public async Task Rights_are_renewed_again_and_again()
    {
        await using var refresh = Create(Renewed("200"));
        refresh.Begin(Session("100"));
        await _time.PassAsync();
        Assert.Equal("abc.def", await _tickets.Reader.ReadAsync(Token));

        Assert.Equal(TimeSpan.FromSeconds(160), await _time.NextDelayAsync());
        _time.Advance(TimeSpan.FromSeconds(160));
        Assert.Equal("abc.def", await _tickets.Reader.ReadAsync(Token));
    }

    [Fact]
    public async Task What_fails_is_tried_with_growing_pauses_until_shortly_after_the_expiry_and_told_once()
    {
        var cause = new DuctsConnectionException("out of reach");
        await using var refresh = Create(_ => throw cause);
        refresh.Begin(Session("300"));
        await _time.PassAsync();
        Assert.Equal(TimeSpan.FromSeconds(240), _time.Elapsed);
        var failure = _failures.Reader.ReadAsync(Token).AsTask();
        while (!failure.IsCompleted)
        {
            var delay = _time.NextDelayAsync();
            if (await Task.WhenAny(delay, failure) == delay)
            {
                Assert.InRange(await delay, TimeSpan.FromSeconds(0.4), TimeSpan.FromSeconds(10));
                _time.Advance(await delay);
            }
        }

        Assert.Same(cause, (await failure).InnerException);
        Assert.Contains("out of reach", (await failure).Message, StringComparison.Ordinal);
        Assert.InRange(_time.Elapsed, TimeSpan.FromSeconds(295), TimeSpan.FromSeconds(305));
        Assert.InRange(_discoveries, 8, 16);
    }

    [Fact]
    public async Task A_ticket_that_the_server_refuses_is_followed_by_another()
    {
        var refusals = 2;
        await using var refresh = Create(Renewed("null"), _ => --refusals >= 0 ? throw new DuctsNotAuthorizedException(10, "PermissionError('another user')") : Task.CompletedTask);
        refresh.Begin(Session("300"));
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await _time.PassAsync();
            await _tickets.Reader.ReadAsync(Token);
        }

        Assert.Equal(3, _discoveries);
        Assert.False(_failures.Reader.TryRead(out _));
    }

    [Fact]
    public async Task While_there_is_no_connection_nothing_is_renewed_and_at_once_when_there_is_one()
    {
        await using var refresh = Create(Renewed("null"));
        refresh.Begin(Session("100"));
        await _time.NextDelayAsync();
        refresh.Stop();
        _time.Advance(TimeSpan.FromSeconds(200));
        Assert.Equal(0, _discoveries);

        refresh.Resume();
        Assert.Equal("abc.def", await _tickets.Reader.ReadAsync(Token));
        Assert.Equal(1, _discoveries);
    }

    [Fact]
    public async Task Of_two_renewals_at_once_the_first_sends_nothing_and_tells_nothing()
    {
        var asked = Channel.CreateUnbounded<CancellationToken>();
        await using var refresh = Create(async token =>
        {
            asked.Writer.TryWrite(token);
            if (_discoveries == 1)
            {
                await Task.Delay(Timeout.Infinite, token);
            }

            return Session("null");
        });
        refresh.Begin(Session("100"));
        await _time.PassAsync();
        var first = await asked.Reader.ReadAsync(Token);
        refresh.Resume();

        Assert.Equal("abc.def", await _tickets.Reader.ReadAsync(Token));
        Assert.True(first.IsCancellationRequested);
        Assert.Equal(2, _discoveries);
        Assert.False(_tickets.Reader.TryRead(out _));
        Assert.False(_failures.Reader.TryRead(out _));
    }

    [Theory]
    [InlineData("Authorization")]
    [InlineData("authorization")]
    public async Task A_header_that_is_always_the_same_is_not_renewed(string name)
    {
        var options = new DuctsClientOptions { TimeProvider = _time };
        options.Headers[name] = "Bearer fixed";
        await using var refresh = Create(Renewed("null"), options: options);
        refresh.Begin(Session("0"));
        await using var other = Create(Renewed("null"));
        other.Begin(Session("7"));

        Assert.Equal(TimeSpan.FromSeconds(5.6), await _time.NextDelayAsync());
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"soon\"")]
    public async Task Rights_that_do_not_expire_are_left_alone(string seconds)
    {
        await using var refresh = Create(Renewed("null"));
        refresh.Begin(Session(seconds));
        await using var other = Create(Renewed("null"));
        other.Begin(Session("7"));

        Assert.Equal(TimeSpan.FromSeconds(5.6), await _time.NextDelayAsync());
    }

    private RightsRefresh Create(
        Func<CancellationToken, Task<ServiceDiscovery>> discover, Func<string, Task>? authenticate = null, DuctsClientOptions? options = null) => new(
        token =>
        {
            _discoveries++;
            return discover(token);
        },
        (ticket, _) =>
        {
            _tickets.Writer.TryWrite(ticket);
            return authenticate?.Invoke(ticket) ?? Task.CompletedTask;
        },
        failure => _failures.Writer.TryWrite(failure),
        options ?? new DuctsClientOptions { TimeProvider = _time });

    private Func<CancellationToken, Task<ServiceDiscovery>> Renewed(string seconds) => _ => Task.FromResult(Session(seconds));

    private ServiceDiscovery Session(string seconds) => ServiceDiscovery.Parse(
        Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"EVENT":{},"websocket_url":"ws://a/ducts/ws/v1/abc.def","websocket_url_reconnect":"ws://a/ducts/ws/v1/abc.def/reconnect","auth_expires_in":{{seconds}}}""")),
        new Uri("http://a/ducts/wsd"),
        _time.GetTimestamp());
}
