using System.Text.Json;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Ducts.Server.Tests.Identity;

/// <summary>What the OpenAPI document says of who may call a Web API, and of how a caller says who he is.</summary>
public class OpenApiSecurityTests(RedisFixture redis)
{
    [Theory]
    [InlineData("marked", "Header", "401")]
    [InlineData("admins", "Header", "401 403")]
    [InlineData("open", "", "")]
    [InlineData("unmarked", "", "")]
    [InlineData("onmethod", "Header", "401")]
    [InlineData("described", "Header", "401 403")]
    public async Task An_operation_names_what_its_callers_need(string handler, string schemes, string refusals)
    {
        await using var server = await StartAsync();
        using var document = await ReadAsync(server);
        var operation = Operation(document, handler);
        Assert.Equal(schemes, SchemesOf(operation));
        Assert.Equal(refusals, RefusalsOf(operation));
    }

    [Fact]
    public async Task What_a_method_says_of_a_status_itself_stays()
    {
        await using var server = await StartAsync();
        using var document = await ReadAsync(server);
        var responses = Operation(document, "described").GetProperty("responses");
        Assert.True(responses.GetProperty("403").GetProperty("content").TryGetProperty("text/plain", out _));
        Assert.True(responses.GetProperty("401").GetProperty("content").TryGetProperty("application/problem+json", out _));
        Assert.True(responses.TryGetProperty("200", out _));
    }

    [Fact]
    public async Task Authorize_by_default_and_the_conventions_of_MapDucts_count()
    {
        await using (var server = await StartAsync(configure: static options => options.Auth.AuthorizeByDefault = true))
        {
            using var document = await ReadAsync(server);
            Assert.Equal("Header", SchemesOf(Operation(document, "unmarked")));
            Assert.Equal("", SchemesOf(Operation(document, "open")));
        }

        await using (var server = await StartAsync(conventions: static ducts => ducts.RequireAuthorization(static policy => policy.RequireRole("clerk"))))
        {
            // The document itself is behind it, too.
            using var answer = await server.GetAsync("/ducts/api/openapi.json", "ada role=clerk");
            using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            Assert.Equal("401 403", RefusalsOf(Operation(document, "unmarked")));
            Assert.Equal("", RefusalsOf(Operation(document, "open")));
        }
    }

    [Fact]
    public async Task Schemes_are_described_as_far_as_they_are_known()
    {
        await using var server = await StartAsync(
            hasScheme: false,
            before: static services =>
            {
                services.AddAuthentication("Choice")
                    .AddPolicyScheme("Choice", null, static options => options.ForwardDefaultSelector = static _ => "Cookies")
                    .AddCookie("Cookies", static options => options.Cookie.Name = "who")
                    .AddBearerToken("Tokens")
                    .AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>("Basic", null)
                    .AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>("X of ours", "Keys", null);
            });
        using var document = await ReadAsync(server);
        Assert.Equal("Basic Cookies Tokens X_of_ours", SchemesOf(Operation(document, "marked")));
        Assert.Equal("Cookies", SchemesOf(Operation(document, "bycookie")));
        var schemes = document.RootElement.GetProperty("components").GetProperty("securitySchemes");
        Assert.Equal("""{"type":"apiKey","name":"who","in":"cookie"}""", Compact(schemes.GetProperty("Cookies")));
        Assert.Equal("""{"type":"http","scheme":"bearer"}""", Compact(schemes.GetProperty("Tokens")));
        Assert.Equal("""{"type":"http","scheme":"basic"}""", Compact(schemes.GetProperty("Basic")));
        Assert.Equal(
            """{"type":"apiKey","description":"Keys: a scheme of the application, which may read its credentials from elsewhere.","name":"Authorization","in":"header"}""",
            Compact(schemes.GetProperty("X_of_ours")));
    }

    [Fact]
    public async Task Without_a_scheme_there_are_the_refusals_only()
    {
        await using var server = await StartAsync(hasScheme: false);
        using var document = await ReadAsync(server);
        Assert.Equal("", SchemesOf(Operation(document, "admins")));
        Assert.Equal("401 403", RefusalsOf(Operation(document, "admins")));
    }

    [Fact]
    public async Task The_document_is_valid()
    {
        await using var server = await StartAsync();
        using var answer = await server.GetAsync("/ducts/api/openapi.json");
        var read = OpenApiDocument.Parse(await answer.Content.ReadAsStringAsync(), OpenApiConstants.Json);
        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        Assert.NotEmpty(read.Document!.Components!.SecuritySchemes!);
    }

    private static async Task<JsonDocument> ReadAsync(GuardedServer server)
    {
        using var answer = await server.GetAsync("/ducts/api/openapi.json");
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
    }

    private static JsonElement Operation(JsonDocument document, string handler) =>
        document.RootElement.GetProperty("paths").GetProperty($"/ducts/api/v1/{handler}/one").GetProperty("get");

    private static string SchemesOf(JsonElement operation) => operation.TryGetProperty("security", out var security)
        ? string.Join(' ', security.EnumerateArray().Select(static one => Assert.Single(one.EnumerateObject()).Name).Order(StringComparer.Ordinal))
        : "";

    private static string RefusalsOf(JsonElement operation) => string.Join(' ', operation.GetProperty("responses").EnumerateObject()
        .Select(static response => response.Name).Where(static status => status[0] == '4').Order(StringComparer.Ordinal));

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);

    private Task<GuardedServer> StartAsync(
        Action<DuctsOptions>? configure = null,
        Action<IEndpointConventionBuilder>? conventions = null,
        bool hasScheme = true,
        Action<IServiceCollection>? before = null) =>
        GuardedServer.StartAsync(
            redis,
            configure: configure,
            handlers: [typeof(Marked), typeof(Admins), typeof(Open), typeof(Unmarked), typeof(OnMethod), typeof(Described), .. hasScheme ? (Type[])[] : [typeof(ByCookie)]],
            hasScheme: hasScheme,
            conventions: conventions,
            before: before);

    [Authorize]
    public sealed class Marked : DuctsHandler
    {
        [WebApi("GET", "one")]
        public int One() => 1;
    }

    [Authorize(Roles = "admin")]
    public sealed class Admins : DuctsHandler
    {
        [WebApi("GET", "one")]
        public int One() => 1;
    }

    [AllowAnonymous]
    public sealed class Open : DuctsHandler
    {
        [WebApi("GET", "one")]
        public int One() => 1;
    }

    public sealed class Unmarked : DuctsHandler
    {
        [WebApi("GET", "one")]
        public int One() => 1;
    }

    public sealed class OnMethod : DuctsHandler
    {
        [WebApi("GET", "one")]
        [Authorize]
        public void One()
        {
        }
    }

    [Authorize(Roles = "admin")]
    public sealed class Described : DuctsHandler
    {
        [WebApi("GET", "one")]
        [ProducesResponseType<string>(StatusCodes.Status403Forbidden, "text/plain")]
        [ProducesResponseType<int>(StatusCodes.Status200OK)]
        public int One() => 1;
    }

    public sealed class ByCookie : DuctsHandler
    {
        [WebApi("GET", "one")]
        [Authorize(AuthenticationSchemes = "Cookies")]
        public int One() => 1;
    }
}
