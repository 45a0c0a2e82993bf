using System.Collections.Concurrent;
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

    /// <summary>Gets the messages of level Error that were logged.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

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
        builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(new ErrorLog(Errors)));
        builder.ConfigureTestServices(services =>
        {
            services.AddSingleton(Trace);
            services.AddScoped<GuestBookContext, TracedContext>();
            configure?.Invoke(services);
        });
    }

    private sealed class ErrorLog(ConcurrentQueue<string> errors) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                errors.Enqueue($"{formatter(state, exception)} {exception}");
            }
        }

        public void Dispose()
        {
        }
    }
}
