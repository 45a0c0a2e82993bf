using Ducts.Tests.Support;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Server.Tests.Identity;

/// <summary>What an event asks for and the server cannot do is told when it is loaded.</summary>
public class EventMetadataTests(RedisFixture redis)
{
    [Theory]
    [InlineData(typeof(Undefined), "policy 'adults' is not defined; add it with AddAuthorization(options => options.AddPolicy(\"adults\", …))")]
    [InlineData(typeof(Schemes), "authentication schemes (Bearer) have no effect on an event")]
    [InlineData(typeof(SchemesOfPolicy), "authentication schemes (Bearer) have no effect on an event")]
    [InlineData(typeof(Cors), "[EnableCors] has no effect on an event: pages of other origins open WebSockets by option allowed_origins")]
    [InlineData(typeof(Hosts), "[Host] has no effect on an event: put RequireHost on MapDucts()")]
    [InlineData(typeof(Rates), "the rate limit 'slow' is not defined")]
    [InlineData(typeof(Cached), "[OutputCache] has no effect on an event: if it is for Web APIs, put it on their methods; otherwise remove it")]
    [InlineData(typeof(Sized), "[RequestSizeLimit] has no effect on an event")]
    [InlineData(typeof(Routed), "[HttpGet] has no effect on an event")]
    [InlineData(typeof(OfMvc), "[Own] has no effect on an event: filters of MVC do not run here; implement IEventFilter instead")]
    [InlineData(typeof(FiltersNothing), "filters of events do not run for Web APIs, and the handler has nothing else")]
    [InlineData(typeof(FiltersWebApi), "FiltersWebApi: [WebApi(\"GET\", \"one\")] on One: filters of events do not run for Web APIs")]
    [InlineData(typeof(Failing), "its attributes cannot be used: no luck")]
    public async Task A_handler_that_asks_for_it_is_refused_by_name(Type handler, string problem)
    {
        await using var server = await GuardedServer.StartAsync(redis, AddPolicies, handlers: [handler, typeof(Documented)]);

        Assert.Contains($"REFUSED|{handler.Name}: {problem}", Assert.Single(server.Log.Errors), StringComparison.Ordinal);
        await using var client = await server.OpenAsync();
        Assert.Equal("[1,-2000,\"KeyError('no event 2000')\"]", await client.CallAsync("[1, 2000, null]"));
        // The others answer.
        Assert.Equal("[1,2001,1]", await client.CallAsync("[1, 2001, null]"));
    }

    [Fact]
    public async Task Documentation_and_what_is_on_the_methods_of_Web_APIs_are_fine()
    {
        await using var server = await GuardedServer.StartAsync(redis, handlers: [typeof(Documented), typeof(OnWebApi), typeof(WebApisOnly)]);

        Assert.Empty(server.Log.Errors);
        Assert.Contains("\"description\":\"What it says.\"", await server.Http.GetStringAsync("/ducts/libs/events.json"), StringComparison.Ordinal);
        Assert.Equal("1", await server.Http.GetStringAsync("/ducts/api/v1/onwebapi/one"));
        Assert.Equal("1", await server.Http.GetStringAsync("/ducts/api/v1/webapisonly/one"));
    }

    [Fact]
    public async Task Conventions_for_people_work_on_mapped_events()
    {
        await using var server = await GuardedServer.StartAsync(redis, map: static app =>
        {
            var mapped = app.MapEvent(3000, "MAPPED", static () => 1).WithDescription("Says one.").WithTags("numbers").WithName("one").WithSummary("One").WithDisplayName("One");
            Assert.Equal(3000, mapped.Spec.Id);
            app.MapEvent(3001, "SET", static () => 1).Spec.Description = "By its spec.";
            mapped.Finally(static builder => Assert.Contains(builder.Metadata, static each => each is TagsAttribute));
        });

        var list = await server.Http.GetStringAsync("/ducts/libs/events.json");
        Assert.Contains("Says one.", list, StringComparison.Ordinal);
        Assert.Contains("By its spec.", list, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cors", "[EnableCors] has no effect on an event")]
    [InlineData("host", "[Host] has no effect on an event")]
    [InlineData("policy", "policy 'missing' is not defined")]
    [InlineData("scheme", "authentication schemes (Bearer) have no effect on an event")]
    [InlineData("filter", "endpoint filters do not run here; add an IEventFilter by AddFilter instead")]
    [InlineData("delegate", "a convention has set its request delegate")]
    [InlineData("two", "[EnableCors] has no effect on an event: pages of other origins open WebSockets by option allowed_origins. For a Web API, put it on its method; [Host] has no effect")]
    public async Task Conventions_that_have_no_effect_fail_the_start(string convention, string problem)
    {
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => GuardedServer.StartAsync(redis, map: app =>
        {
            var mapped = app.MapEvent(3000, "MAPPED", static () => 1);
            _ = convention switch
            {
                "cors" => mapped.RequireCors("any"),
                "host" => mapped.RequireHost("example.org"),
                "policy" => mapped.RequireAuthorization("missing"),
                "scheme" => mapped.RequireAuthorization(new AuthorizeAttribute { AuthenticationSchemes = "Bearer" }),
                "filter" => mapped.AddEndpointFilter(static (context, next) => next(context)),
                "two" => mapped.RequireCors("any").RequireHost("example.org"),
                _ => mapped.WithDelegate(),
            };
        }));

        Assert.StartsWith($"Event 3000 MAPPED cannot be mapped: {problem}", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_is_not_mapped_on_a_group_whose_conventions_would_not_reach_it()
    {
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => GuardedServer.StartAsync(redis, map: static app =>
            app.MapGroup("/admin").RequireAuthorization().MapEvent(3000, "MAPPED", static () => 1)));
        Assert.Contains("cannot be mapped on a group", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_cannot_be_configured_once_the_server_has_started()
    {
        DuctsEventConventionBuilder? mapped = null;
        await using var server = await GuardedServer.StartAsync(redis, map: app => mapped = app.MapEvent(3000, "MAPPED", static () => 1));
        var thrown = Assert.Throws<InvalidOperationException>(() => mapped!.RequireAuthorization());
        Assert.Contains("Event 3000 MAPPED is configured too late", thrown.Message, StringComparison.Ordinal);
    }

    private static void AddPolicies(IDuctsBuilder ducts) => ducts.Services.AddAuthorization(static options =>
        options.AddPolicy("bearers", static policy => policy.AddAuthenticationSchemes("Bearer").RequireAuthenticatedUser()));

    [Authorize("adults")]
    public sealed class Undefined : DuctsHandler
    {
        public int Handle() => 1;
    }

    [Authorize(AuthenticationSchemes = "Bearer")]
    public sealed class Schemes : DuctsHandler
    {
        public int Handle() => 1;
    }

    [Authorize("bearers")]
    public sealed class SchemesOfPolicy : DuctsHandler
    {
        public int Handle() => 1;
    }

    [EnableCors("any")]
    public sealed class Cors : DuctsHandler
    {
        public int Handle() => 1;
    }

    [Host("example.org")]
    public sealed class Hosts : DuctsHandler
    {
        public int Handle() => 1;
    }

    [EnableRateLimiting("slow")]
    public sealed class Rates : DuctsHandler
    {
        public int Handle() => 1;
    }

    public sealed class Cached : DuctsHandler
    {
        [OutputCache]
        public int Handle() => 1;
    }

    [RequestSizeLimit(1000)]
    public sealed class Sized : DuctsHandler
    {
        public int Handle() => 1;
    }

    public sealed class Routed : DuctsHandler
    {
        [HttpGet("/one")]
        public int Handle() => 1;
    }

    public sealed class OwnAttribute : ActionFilterAttribute;

    [Own]
    public sealed class OfMvc : DuctsHandler
    {
        public int Handle() => 1;
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class FailingAttribute : Attribute
    {
        public FailingAttribute() => throw new InvalidOperationException("no luck");
    }

    [EventFilter<Through>]
    public sealed class FiltersNothing : DuctsHandler
    {
        [WebApi("GET", "one")]
        public int One() => 1;
    }

    public sealed class FiltersWebApi : DuctsHandler
    {
        public int Handle() => 1;

        [WebApi("GET", "one")]
        [EventFilter<Through>]
        public int One() => 1;
    }

    public sealed class Through : IEventFilter
    {
        public ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next) => next(context);
    }

    [Failing]
    public sealed class Failing : DuctsHandler
    {
        public int Handle() => 1;
    }

    [Tags("numbers")]
    public sealed class Documented : DuctsHandler
    {
        [EndpointDescription("What it says.")]
        [EndpointSummary("One")]
        [ExcludeFromDescription]
        [EndpointName("one")]
        [ProducesResponseType<int>(200)]
        public int Handle() => 1;
    }

    public sealed class OnWebApi : DuctsHandler
    {
        public int Handle() => 1;

        [WebApi("GET", "one")]
        [RequestSizeLimit(1000)]
        [Host("127.0.0.1")]
        public int One() => 1;
    }

    [RequestSizeLimit(1000)]
    public sealed class WebApisOnly : DuctsHandler
    {
        [WebApi("GET", "one")]
        public int One() => 1;
    }
}

internal static class Conventions
{
    public static DuctsEventConventionBuilder WithDelegate(this DuctsEventConventionBuilder mapped)
    {
        mapped.Add(static builder => builder.RequestDelegate = static _ => Task.CompletedTask);
        return mapped;
    }
}
