using Ducts.Tests.Support;
using GuestBook.Data;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ducts.Samples.Tests.Support;

/// <summary>The sample as its own tests would start it: in environment Development, with a database and a Redis for tests.</summary>
internal sealed class GuestBookFactory(string redis, Action<IServiceCollection>? configure = null) : WebApplicationFactory<Program>
{
    private readonly string _folder = Directory.CreateTempSubdirectory("guest-book-").FullName;

    public ContextTrace Trace { get; } = new();

    public NotedLines Log { get; } = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        // Its pooled connections keep the file open.
        SqliteConnection.ClearAllPools();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Development");
        builder.UseSetting("ConnectionStrings:GuestBook", $"Data Source={Path.Combine(_folder, "guest-book.db")}");
        builder.UseSetting("ConnectionStrings:Redis", redis);
        builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(Log));
        builder.ConfigureTestServices(services =>
        {
            services.AddSingleton(Trace);
            services.AddScoped<GuestBookContext, TracedContext>();
            configure?.Invoke(services);
        });
    }
}
