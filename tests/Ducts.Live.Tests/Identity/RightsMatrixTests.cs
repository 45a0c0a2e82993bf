using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Ducts.Client;
using Ducts.Live.Hosting;
using Ducts.MessagePack;
using Ducts.Tests.Identity;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Live.Identity;

/// <summary>Who may do what, by every way in: one server, whose events all ask for the role admin.</summary>
public sealed class RightsMatrixTests : IAsyncLifetime
{
    private const string NeedsRole = "PermissionError('this event needs the role admin')";
    private const string Expired = "PermissionError('the authentication has expired; authenticate again')";
    private const string Other = "PermissionError('the ticket is of another user; open a new session with it')";
    private const string Ran = "ran";

    private static readonly string[] Events = ["GUARDED_FILE", "GUARDED_COMPILED", "GUARDED_MAPPED"];

    private readonly LiveServer _server = new();
    private readonly MovableTime _time = new();
    private readonly List<DuctsClient> _clients = [];

    public async ValueTask InitializeAsync()
    {
        _server.Write("evt_1600_guarded_file.cs", """
            using Microsoft.AspNetCore.Authorization;

            [Authorize(Roles = "admin")]
            public class GuardedFile : DuctsHandler
            {
                public string Handle(IEventSession session) { Count(session.ServerAttributes); return "ran"; }

                [WebApi("GET", "/")]
                public string Get(IHandlerManager manager) { Count(manager.ServerAttributes); return "ran"; }

                private static void Count(System.Collections.Concurrent.ConcurrentDictionary<string, object?> runs) =>
                    runs.AddOrUpdate("FILE", 1, (_, count) => (int)count! + 1);
            }
            """);
        await _server.StartAsync(
            static options => options.WebSocketServer.ReconnectTimeout = TimeSpan.FromMinutes(10),
            (ducts, application) =>
            {
                ducts.AddHandlers(typeof(Guarded).Assembly);
                application.Services.AddSingleton<TimeProvider>(_time);
                application.Services.AddAuthentication(ClaimsScheme.Name).AddScheme<AuthenticationSchemeOptions, ClaimsScheme>(ClaimsScheme.Name, null);
            },
            static app =>
            {
                app.MapEvent(3600, "GUARDED_MAPPED", (IEventSession session) => Runs.Count(session, "MAPPED")).RequireAuthorization(static policy => policy.RequireRole("admin"));
                app.MapEvent(3601, "GUARDED_STREAM", Stream).RequireAuthorization(static policy => policy.RequireRole("admin"));
            });

        static async IAsyncEnumerable<string> Stream(IEventSession session)
        {
            yield return Runs.Count(session, "STREAM");
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Nobody()
    {
        await using var session = await OpenAsync(null);

        Assert.Equal([NeedsRole, NeedsRole, NeedsRole, NeedsRole], await CallAllAsync(session.Client));
        Assert.Equal(HttpStatusCode.Unauthorized, await WebApiAsync(null));
        Assert.Equal(Ran, await PingAsync(session.Client));
        Assert.StartsWith("PermissionError('this session has no user", await AuthenticateAsync(session.Client, "sub=ada,role=admin"), StringComparison.Ordinal);
        Assert.Equal((101, 101), (await SocketAsync((await IssueAsync(null)).Url), await ReconnectAsync(null)));
        // Its client has the session's key; the address alone opens nothing.
        Assert.Equal(403, await SocketAsync(session.Reconnect));
        AssertRuns(0);
    }

    [Fact]
    public async Task A_user_without_the_role()
    {
        await using var session = await OpenAsync("sub=bob,role=guest");

        Assert.Equal([NeedsRole, NeedsRole, NeedsRole, NeedsRole], await CallAllAsync(session.Client));
        Assert.Equal(HttpStatusCode.Forbidden, await WebApiAsync("sub=bob,role=guest"));
        Assert.Equal(Ran, await PingAsync(session.Client));
        AssertRuns(0);

        // Who has got the role since, has it in the session once he has authenticated again.
        Assert.Equal("True", await AuthenticateAsync(session.Client, "sub=bob,role=admin"));
        Assert.Equal([Ran, Ran, Ran, Ran], await CallAllAsync(session.Client));
        Assert.Equal((101, 403), (await ReconnectAsync("sub=bob,role=guest"), await SocketAsync(session.Reconnect)));
    }

    [Fact]
    public async Task A_user_with_the_role()
    {
        await using var session = await OpenAsync("sub=ada,role=admin");

        Assert.Equal([Ran, Ran, Ran, Ran], await CallAllAsync(session.Client));
        Assert.Equal(HttpStatusCode.OK, await WebApiAsync("sub=ada,role=admin"));
        Assert.Equal(Ran, await PingAsync(session.Client));
        AssertRuns(5);
        // The role that a new ticket does not have is gone.
        Assert.Equal("True", await AuthenticateAsync(session.Client, "sub=ada,role=guest"));
        Assert.Equal([NeedsRole, NeedsRole, NeedsRole, NeedsRole], await CallAllAsync(session.Client));
        Assert.Equal((101, 101), (await SocketAsync((await IssueAsync("sub=ada")).Url), await ReconnectAsync("sub=ada,role=guest")));
        Assert.Equal(403, await SocketAsync(session.Reconnect));
        AssertRuns(5);
    }

    [Fact]
    public async Task A_user_whose_authentication_has_expired()
    {
        var claims = string.Create(CultureInfo.InvariantCulture, $"sub=ada,role=admin,exp={_time.GetUtcNow().AddMinutes(1).ToUnixTimeSeconds()}");
        await using var session = await OpenAsync(claims);
        var unused = await IssueAsync(claims);
        _time.PutForward(TimeSpan.FromSeconds(70));
        await Until.TrueAsync(async () => await PingAsync(session.Client) == Expired, "the expiry is felt");

        Assert.Equal([Expired, Expired, Expired, Expired], await CallAllAsync(session.Client));
        Assert.Equal(HttpStatusCode.Unauthorized, await WebApiAsync(claims));
        Assert.Equal(HttpStatusCode.Unauthorized, (await DiscoverAsync(claims)).Status);
        Assert.Equal(403, await SocketAsync(unused.Url));
        AssertRuns(0);
        Assert.Equal("True", await AuthenticateAsync(session.Client, "sub=ada,role=admin"));
        Assert.Equal([Ran, Ran, Ran, Ran], await CallAllAsync(session.Client));
        Assert.Equal((101, 403), (await ReconnectAsync("sub=ada,role=admin"), await SocketAsync(session.Reconnect)));
    }

    [Fact]
    public async Task A_user_who_has_been_signed_out()
    {
        var claims = string.Create(CultureInfo.InvariantCulture, $"sub=ada,role=admin,iat={_time.GetUtcNow().AddMinutes(-1).ToUnixTimeSeconds()}");
        await using var session = await OpenAsync(claims);
        await using var other = await OpenAsync("sub=bob,role=admin");
        var unused = await IssueAsync(claims);

        Assert.Equal(1, await _server.Services.GetRequiredService<IUserCollection>()["ada"].CloseAsync("signed out"));

        await Until.TrueAsync(() => Task.FromResult(session.Client.State == DuctsClientState.Closed), "the client has heard of it");
        Assert.Equal(HttpStatusCode.Unauthorized, await WebApiAsync(claims));
        Assert.Equal(HttpStatusCode.Unauthorized, (await DiscoverAsync(claims)).Status);
        Assert.Equal((403, 403), (await SocketAsync(unused.Url), await SocketAsync(session.Reconnect)));
        AssertRuns(0);
        Assert.Equal([Ran, Ran, Ran, Ran], await CallAllAsync(other.Client));
    }

    [Fact]
    public async Task The_URL_of_another_users_session()
    {
        await using var session = await OpenAsync("sub=ada,role=admin");
        var unused = await IssueAsync("sub=ada,role=admin");

        Assert.Equal((403, 403), (await SocketAsync(unused.Url, "sub=eve,role=admin"), await SocketAsync(session.Reconnect, "sub=eve,role=admin")));
        Assert.Equal(Ran, await PingAsync(session.Client));
    }

    [Fact]
    public async Task A_reconnect_without_credentials()
    {
        var url = (await IssueAsync("sub=ada,role=admin")).Url;
        using var first = new ClientWebSocket();
        await first.ConnectAsync(url, CancellationToken.None);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(ReconnectOf(url), CancellationToken.None);

        var message = PackSerializer.Serialize(new object?[] { 1, 1600, null });
        await socket.SendAsync(message, WebSocketMessageType.Binary, true, CancellationToken.None);
        var answer = new byte[256];
        var received = await socket.ReceiveAsync(answer.AsMemory(), CancellationToken.None);

        Assert.Equal(1600, MessagePackElement.Parse(answer.AsMemory(0, received.Count))[1].GetInt32());
        AssertRuns(1);
    }

    [Fact]
    public async Task A_token_that_is_renewed_as_another_user()
    {
        await using var session = await OpenAsync("sub=ada,role=admin");

        Assert.Equal(Other, await AuthenticateAsync(session.Client, "sub=eve,role=admin"));
        Assert.Equal(Other, await AuthenticateAsync(session.Client, "sub=ada,role=admin,iss=elsewhere"));
        Assert.Equal([Ran, Ran, Ran, Ran], await CallAllAsync(session.Client));
    }

    [Fact]
    public async Task A_stream_goes_on_or_ends_with_the_rights_that_its_user_has_when_they_are_renewed()
    {
        var more = new TaskCompletionSource();
        await using var server = new LiveServer();
        await server.StartAsync(
            build: static (_, application) =>
                application.Services.AddAuthentication(ClaimsScheme.Name).AddScheme<AuthenticationSchemeOptions, ClaimsScheme>(ClaimsScheme.Name, null),
            map: app => app.MapEvent(3600, "FOLLOW", Follow).RequireAuthorization(static policy => policy.RequireRole("admin")));
        await using var client = await ConnectAsync(server, "sub=ada,role=admin");
        await using var items = client.StreamAsync<int>("FOLLOW").GetAsyncEnumerator();
        Assert.True(await items.MoveNextAsync());

        Assert.Equal("True", await AuthenticateAsync(client, "sub=ada,role=admin", server));
        more.SetResult();
        Assert.True(await items.MoveNextAsync());
        Assert.Equal("True", await AuthenticateAsync(client, "sub=ada,role=guest", server));

        var error = await Assert.ThrowsAnyAsync<DuctsRemoteException>(async () => await items.MoveNextAsync());
        Assert.Equal(NeedsRole, error.Text);

        async IAsyncEnumerable<int> Follow([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
        {
            yield return 1;
            await more.Task;
            yield return 2;
            await Task.Delay(Timeout.Infinite, token);
        }
    }

    private static async Task<string> TextOfAsync(Func<Task<string>> call)
    {
        try
        {
            return await call();
        }
        catch (DuctsRemoteException exception)
        {
            return exception.Text;
        }
    }

    private static async Task<string> PingAsync(DuctsClient client) =>
        await TextOfAsync(async () => await client.CallAsync<string>("PING") is { Length: > 0 } ? Ran : "nothing");

    private static async Task<string[]> CallAllAsync(DuctsClient client)
    {
        var answers = new List<string>();
        foreach (var name in Events)
            answers.Add(await TextOfAsync(async () => await client.CallAsync<string>(IdOf(name)) ?? "nothing"));
        answers.Add(await TextOfAsync(async () => string.Concat(await client.StreamAsync<string>(3601).ToArrayAsync())));
        return [.. answers];
    }

    // By id: clients are not told the names of what they may not call.
    private static int IdOf(string name) => name switch
    {
        "GUARDED_FILE" => 1600,
        "GUARDED_COMPILED" => 2600,
        _ => 3600,
    };

    private async Task<(HttpStatusCode Status, string Text)> DiscoverAsync(string? claims, LiveServer? server = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/ducts/wsd?uuid=1");
        if (claims is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"{ClaimsScheme.Name} {claims}");
        using var response = await (server ?? _server).Http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task<(Uri Url, string Id)> IssueAsync(string? claims, LiveServer? server = null)
    {
        var (status, text) = await DiscoverAsync(claims, server);
        Assert.Equal(HttpStatusCode.OK, status);
        using var answer = JsonDocument.Parse(text);
        var url = new Uri(answer.RootElement.GetProperty("websocket_url").GetString()!);
        return (url, Uri.UnescapeDataString(url.Segments[^1]));
    }

    private async Task<string> AuthenticateAsync(DuctsClient client, string claims, LiveServer? server = null)
    {
        var ticket = (await IssueAsync(claims, server)).Id;
        return await TextOfAsync(async () => (await client.CallAsync<bool>(10, new { ticket })).ToString());
    }

    private async Task<HttpStatusCode> WebApiAsync(string? claims)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/ducts/api/v1/guarded_file");
        if (claims is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"{ClaimsScheme.Name} {claims}");
        using var response = await _server.Http.SendAsync(request);
        return response.StatusCode;
    }

    /// <summary>Returns the status that a WebSocket gets.</summary>
    private static async Task<int> SocketAsync(Uri url, string? claims = null)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (claims is not null)
            socket.Options.SetRequestHeader("Authorization", $"{ClaimsScheme.Name} {claims}");
        try
        {
            await socket.ConnectAsync(url, CancellationToken.None);
        }
        catch (WebSocketException)
        {
            // The status says why.
        }

        return (int)socket.HttpStatusCode;
    }

    /// <summary>Returns the status that the reconnect of a session gets whose client does not count messages.</summary>
    private async Task<int> ReconnectAsync(string? claims)
    {
        var url = (await IssueAsync(claims)).Url;
        using var first = new ClientWebSocket();
        await first.ConnectAsync(url, CancellationToken.None);
        return await SocketAsync(ReconnectOf(url));
    }

    private static Uri ReconnectOf(Uri url) => new UriBuilder(url) { Scheme = "ws", Path = url.AbsolutePath + "/reconnect", Query = "" }.Uri;

    private static Task<DuctsClient> ConnectAsync(LiveServer server, string? claims, Action<HttpRequestMessage>? see = null)
    {
        var options = new DuctsClientOptions { Reconnect = false, ConfigureRequest = see };
        if (claims is not null)
            options.Headers["Authorization"] = $"{ClaimsScheme.Name} {claims}";
        return DuctsClient.ConnectAsync(new Uri(server.Http.BaseAddress!, "/ducts/wsd"), options);
    }

    private async Task<OpenSession> OpenAsync(string? claims)
    {
        Uri? socket = null;
        var client = await ConnectAsync(_server, claims, request => socket = request.RequestUri!.AbsolutePath.EndsWith("/wsd", StringComparison.Ordinal) ? socket : request.RequestUri);
        _clients.Add(client);
        return new OpenSession(client, ReconnectOf(socket!));
    }

    private void AssertRuns(int count) =>
        Assert.Equal(count, _server.Services.GetRequiredService<IHandlerManager>().ServerAttributes.Values.Sum(static runs => (int)runs!));

    private sealed record OpenSession(DuctsClient Client, Uri Reconnect) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Client.DisposeAsync();
    }
}
