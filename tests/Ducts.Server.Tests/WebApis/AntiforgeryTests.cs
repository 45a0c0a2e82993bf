using System.Net;
using Ducts.Server.Tests.Discovery;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Server.Tests.WebApis;

/// <summary>Web APIs that take forms, in applications that validate antiforgery tokens and in those that do not.</summary>
public sealed class AntiforgeryTests
{
    [Fact]
    public async Task Where_the_application_validates_tokens_a_form_without_one_is_refused()
    {
        await using var host = await StartAsync(static app =>
        {
            app.UseAntiforgery();
            app.MapGet("/token", static (HttpContext context, IAntiforgery antiforgery) => antiforgery.GetAndStoreTokens(context).RequestToken);
        });

        using var without = await PostAsync(host, "save", []);
        using var exempt = await PostAsync(host, "exempt", []);
        using var page = await host.Client.GetAsync("/token");
        var token = KeyValuePair.Create("__RequestVerificationToken", await page.Content.ReadAsStringAsync());
        using var with = await PostAsync(host, "save", [token], page.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);

        Assert.Equal(HttpStatusCode.BadRequest, without.StatusCode);
        Assert.Equal("application/problem+json", without.Content.Headers.ContentType?.MediaType);
        Assert.Equal((HttpStatusCode.OK, "saved x"), (with.StatusCode, await with.Content.ReadAsStringAsync()));
        Assert.Equal("saved x", await exempt.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Elsewhere_a_form_needs_no_token()
    {
        await using var host = await StartAsync(static _ => { });
        using var answer = await PostAsync(host, "save", []);
        Assert.Equal("saved x", await answer.Content.ReadAsStringAsync());
    }

    private static Task<HttpHost> StartAsync(Action<WebApplication> map) =>
        HttpHost.StartAsync(snapshot: WebApiTests.Snapshot(new Forms()), addServices: static services => services.AddAntiforgery(), map: map);

    private static Task<HttpResponseMessage> PostAsync(HttpHost host, string name, KeyValuePair<string, string>[] fields, string? cookie = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/ducts/api/v1/forms/{name}")
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("text", "x"), .. fields]),
        };
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        return host.Client.SendAsync(request);
    }

    [Event(1002, "FORMS")]
    internal sealed class Forms : DuctsHandler
    {
        [WebApi("POST", "/save")]
        public string Save([FromForm] string text) => $"saved {text}";

        [WebApi("POST", "/exempt")]
        [RequireAntiforgeryToken(required: false)]
        public string Exempt([FromForm] string text) => $"saved {text}";
    }
}
