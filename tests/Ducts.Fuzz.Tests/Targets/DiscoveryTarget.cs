using System.Buffers;
using System.Text;
using System.Text.Json;
using Ducts.Configuration;
using Ducts.Redis.Embedded;
using Ducts.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ducts.Fuzz.Targets;

/// <summary>
/// Requests of strangers to a whole server: service discovery, JSONP, session ids, event lists, static files, with any query and
/// headers. None is an internal error.
/// </summary>
/// <remarks>Of an input: the path's number, the text behind the path, the query, then pairs of a header's number and its text, all ended by zeros.</remarks>
internal sealed class DiscoveryTarget : IFuzzTarget
{
    private static readonly string[] Paths =
    [
        "/ducts/wsd", "/ducts/main", "/ducts/ws/v1/", "/ducts/libs/", "/ducts/api/v1/event/", "/ducts/api/v1/", "/static/", "/", "/healthz", "/ducts/",
    ];

    private static readonly string[] Headers =
    [
        "Host", "Origin", "User-Agent", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Upgrade", "Connection", "X-Forwarded-For", "X-Forwarded-Host",
        "X-Forwarded-Proto", "X-Forwarded-Prefix", "Referer", "Sec-Fetch-Site", "If-None-Match", "Range", "Accept-Encoding", "Access-Control-Request-Method",
    ];

    // Kestrel, in whose place the test server is, refuses a host of others, and a second one, before it asks anybody.
    private static readonly SearchValues<char> HostCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!$%&'()*+,-.:;=[]_~");

    private static readonly int[] Answers = [200, 204, 206, 301, 302, 304, 307, 308, 400, 403, 404, 405, 406, 410, 413, 414, 416, 421, 426, 429, 431, 503];

    // One for all targets of the process: it ends with the process.
    private static readonly Lazy<WebApplication> Server = new(static () => StartAsync().GetAwaiter().GetResult());

    public string Name => "discovery";

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        Seed(0, "", "?uuid=1"),
        Seed(0, "", "?uuid=1&a=b&a=c&ip=1&%zz=%00", 0, "localhost:8888", 2, "agent"),
        Seed(0, "", "?ts=1", 0, "[::1]:80", 1, "http://localhost"),
        Seed(1, "", "?callback=app.start&uuid=1", 11, "http://localhost/page", 12, "same-origin"),
        Seed(1, "", "?callback=a);b(&uuid=1"),
        Seed(2, "3bf0e158b223fe43fb8c2681f918d9e38c8a7393.MTY0NjU2MTE0NjE1NC0w", "", 3, "AAAAAAAAAAAAAAAAAAAAAA==", 4, "13", 5, "websocket", 6, "Upgrade"),
        Seed(2, "3bf0e158b223fe43fb8c2681f918d9e38c8a7393.MTY0NjU2MTE0NjE1NC0w/reconnect", "?v=2", 1, "https://elsewhere:443", 0, "localhost"),
        Seed(2, "3BF0e158b223fe43fb8c2681f918d9e38c8a7393.MTY0+g", ""),
        Seed(3, "ducts.js", "", 13, "\"x\", W/\"y\"", 15, "gzip, br;q=0.1"),
        Seed(3, "../../etc/passwd", ""),
        Seed(4, "1000", ""),
        Seed(4, "99999999999999999999", ""),
        Seed(5, "openapi.json", ""),
        Seed(6, "index.html", "", 14, "bytes=0-1,5-"),
        Seed(6, "a.txt/", ""),
        Seed(6, "..%2f..%2fetc", ""),
        Seed(7, "", "", 7, "1.2.3.4, evil", 8, "evil", 9, "https", 10, "/prefix"),
        Seed(8, "", ""),
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        var feed = new ByteFeed(input);
        var path = Paths[feed.Below(Paths.Length)];
        var suffix = Printable(feed.Text());
        var query = Printable(feed.Text()).Replace(' ', '+');
        var headers = new List<(string Name, string Value)>();
        while (!feed.IsEmpty && headers.Count < 20)
        {
            headers.Add((Headers[feed.Below(Headers.Length)], Printable(feed.Text()).Trim()));
        }

        CheckIds(suffix);
        CheckNames(query);
        SendAsync(path, suffix, query, headers).GetAwaiter().GetResult();
    }

    private static void CheckIds(string text)
    {
        if (SessionUrlId.TryParse(text, out var id))
        {
            Claim.True(SessionUrlId.TryParse(id.ToString(), out var again));
            Claim.Equal(id, again);
            // An id has one spelling.
            Claim.Equal(text, id.ToString());
        }

        SessionUrlId.TryReadSessionId(text, out _);
        SessionUrlId.TryReadSessionId("SS." + text, out _);
    }

    private static void CheckNames(string text)
    {
        if (JsonpCallback.IsValid(text))
        {
            Claim.True(text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '$' or '.'));
        }

        if (DiscoveryTemplate.TryParse(text, out var template, out var problem))
        {
            _ = template.Fill(0, static (_, name) => name);
        }
        else
        {
            Claim.True(problem.Length > 0);
        }
    }

    private static async Task SendAsync(string path, string suffix, string query, List<(string Name, string Value)> headers)
    {
        var context = await Server.Value.GetTestServer().SendAsync(request =>
        {
            request.Request.Method = "GET";
            request.Request.Scheme = "http";
            request.Request.Host = new HostString("localhost");
            request.Request.Path = new PathString(path.EndsWith('/') ? path + suffix : path);
            request.Request.QueryString = query.Length == 0 ? QueryString.Empty : new QueryString('?' + query.TrimStart('?'));
            foreach (var (name, value) in headers)
            {
                if (name != Headers[0])
                {
                    request.Request.Headers.Append(name, value);
                }
                else if (!value.AsSpan().ContainsAnyExcept(HostCharacters))
                {
                    request.Request.Headers.Host = value;
                }
            }
        });
        Claim.True(Answers.Contains(context.Response.StatusCode), $"{path}{suffix}{query} is answered with {context.Response.StatusCode}");
        using var body = new StreamReader(context.Response.Body, Encoding.UTF8);
        var text = await body.ReadToEndAsync();
        if (context.Response.StatusCode != 200)
        {
            return;
        }

        if (path == Paths[0])
        {
            using var answer = JsonDocument.Parse(text);
            Claim.True(answer.RootElement.GetProperty("EVENT").GetProperty("ALIVE_MONITORING").GetInt32() == 0);
        }
        else if (path == Paths[1])
        {
            // The answer's own part: nothing in it ends the script or the line.
            const string End = "\n});\n";
            Claim.True(text.EndsWith(End, StringComparison.Ordinal));
            var call = text[(text.LastIndexOf("\n;", StringComparison.Ordinal) + 2)..^End.Length];
            Claim.True(!call.AsSpan().ContainsAny(['<', '>', '\n', '\u2028', '\u2029']), "the script is " + call);
        }
    }

    // What an HTTP server lets through: no control characters.
    private static string Printable(string text) => string.Concat(text.Where(static c => !char.IsControl(c) && !char.IsSurrogate(c)));

    private static byte[] Seed(int path, string suffix, string query, params object[] headers)
    {
        var bytes = new List<byte> { (byte)path };
        foreach (var text in (string[])[suffix, query])
        {
            bytes.AddRange(Encoding.UTF8.GetBytes(text));
            bytes.Add(0);
        }

        foreach (var pair in headers.Chunk(2))
        {
            bytes.Add((byte)(int)pair[0]);
            bytes.AddRange(Encoding.UTF8.GetBytes((string)pair[1]));
            bytes.Add(0);
        }

        return [.. bytes];
    }

    private static async Task<WebApplication> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("ducts-fuzz-").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "htdocs"));
        await File.WriteAllTextAsync(Path.Combine(folder, "htdocs", "a.txt"), "text");
        var redis = await EmbeddedRedis.StartAsync(folder, NullLogger.Instance);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddDucts(options =>
        {
            options.Common.DuctsHome = folder;
            options.Redis.RedisUriMain = redis.Uri;
            options.Server.BehindNginx = true;
        });
        builder.Services.AddHealthChecks().AddDucts();
        var app = builder.Build();
        app.MapDucts();
        app.MapDuctsPages();
        app.MapDuctsStaticFiles();
        app.MapDuctsHealthChecks();
        await app.StartAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            app.DisposeAsync().AsTask().GetAwaiter().GetResult();
            redis.DisposeAsync().AsTask().GetAwaiter().GetResult();
            Directory.Delete(folder, recursive: true);
        };
        return app;
    }
}
