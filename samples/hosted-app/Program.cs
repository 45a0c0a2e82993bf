using GuestBook.Data;
using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;

var builder = WebApplication.CreateBuilder(args);
string ConnectionString(string name) => builder.Configuration.GetConnectionString(name)!;

builder.Services.AddDbContext<GuestBookContext>(options => options.UseSqlite(ConnectionString("GuestBook")));
builder.Services.AddSingleton<IConnectionMultiplexer>(_ => ConnectionMultiplexer.Connect(ConnectionString("Redis")));
builder.Services.AddHealthChecks().AddDucts();
builder.Services.AddDucts()
    .AddHandlers(typeof(Program).Assembly)
    .UseRedis(services => services.GetRequiredService<IConnectionMultiplexer>());

var app = builder.Build();

await using (var scope = app.Services.CreateAsyncScope())
{
    await scope.ServiceProvider.GetRequiredService<GuestBookContext>().Database.EnsureCreatedAsync();
}

app.UseFileServer();
app.MapHealthChecks("/health");
// A WebSocket that is open for hours would distort the durations of HTTP requests.
app.MapDucts().DisableHttpMetrics();
app.Run();
