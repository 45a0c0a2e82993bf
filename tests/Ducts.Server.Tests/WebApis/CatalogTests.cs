using Ducts.Handlers;
using Ducts.Server.Tests.Discovery;
using Ducts.WebApis;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Server.Tests.WebApis;

public sealed class CatalogTests
{
    [Fact]
    public async Task A_good_handler_has_no_problems()
    {
        await using var host = await HttpHost.StartAsync();
        Assert.Empty(Catalog(host).Validate(WebApiTests.Snapshot(new SampleHandler())));
    }

    [Fact]
    public async Task A_clash_between_handlers_names_both_and_refuses_the_later()
    {
        await using var host = await HttpHost.StartAsync();
        var (first, second) = (new Clashing(), new Clashing());
        var snapshot = new HandlerSnapshot([], [first, second])
        {
            Candidates = new Dictionary<DuctsHandler, HandlerCandidate>
            {
                [first] = new(1000, "SHOP", typeof(Clashing), "evt_1000_shop.cs"),
                [second] = new(1001, "Shop", typeof(Clashing), "evt_1001_other.cs"),
            },
        };
        var problem = Assert.Single(Catalog(host).Validate(snapshot));
        Assert.Same(second, problem.Handler);
        Assert.Equal("evt_1001_other.cs", problem.Problem.Source);
        Assert.Contains("SHOP (evt_1000_shop.cs)", problem.Problem.Message, StringComparison.Ordinal);
        Assert.Contains("Shop", problem.Problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(BadPattern), "parameter")]
    [InlineData(typeof(BadConstraint), "nosuch")]
    [InlineData(typeof(BadMethod), "no HTTP method")]
    [InlineData(typeof(Upwards), "upwards")]
    [InlineData(typeof(Generic), "generic")]
    [InlineData(typeof(TwoBodies), "parameters")]
    [InlineData(typeof(Twice), "clashes")]
    [InlineData(typeof(TakesEvent), "server's own")]
    public async Task A_route_that_cannot_be_is_told_and_harms_no_other(Type type, string reason)
    {
        var bad = (DuctsHandler)Activator.CreateInstance(type)!;
        await using var host = await HttpHost.StartAsync(snapshot: new HandlerSnapshot([], [new SampleHandler(), bad]));
        var problem = Assert.Single(Catalog(host).Validate(host.Registry.Current));
        Assert.Same(bad, problem.Handler);
        Assert.Contains(reason, problem.Problem.Message, StringComparison.Ordinal);
        Assert.Equal("first", await host.Client.GetStringAsync("/ducts/api/v1/my_test_handler/name"));
    }

    private static WebApiCatalog Catalog(HttpHost host) => host.Services.GetRequiredService<WebApiCatalog>();

    private sealed class Clashing : DuctsHandler
    {
        [WebApi("GET", "/items/{id:int}")]
        public int Item(int id) => id;
    }

    [Event(2000, "BAD")]
    private sealed class BadPattern : DuctsHandler
    {
        [WebApi("GET", "/{a/b}")]
        public string Answer() => "";
    }

    [Event(2000, "BAD")]
    private sealed class BadConstraint : DuctsHandler
    {
        [WebApi("GET", "/{a:nosuch}")]
        public string Answer(string a) => a;
    }

    [Event(2000, "BAD")]
    private sealed class BadMethod : DuctsHandler
    {
        [WebApi("GET POST", "/a")]
        public string Answer() => "";
    }

    [Event(2000, "BAD")]
    private sealed class Upwards : DuctsHandler
    {
        [WebApi("GET", "/../other/a")]
        public string Answer() => "";
    }

    [Event(2000, "BAD")]
    private sealed class Generic : DuctsHandler
    {
        [WebApi("GET", "/a")]
        public string Answer<T>() => typeof(T).Name;
    }

    [Event(2000, "BAD")]
    private sealed class TwoBodies : DuctsHandler
    {
        [WebApi("POST", "/a")]
        public string Answer(Order one, Order two) => one.Text + two.Text;
    }

    [Event(2000, "BAD")]
    private sealed class Twice : DuctsHandler
    {
        // Either parameter matches any segment: no request could tell the two apart.
        [WebApi("GET", "/A/{x:int}")]
        public string Answer(int x) => $"{x}";

        [WebApi("GET", "a/{y:int}/")]
        public string Other(int y) => $"{y}";

        [WebApi("GET", "/a/{z:guid}")]
        [WebApi("HEAD", "/a/{z:int}")]
        public string Apart(string z) => z;
    }

    [Event(400, "EVENT")]
    private sealed class TakesEvent : DuctsHandler
    {
        [WebApi("GET", "/{id}")]
        public string Answer(string id) => id;
    }
}
