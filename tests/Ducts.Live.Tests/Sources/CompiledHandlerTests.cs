using Ducts.Client;
using Ducts.Live.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Live.Sources;

/// <summary>Handlers that come compiled: assemblies named in code or by option, and single functions.</summary>
public class CompiledHandlerTests
{
    private const int Refused = 1200;

    [Fact]
    public async Task Classes_of_an_assembly_answer_beside_files_and_get_services()
    {
        await using var server = new LiveServer();
        server.Write("evt_1000_asks.cs", """
            public class Asks(IHandlerManager manager) : DuctsHandler
            {
                public string Handle() => manager.Specs.Single(spec => spec.Id == 2000).Description;
            }
            """);
        await server.StartAsync(build: static (ducts, application) =>
        {
            application.Services.AddSingleton(new Greeting("Hail"));
            ducts.AddHandlers(typeof(Compiled).Assembly);
        });
        var client = await server.ConnectAsync();

        Assert.StartsWith("Hail, Ann! ", await client.CallAsync<string>("COMPILED", "Ann"), StringComparison.Ordinal);
        Assert.Equal("Greets as it was told", await client.CallAsync<string>("ASKS"));
        Assert.Equal(2000, client.Events["COMPILED"]);
        Assert.Contains("Unfit has [Event] but is no concrete class", Assert.Single(server.Log.Texts(Refused)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Ducts.Live.Tests")]
    [InlineData(null)]
    public async Task Option_plugin_modules_names_assemblies_by_name_or_path(string? name)
    {
        await using var server = new LiveServer();
        await server.StartAsync(
            options => options.Context.PluginModules = [name ?? typeof(Compiled).Assembly.Location, "No.Such.Assembly"],
            static (_, application) => application.Services.AddSingleton(new Greeting("Hello")));
        var client = await server.ConnectAsync();

        Assert.StartsWith("Hello, Ann! ", await client.CallAsync<string>(2000, "Ann"), StringComparison.Ordinal);
        Assert.Contains(server.Log.Texts(Refused), static problem => problem.Contains("No.Such.Assembly", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_assembly_named_twice_is_refused_the_second_time()
    {
        await using var server = new LiveServer();
        await server.StartAsync(
            static options => options.Context.PluginModules = ["Ducts.Live.Tests"],
            static (ducts, application) =>
            {
                application.Services.AddSingleton(new Greeting("Hello"));
                ducts.AddHandlers(typeof(Compiled).Assembly);
            });

        Assert.Contains(server.Log.Texts(Refused), static problem => problem.Contains("event 2000 COMPILED is taken by", StringComparison.Ordinal));
        Assert.StartsWith("Hello", await (await server.ConnectAsync()).CallAsync<string>("COMPILED", "Ann"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Functions_answer_events_with_all_that_handlers_may_take_and_return()
    {
        await using var server = new LiveServer();
        await server.StartAsync(map: static app =>
        {
            app.MapEvent(3000, "ECHO", (string text, int times = 1) => string.Concat(Enumerable.Repeat(text, times))).Spec.Description = "Says it again";
            app.MapEvent(3001, "COUNT", CountAsync);
            app.MapEvent(3002, "FAILS", string () => throw new KeyNotFoundException("no such thing"));
        });
        var client = await server.ConnectAsync();

        Assert.Equal("hi", await client.CallAsync<string>("ECHO", "hi"));
        Assert.Equal("hihi", await client.CallAsync<string>("ECHO", new { text = "hi", times = 2 }));
        var counted = await client.StreamAsync<int>("COUNT", 3).ToArrayAsync();
        Assert.Equal([0, 1, 2], counted);
        Assert.Equal("KeyError('no such thing')", (await Assert.ThrowsAsync<DuctsRemoteException>(() => client.CallAsync("FAILS"))).Text);
        Assert.Contains("Says it again", await server.Http.GetStringAsync("/ducts/libs/events.json"), StringComparison.Ordinal);

        static async IAsyncEnumerable<int> CountAsync(int to, IEventSession session)
        {
            for (var at = 0; at < to && !session.IsClosed; at++)
            {
                await Task.Yield();
                yield return at;
            }
        }
    }

    [Theory]
    [InlineData(999, "ECHO", "below 1000")]
    [InlineData(0, "ECHO", "below 1000")]
    [InlineData(3000, "ECHO", "taken by 3000 FIRST")]
    [InlineData(3001, "FIRST", "taken by 3000 FIRST")]
    [InlineData(3001, "ALIVE_MONITORING", "taken by 0 ALIVE_MONITORING")]
    [InlineData(3001, "", "key")]
    [InlineData(3001, "A B", "letters")]
    public async Task A_function_for_an_event_that_is_taken_or_reserved_is_a_mistake_in_the_program(int id, string key, string reason)
    {
        await using var server = new LiveServer();
        var thrown = await Assert.ThrowsAnyAsync<ArgumentException>(() => server.StartAsync(map: app =>
        {
            app.MapEvent(3000, "FIRST", static () => 1);
            app.MapEvent(id, key, static () => 2);
        }));

        Assert.Contains(reason, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_function_mapped_after_the_start_is_a_mistake_in_the_program()
    {
        await using var server = new LiveServer();
        await server.StartAsync();

        Assert.Throws<InvalidOperationException>(() => server.Map(static app => app.MapEvent(3000, "LATE", static () => 1)));
    }

    [Fact]
    public async Task A_handler_file_does_not_take_the_event_of_a_function()
    {
        await using var server = new LiveServer();
        server.Write("evt_3000_file.cs", """public class Late : DuctsHandler { public string Handle() => "file"; }""");
        await server.StartAsync(map: static app => app.MapEvent(3000, "MAPPED", static () => "function"));

        Assert.Equal("function", await (await server.ConnectAsync()).CallAsync<string>(3000));
        Assert.Contains("taken by the mapped event 3000 MAPPED", Assert.Single(server.Log.Texts(Refused)), StringComparison.Ordinal);
    }
}
