using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ducts.Blobs.Bench;

/// <summary>The server under measurement: BLOBS, and a file by Kestrel.</summary>
internal static class BenchServer
{
    public static async Task RunAsync(string redis, string folder)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.Configure<KestrelServerOptions>(static options => options.Limits.MaxRequestBodySize = null);
        builder.Services.AddDucts(options => options.Redis.RedisUriMain = redis).AddBlobs().UseSocketTransport();
        var app = builder.Build();
        app.MapDucts();
        app.MapGet("/file", () => Results.File(Path.Combine(folder, "file"), enableRangeProcessing: true));
        app.MapPut("/file", async (HttpRequest request) =>
        {
            await using var file = File.Create(Path.Combine(folder, "upload"));
            await request.Body.CopyToAsync(file, request.HttpContext.RequestAborted);
        });
        await app.StartAsync();
        await Console.Out.WriteLineAsync(app.Urls.First());
        // Until whoever has started this ends it.
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
    }
}
