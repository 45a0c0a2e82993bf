using System.Net;
using System.Text;
using System.Text.Json;
using Ducts.Connections;
using Ducts.Handlers;
using Ducts.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Primitives;

namespace Ducts.Tests.Hosting;

/// <summary>A stop while HTTP requests are half there or being answered.</summary>
public sealed class StopTests(RedisFixture redis)
{
    private const string Root = "/ducts/api/v1/waiting";

    // Longer than a test has patience: what ends in time did not wait for these.
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    private readonly Gate _gate = new();

    [Theory]
    [InlineData("")]
    [InlineData("GET / HTTP/1.1\r\nHo")]
    [InlineData("\u0016\u0003\u0001")]
    public async Task A_connection_with_half_a_request_does_not_keep_the_server_from_stopping(string begin)
    {
        await using var server = await StartAsync(Long);
        await using var half = await WireClient.ConnectAsync(server.Port);
        await half.SendRawAsync(Encoding.ASCII.GetBytes(begin));
        await Until.TrueAsync(() => server.Limit.Count == 1);

        await server.StopAsync().WaitAsync(Until.Patience);

        Assert.Null(await half.ReadFrameAsync());
        Assert.Equal(0, server.Limit.Count);
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData("heeds")]
    [InlineData("ends_by_itself")]
    [InlineData("pieces")]
    public async Task A_stream_over_HTTP_is_cut_when_the_stop_begins_so_that_nobody_takes_it_for_whole(string stream)
    {
        await using var server = await StartAsync(Long);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        using var answer = await http.GetAsync($"{Root}/{stream}", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        Assert.True(await body.ReadAsync(new byte[1]) > 0);

        var stopping = server.StopAsync();

        var exception = await Assert.ThrowsAnyAsync<Exception>(() => body.CopyToAsync(Stream.Null).WaitAsync(Until.Patience));
        Assert.True(exception is HttpIOException or IOException, exception.ToString());
        await stopping.WaitAsync(Until.Patience);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_single_answer_over_HTTP_has_its_time()
    {
        await using var server = await StartAsync(Long);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        var asking = http.GetStringAsync(Root + "/answer");
        await _gate.Entered.Task.WaitAsync(Until.Patience);

        var stopping = server.StopAsync();
        await Until.TrueAsync(() => server.Registry.IsStopping);
        _gate.Opened.SetResult();

        Assert.Equal("answered", await asking.WaitAsync(Until.Patience));
        await stopping.WaitAsync(Until.Patience);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("[1,2]")]
    public async Task A_single_answer_over_HTTP_that_takes_longer_is_cancelled(string? body)
    {
        await using var server = await StartAsync(TimeSpan.FromSeconds(0.2));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        var asking = body is null ? http.GetAsync(Root + "/answer") : http.PostAsync(Root + "/later", new StringContent(body, Encoding.UTF8, "application/json"));
        await _gate.Entered.Task.WaitAsync(Until.Patience);

        await server.StopAsync().WaitAsync(Until.Patience);

        using var answer = await asking.WaitAsync(Until.Patience);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal("ConnectionError", problem.RootElement.GetProperty("error").GetString());
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Half_a_body_whose_rest_comes_in_time_is_answered()
    {
        await using var server = await StartAsync(Long);
        await using var half = await WireClient.ConnectAsync(server.Port);
        await half.SendRawAsync(Encoding.ASCII.GetBytes($"POST {Root}/body HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n[1"));
        await Until.TrueAsync(() => server.Stop.Requests == 1);

        var stopping = server.StopAsync();
        await Until.TrueAsync(() => server.Registry.IsStopping);
        Assert.False(stopping.IsCompleted);
        await half.SendRawAsync(",2]"u8.ToArray());

        Assert.Matches("^HTTP/1.1 200 OK\r\n(.+\r\n)+\r\n(1\r\n)?2", await half.ReadToEndAsync());
        await stopping.WaitAsync(Until.Patience);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Half_a_body_has_the_time_of_a_request_and_is_cut_then()
    {
        await using var server = await StartAsync(TimeSpan.FromSeconds(0.2));
        await using var half = await WireClient.ConnectAsync(server.Port);
        await half.SendRawAsync(Encoding.ASCII.GetBytes($"POST {Root}/body HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n[1"));
        await Until.TrueAsync(() => server.Stop.Requests == 1);

        await server.StopAsync().WaitAsync(Until.Patience);

        Assert.Equal(0, server.Limit.Count);
        Assert.True(server.Log.Errors is [], string.Join(Environment.NewLine, server.Log.Errors));
    }

    private Task<WireServer> StartAsync(TimeSpan shutdown) => WireServer.StartAsync(
        redis,
        options => options.WebSocketServer.ShutdownTimeout = shutdown,
        host: host => host.ConfigureServices(services => services
            .AddSingleton(_gate)
            .AddSingleton<IHandlerSource>(new Source())
            .Configure<HostOptions>(static options => options.ShutdownTimeout = Long * 2)));

    public sealed class Gate
    {
        public TaskCompletionSource Entered { get; } = new();

        public TaskCompletionSource Opened { get; } = new();
    }

    public sealed class Waiting(Gate gate) : DuctsHandler
    {
        public string Handle() => "";

        [WebApi("GET", "/answer")]
        public async Task<string> AnswerAsync(CancellationToken cancellationToken)
        {
            gate.Entered.SetResult();
            await gate.Opened.Task.WaitAsync(cancellationToken);
            return "answered";
        }

        [WebApi("POST", "/later")]
        public Task<string> LaterAsync(int[] numbers, CancellationToken cancellationToken) => AnswerAsync(cancellationToken);

        [WebApi("POST", "/body")]
        public int Body(int[] numbers) => numbers.Length;

        [WebApi("GET", "/heeds")]
        public async IAsyncEnumerable<int> HeedsAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return 1;
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        [WebApi("GET", "/ends_by_itself")]
        public async IAsyncEnumerable<int> EndsByItselfAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return 1;
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        [WebApi("GET", "/pieces")]
        public async IAsyncEnumerable<byte[]> PiecesAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return [1, 2, 3];
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private sealed class Source : IHandlerSource
    {
        public Task<HandlerSet> LoadAsync(CancellationToken cancellationToken) =>
            Task.FromResult(new HandlerSet([new HandlerCandidate(3200, "WAITING", typeof(Waiting), "test")], []));

        public IChangeToken? Watch() => null;
    }
}
