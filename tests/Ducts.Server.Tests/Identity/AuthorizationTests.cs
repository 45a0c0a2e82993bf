using Ducts.Tests.Support;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Server.Tests.Identity;

/// <summary>Who may call which event, and what the others are told.</summary>
public class AuthorizationTests(RedisFixture redis)
{
    private const string Ada = "ada role=admin scope=read";

    [Theory]
    [InlineData(nameof(SignedIn), null, "this event needs an authenticated user")]
    [InlineData(nameof(SignedIn), "ada", null)]
    [InlineData(nameof(Admins), null, "this event needs the role admin")]
    [InlineData(nameof(Admins), "ada role=guest", "this event needs the role admin")]
    [InlineData(nameof(Admins), Ada, null)]
    [InlineData(nameof(Staff), "ada", "this event needs one of the roles admin, clerk")]
    [InlineData(nameof(Staff), "ada role=clerk", null)]
    [InlineData(nameof(Readers), "ada scope=write", "this event needs the claim scope=read")]
    [InlineData(nameof(Readers), Ada, null)]
    [InlineData(nameof(Adults), "ada age=9", "this event needs the policy \"adults\"")]
    [InlineData(nameof(Adults), "ada age=21", null)]
    [InlineData(nameof(OnlyAda), "bob", "this event needs the user ada")]
    [InlineData(nameof(OnlyAda), "ada", null)]
    [InlineData(nameof(Scoped), "ada", "this event needs the claim scope")]
    [InlineData(nameof(Scoped), "ada scope=x", null)]
    [InlineData(nameof(Both), "ada role=admin", "this event needs the claim scope=read")]
    [InlineData(nameof(Both), "ada scope=read", "this event needs the role admin")]
    [InlineData(nameof(Both), "ada", "this event needs the role admin and the claim scope=read")]
    [InlineData(nameof(Both), Ada, null)]
    [InlineData(nameof(Inherits), "ada", "this event needs the role admin")]
    [InlineData(nameof(Inherits), Ada, null)]
    [InlineData(nameof(Aged), "ada age=9", "this event needs the requirement MinimumAge")]
    [InlineData(nameof(Aged), "ada age=18", null)]
    [InlineData(nameof(OpenHandle), null, null)]
    [InlineData(nameof(OpenClass), null, null)]
    [InlineData(nameof(Unmarked), null, null)]
    public async Task A_refused_call_says_what_is_missing_and_an_allowed_one_runs(string handler, string? user, string? refusal)
    {
        await using var server = await StartAsync();
        await using var client = await server.OpenAsync(user);
        var id = IdOf(handler);

        // The data fits no handler's arguments: a refused call's are not read.
        var answer = await client.CallAsync($$"""[1, {{id}}, {"wrong": 1}]""");
        Assert.Equal(
            refusal is null ? $$"""[1,-{{id}},"TypeError('unknown argument \"wrong\"')"]""" : Refusal(id, refusal),
            answer);
        Assert.Equal(refusal is null ? $"""[2,{id},"run"]""" : Refusal(id, refusal).Replace("[1,", "[2,", StringComparison.Ordinal), await client.CallAsync($"""[2, {id}, "run"]"""));
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Conventions_and_attributes_of_mapped_functions_hold()
    {
        await using var server = await StartAsync(map: static app =>
        {
            app.MapEvent(3000, "CONVENTION", static () => 1).RequireAuthorization();
            app.MapEvent(3001, "POLICY", static () => 1).RequireAuthorization("adults");
            app.MapEvent(3002, "BUILT", static () => 1).RequireAuthorization(static policy => policy.RequireClaim("scope", "read", "write"));
            app.MapEvent(3003, "ATTRIBUTE", [Authorize(Roles = "admin")] static () => 1);
            app.MapEvent(3004, "OPENED", [Authorize] static () => 1).AllowAnonymous();
            app.MapEvent(3005, "OWN", static () => 1).WithMetadata(new MinimumAgeAttribute(30));
            app.MapEvent(3006, "ASSERTED", static () => 1).RequireAuthorization(static policy => policy.RequireAssertion(static _ => false));
        });
        await using var nobody = await server.OpenAsync();
        await using var ada = await server.OpenAsync("ada role=admin scope=write age=40");

        string[] expected =
        [
            "an authenticated user", "an authenticated user", "the claim scope=read or scope=write", "the role admin", "", "the requirement MinimumAge",
            "a condition that this user does not meet",
        ];
        for (var at = 0; at < expected.Length; at++)
        {
            var refusal = Refusal(3000 + at, "this event needs " + expected[at]);
            var allowed = $"[1,{3000 + at},1]";
            Assert.Equal(expected[at].Length == 0 ? allowed : refusal, await nobody.CallAsync($"[1, {3000 + at}, null]"));
            Assert.Equal(at == 6 ? refusal : allowed, await ada.CallAsync($"[1, {3000 + at}, null]"));
        }
    }

    [Fact]
    public async Task What_is_not_marked_needs_a_user_by_default_where_the_application_wants_it()
    {
        await using var server = await StartAsync(configure: static options =>
        {
            options.Auth.AuthorizeByDefault = true;
            options.Event.RedisExecuteCommands = ["PING"];
        });
        await using var nobody = await server.OpenAsync();
        await using var ada = await server.OpenAsync("ada");

        const string needed = "this event needs an authenticated user";
        Assert.Equal(Refusal(IdOf(nameof(Unmarked)), needed), await nobody.CallAsync($"""[1, {IdOf(nameof(Unmarked))}, "run"]"""));
        Assert.Equal($"""[1,{IdOf(nameof(Unmarked))},"run"]""", await ada.CallAsync($"""[1, {IdOf(nameof(Unmarked))}, "run"]"""));
        Assert.Equal($"""[1,{IdOf(nameof(OpenClass))},"run"]""", await nobody.CallAsync($"""[1, {IdOf(nameof(OpenClass))}, "run"]"""));
        foreach (var (id, data) in new[] { (100, "\"line\""), (300, "[\"PING\"]"), (400, "[\"PING\"]") })
        {
            Assert.Equal(Refusal(id, needed), await nobody.CallAsync($"[1, {id}, {data}]"));
            Assert.StartsWith($"[1,{id},", await ada.CallAsync($"[1, {id}, {data}]"), StringComparison.Ordinal);
        }

        // Sessions work by these.
        Assert.StartsWith("[1,200,", await nobody.CallAsync("[1, 200, null]"), StringComparison.Ordinal);
        Assert.Equal("[1,6,false]", await nobody.CallAsync("[1, 6, 7]"));
        Assert.StartsWith("[1,0,", await nobody.CallAsync("[1, 0, null]"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_fallback_policy_holds_for_events_that_are_not_marked_as_for_endpoints()
    {
        await using var server = await StartAsync(build: static ducts => ducts.Services.Configure<AuthorizationOptions>(static options =>
            options.FallbackPolicy = new AuthorizationPolicyBuilder().RequireClaim("scope").Build()), map: static app => app.MapEvent(3000, "OPEN", static () => 1).AllowAnonymous());
        await using var reader = await server.OpenAsync("ada scope=read");

        Assert.Equal($"""[1,{IdOf(nameof(Unmarked))},"run"]""", await reader.CallAsync($"""[1, {IdOf(nameof(Unmarked))}, "run"]"""));
        Assert.Equal("[1,3000,1]", await reader.CallAsync("[1, 3000, null]"));
        // Endpoints of Ducts are endpoints, too.
        using var refused = await server.GetAsync("/ducts/wsd?uuid=1", "bob");
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task Claims_are_looked_at_once_for_a_user_and_all_else_for_each_call()
    {
        var looks = new CountLooks();
        await using var server = await StartAsync(build: ducts => ducts.Services.AddSingleton<IAuthorizationHandler>(looks));
        await using var client = await server.OpenAsync("ada role=admin age=21");

        for (var call = 0; call < 5; call++)
            Assert.Equal($"""[1,{IdOf(nameof(Admins))},"run"]""", await client.CallAsync($"""[1, {IdOf(nameof(Admins))}, "run"]"""));
        // Discovery has decided for its own user, to tell it of the event, and the session for its.
        var before = looks.OfRoles;
        await client.CallAsync($"""[1, {IdOf(nameof(Admins))}, "run"]""");
        Assert.Equal(before, looks.OfRoles);
        for (var call = 0; call < 5; call++)
            Assert.Equal($"""[1,{IdOf(nameof(Adults))},"run"]""", await client.CallAsync($"""[1, {IdOf(nameof(Adults))}, "run"]"""));
        Assert.Equal(5, looks.OfEvents);
    }

    [Fact]
    public async Task A_refused_handler_file_loads_and_is_constructed_but_its_method_does_not_run()
    {
        Admins.Calls = 0;
        await using var server = await StartAsync();
        await using var client = await server.OpenAsync("bob");
        for (var call = 0; call < 3; call++)
            await client.CallAsync($"""[1, {IdOf(nameof(Admins))}, "run"]""");
        Assert.Equal(0, Admins.Calls);
    }

    private static readonly Type[] Handlers =
    [
        typeof(SignedIn), typeof(Admins), typeof(Staff), typeof(Readers), typeof(Adults), typeof(OnlyAda), typeof(Scoped), typeof(Both), typeof(Inherits),
        typeof(Aged), typeof(OpenHandle), typeof(OpenClass), typeof(Unmarked),
    ];

    private static int IdOf(string handler) => 2000 + Array.FindIndex(Handlers, type => type.Name == handler);

    private static string Refusal(int id, string message) => $"""[1,-{id},"PermissionError('{message.Replace("\"", "\\\"", StringComparison.Ordinal)}')"]""";

    private Task<GuardedServer> StartAsync(Action<IDuctsBuilder>? build = null, Action<WebApplication>? map = null, Action<DuctsOptions>? configure = null) =>
        GuardedServer.StartAsync(
            redis,
            ducts =>
            {
                ducts.Services.AddAuthorization(static options =>
                {
                    options.AddPolicy("adults", static policy => policy.RequireAuthenticatedUser().AddRequirements(new Age(18)));
                    options.AddPolicy("readers", static policy => policy.RequireClaim("scope", "read"));
                    options.AddPolicy("scoped", static policy => policy.RequireClaim("scope"));
                    options.AddPolicy("ada", static policy => policy.RequireUserName("ada"));
                });
                build?.Invoke(ducts);
            },
            map,
            configure,
            Handlers);

    public abstract class Echo : DuctsHandler
    {
        public virtual string Handle(string word) => word;
    }

    [Authorize]
    public sealed class SignedIn : Echo;

    [Authorize(Roles = "admin")]
    public sealed class Admins : DuctsHandler
    {
        public static int Calls { get; set; }

        public string Handle(string word)
        {
            Calls++;
            return word;
        }
    }

    public sealed class Staff : DuctsHandler
    {
        [Authorize(Roles = "admin, clerk")]
        public string Handle(string word) => word;
    }

    [Authorize("readers")]
    public sealed class Readers : Echo;

    [Authorize("adults")]
    public sealed class Adults : Echo;

    [Authorize("ada")]
    public sealed class OnlyAda : Echo;

    [Authorize("scoped")]
    public sealed class Scoped : Echo;

    [Authorize(Roles = "admin")]
    public sealed class Both : Echo
    {
        [Authorize("readers")]
        public override string Handle(string word) => word;
    }

    [Authorize(Roles = "admin")]
    public abstract class AdminsOnly : Echo;

    public sealed class Inherits : AdminsOnly;

    [MinimumAge(18)]
    public sealed class Aged : Echo;

    [Authorize(Roles = "admin")]
    public sealed class OpenHandle : Echo
    {
        [AllowAnonymous]
        public override string Handle(string word) => word;
    }

    [AllowAnonymous]
    public sealed class OpenClass : Echo
    {
        [Authorize(Roles = "admin")]
        public override string Handle(string word) => word;
    }

    public sealed class Unmarked : Echo;

    /// <summary>A requirement as an attribute, which decides itself.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class MinimumAgeAttribute(int years) : Attribute, IAuthorizationRequirement, IAuthorizationRequirementData, IAuthorizationHandler
    {
        public int Years => years;

        public IEnumerable<IAuthorizationRequirement> GetRequirements() => [this];

        public Task HandleAsync(AuthorizationHandlerContext context) => Age.HandleAsync(context, this, years);
    }

    public sealed class Age(int years) : IAuthorizationRequirement, IAuthorizationHandler
    {
        public Task HandleAsync(AuthorizationHandlerContext context) => HandleAsync(context, this, years);

        public static Task HandleAsync(AuthorizationHandlerContext context, IAuthorizationRequirement requirement, int years)
        {
            if (context.Resource is EventContext && int.TryParse(context.User.FindFirst("age")?.Value, out var age) && age >= years)
                context.Succeed(requirement);
            return Task.CompletedTask;
        }
    }

    private sealed class CountLooks : IAuthorizationHandler
    {
        private int _ofRoles;
        private int _ofEvents;

        public int OfRoles => _ofRoles;

        public int OfEvents => _ofEvents;

        public Task HandleAsync(AuthorizationHandlerContext context)
        {
            if (context.Resource is EventContext)
                Interlocked.Increment(ref _ofEvents);
            else if (context.Resource is null)
                Interlocked.Increment(ref _ofRoles);
            return Task.CompletedTask;
        }
    }
}
