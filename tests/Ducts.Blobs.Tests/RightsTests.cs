using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Ducts.Blobs.Tests.Support;
using Ducts.Client;
using Ducts.Redis.Tests;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ducts.Blobs.Tests;

/// <summary>Who may read and who may write, and which events there are.</summary>
public sealed class RightsTests
{
    [Theory]
    [InlineData("", "refused", "refused")]
    [InlineData("reader", "done", "refused")]
    [InlineData("writer", "refused", "done")]
    [InlineData("reader writer", "done", "done")]
    public Task Policies_of_the_application_say_who_may_read_and_write(string roles, string reads, string writes) =>
        CheckAsync(
            roles,
            reads,
            writes,
            null,
            static services => services.AddAuthorization(static options =>
            {
                options.AddPolicy(BlobsPolicies.Read, static policy => policy.RequireRole("reader"));
                options.AddPolicy(BlobsPolicies.Write, static policy => policy.RequireRole("writer"));
            }));

    [Theory]
    [InlineData("", "done", "refused")]
    [InlineData("writer", "done", "done")]
    public Task One_policy_leaves_the_other_open(string roles, string reads, string writes) =>
        CheckAsync(
            roles, reads, writes, null, static services => services.AddAuthorization(static options => options.AddPolicy(BlobsPolicies.Write, static policy => policy.RequireRole("writer"))));

    [Theory]
    [InlineData("", false, "done")]
    [InlineData("", true, "refused")]
    [InlineData("any", true, "done")]
    public Task Without_policies_they_are_as_open_as_other_events(string roles, bool byDefault, string outcome) =>
        CheckAsync(roles, outcome, outcome, options => options.Auth.AuthorizeByDefault = byDefault, null);

    [Fact]
    public Task A_fallback_policy_holds() =>
        CheckAsync(
            "any", "done", "done", null, static services => services.AddAuthorization(static options => options.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build()));

    [Theory]
    [InlineData(BlobsMode.ReadWrite, true, true)]
    [InlineData(BlobsMode.ReadOnly, true, false)]
    [InlineData(BlobsMode.Off, false, false)]
    public async Task An_option_says_which_events_there_are(BlobsMode mode, bool reads, bool writes)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var server = await BlobServer.StartAsync(redis.Uri, options => options.Blobs.Blobs = mode);
        await using var client = await server.ConnectAsync();

        Assert.Equal((reads, writes), (client.Events.ContainsKey("BLOBS"), client.Events.ContainsKey("BLOBS_CONTENT_ADD")));
        Assert.Equal(mode switch { BlobsMode.ReadWrite => 28, BlobsMode.ReadOnly => 14, _ => 0 }, client.Events.Keys.Count(static key => key.StartsWith("BLOBS", StringComparison.Ordinal)));
        using var get = await server.Http.GetAsync("groups");
        Assert.Equal(reads ? HttpStatusCode.OK : HttpStatusCode.NotFound, get.StatusCode);
        using var put = await server.Http.PutAsync("blob/g/a", new StringContent(""));
        Assert.Equal(writes || !reads ? HttpStatusCode.NotFound : HttpStatusCode.MethodNotAllowed, put.StatusCode);
    }

    private static async Task CheckAsync(string roles, string reads, string writes, Action<DuctsOptions>? configure, Action<IServiceCollection>? services)
    {
        await using var redis = await RedisServer.StartAsync();
        await using (var client = await redis.ConnectAsync())
        {
            await new Storage.Stores(client).AddGroupAsync("g");
        }

        await using var server = await BlobServer.StartAsync(redis.Uri, configure, collection =>
        {
            collection.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, RolesFromHeader>("test", null);
            services?.Invoke(collection);
        });
        var options = new DuctsClientOptions();
        options.Headers["X-Roles"] = roles;
        await using var duct = await server.ConnectAsync(options);
        server.Http.DefaultRequestHeaders.Add("X-Roles", roles);

        // By their ids: by its key a client does not find an event that it may not call.
        Assert.Equal((reads == "done", writes == "done"), (duct.Events.ContainsKey("BLOBS"), duct.Events.ContainsKey("BLOBS_CONTENT_ADD")));
        Assert.Equal(reads, await OutcomeAsync(() => duct.CallAsync(507)));
        Assert.Equal(reads, await OutcomeAsync(() => duct.CallAsync(515, "g")));
        Assert.Equal(writes, await OutcomeAsync(() => duct.CallAsync(511, new object[] { "g", "text", "a" })));
        Assert.Equal(writes, await OutcomeAsync(() => duct.CallAsync(541)));
        using var get = await server.Http.GetAsync("groups/g/contents");
        Assert.Equal(reads, get.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? "refused" : "done");
        using var put = await server.Http.PutAsync("blob/g/b", new StringContent("b"));
        Assert.Equal(writes, put.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? "refused" : "done");
    }

    private static async Task<string> OutcomeAsync(Func<Task> call)
    {
        try
        {
            await call();
            return "done";
        }
        catch (DuctsRemoteException exception) when (exception.Name == "PermissionError")
        {
            return "refused";
        }
    }

    private sealed class RolesFromHeader(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var roles = Request.Headers["X-Roles"].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (roles.Length == 0)
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            var identity = new ClaimsIdentity([new(ClaimTypes.Name, "ada"), .. roles.Select(static role => new Claim(ClaimTypes.Role, role))], Scheme.Name);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
        }
    }
}
