using Ducts.Docs.Blocks;
using Ducts.Docs.Markdown;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ducts.Docs;

public sealed class HandlerLoadTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("ducts-docs-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task A_server_loads_every_handler_file_of_the_documents()
    {
        var samples = Repository.Documents
            .SelectMany(static path => MarkdownDocument.Read(path).Blocks)
            // Packages are restored by Ducts.Scripting.Tests; the compiler has seen these blocks.
            .Where(static block => block.Language == "csharp" && !block.Has("continued") && !block.Text.StartsWith("#:", StringComparison.Ordinal) && CSharpSample.Of(block).IsHandlerFile)
            .ToList();
        Assert.NotEmpty(samples);

        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        var ducts = builder.Services
            .AddDucts(options =>
            {
                options.Common.DuctsHome = _home;
                options.Redis.RedisEmbedded = EmbeddedRedisMode.Always;
                options.Event.Strict = true;
            })
            .AddEmbeddedRedis(inProduction: true);
        // Samples have the same names in several guides, so each has a folder of its own.
        for (var at = 0; at < samples.Count; at++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(_home, $"handler-{at}")).FullName;
            await File.WriteAllTextAsync(Path.Combine(folder, $"evt_{2000 + at}_sample_{at}.cs"), samples[at].Text);
            ducts.AddHandlerFolder(folder);
        }

        await using var app = builder.Build();
        app.MapDucts();
        await app.StartAsync();

        // One of them says itself that it is not to be registered without a folder.
        var loaded = app.Services.GetRequiredService<IHandlerManager>().KeyIds.Count(static pair => pair.Value >= 2000);
        Assert.Equal(samples.Count - 1, loaded);
        await app.StopAsync();
    }
}
