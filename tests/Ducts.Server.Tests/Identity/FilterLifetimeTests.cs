using System.Collections.Concurrent;
using Ducts.Protocol;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Server.Tests.Identity;

/// <summary>Who created a filter disposes of it: the server, or the container that has it.</summary>
public class FilterLifetimeTests(RedisFixture redis)
{
    [Fact]
    public async Task Filters_that_the_server_created_are_disposed_of_with_their_request_from_the_inside_out_and_before_their_services()
    {
        var notes = new ConcurrentQueue<string>();
        await using var server = await StartAsync(
            notes,
            static ducts => ducts.AddFilter<Outer>(),
            static app => app.MapEvent(3000, "FILTERED", static () => "done").AddFilter<Inner>());
        await using var client = await server.OpenAsync();

        Assert.Equal("[1,3000,\"done\"]", await client.CallAsync("[1, 3000, null]"));
        await Until.TrueAsync(() => notes.Count == 3);
        Assert.Equal(["inner disposed", "outer disposed", "unit disposed"], notes);

        notes.Clear();
        Assert.Equal("[2,3000,\"done\"]", await client.CallAsync("[2, 3000, null]"));
        await Until.TrueAsync(() => notes.Count == 3);
    }

    [Theory]
    [InlineData("filter", "[1,-3000,\"PermissionError('not today')\"]")]
    [InlineData("handler", "[1,-3000,\"ValueError('no number')\"]")]
    public async Task They_are_disposed_of_when_the_request_has_failed(string what, string answer)
    {
        var notes = new ConcurrentQueue<string>();
        await using var server = await StartAsync(
            notes,
            static ducts => ducts.AddFilter<Outer>(),
            static app => app.MapEvent(3000, "FAILED", static string (string what) => throw new ArgumentException("no number")).AddFilter<Refuses>().AddFilter<Inner>());
        await using var client = await server.OpenAsync();

        Assert.Equal(answer, await client.CallAsync($"[1, 3000, \"{what}\"]"));
        string[] expected = what == "filter" ? ["outer disposed", "unit disposed"] : ["inner disposed", "outer disposed", "unit disposed"];
        await Until.TrueAsync(() => notes.Count == expected.Length);
        Assert.Equal(expected, notes);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_stream_has_its_filters_until_its_last_item()
    {
        var notes = new ConcurrentQueue<string>();
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await StartAsync(notes, null, app => app.MapEvent(3000, "STREAM", () => ItemsAsync(go.Task, notes)).AddFilter<Inner>());
        await using var client = await server.OpenAsync();

        await client.SendAsync("[1, 3000, null]");
        Assert.Equal("[1,1,[1,3000,1]]", await client.ReceiveAsync());
        Assert.Empty(notes);
        go.SetResult();
        await Until.TrueAsync(() => notes.Count == 3);
        Assert.Equal(["last item", "inner disposed", "unit disposed"], notes);
    }

    [Fact]
    public async Task Filters_of_the_services_are_left_to_them()
    {
        var notes = new ConcurrentQueue<string>();
        await using (var server = await StartAsync(
            notes,
            static ducts => ducts.Services.AddScoped<Inner>().AddSingleton<Single>(),
            static app => app.MapEvent(3000, "FILTERED", static () => "done").AddFilter<Single>().AddFilter<Inner>()))
        {
            await using var client = await server.OpenAsync();
            Assert.Equal("[1,3000,\"done\"]", await client.CallAsync("[1, 3000, null]"));
            Assert.Equal("[2,3000,\"done\"]", await client.CallAsync("[2, 3000, null]"));
            await Until.TrueAsync(() => notes.Count == 4);
            Assert.DoesNotContain("single disposed", notes);
        }

        Assert.Single(notes, static note => note == "single disposed");
    }

    [Fact]
    public async Task One_that_cannot_be_disposed_of_is_in_the_log_and_keeps_no_other_from_it()
    {
        var notes = new ConcurrentQueue<string>();
        await using var server = await StartAsync(notes, static ducts => ducts.AddFilter<Outer>(), static app => app.MapEvent(3000, "FILTERED", static () => "done").AddFilter<Stuck>());
        await using var client = await server.OpenAsync();

        Assert.Equal("[1,3000,\"done\"]", await client.CallAsync("[1, 3000, null]"));
        await Until.TrueAsync(() => notes.Count == 2);
        Assert.Contains("Stuck of a request to event FILTERED", Assert.Single(server.Log.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attribute_that_is_a_filter_is_disposed_of_after_its_handler()
    {
        var notes = new ConcurrentQueue<string>();
        await using (var server = await StartAsync(notes, null, null, [typeof(Marked)]))
        {
            await using var client = await server.OpenAsync();
            Assert.Equal("[1,2000,\"ran\"]", await client.CallAsync("[1, 2000, null]"));
            Assert.Equal("[2,2000,\"ran\"]", await client.CallAsync("[2, 2000, null]"));
            Assert.Empty(notes);
        }

        Assert.Equal(["handler disposed", "attribute disposed"], notes);
    }

    private static async IAsyncEnumerable<int> ItemsAsync(Task go, ConcurrentQueue<string> notes)
    {
        yield return 1;
        await go;
        notes.Enqueue("last item");
        yield return 2;
    }

    private Task<GuardedServer> StartAsync(ConcurrentQueue<string> notes, Action<IDuctsBuilder>? build, Action<WebApplication>? map, Type[]? handlers = null) =>
        GuardedServer.StartAsync(
            redis,
            ducts =>
            {
                ducts.Services.AddSingleton(notes).AddScoped<Unit>();
                build?.Invoke(ducts);
            },
            map,
            handlers: handlers);

    public sealed class Unit(ConcurrentQueue<string> notes) : IDisposable
    {
        public void Dispose() => notes.Enqueue("unit disposed");
    }

    private sealed class Outer(ConcurrentQueue<string> notes) : IEventFilter, IDisposable
    {
        public ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next) => next(context);

        public void Dispose() => notes.Enqueue("outer disposed");
    }

    private sealed class Inner(ConcurrentQueue<string> notes, Unit unit) : IEventFilter, IAsyncDisposable, IDisposable
    {
        public ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next)
        {
            Assert.NotNull(unit);
            return next(context);
        }

        public async ValueTask DisposeAsync()
        {
            await Task.Yield();
            notes.Enqueue("inner disposed");
        }

        public void Dispose() => notes.Enqueue("inner disposed in the wrong way");
    }

    private sealed class Single(ConcurrentQueue<string> notes) : IEventFilter, IDisposable
    {
        public ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next) => next(context);

        public void Dispose() => notes.Enqueue("single disposed");
    }

    private sealed class Refuses(Unit unit) : IEventFilter
    {
        public ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next)
        {
            Assert.NotNull(unit);
            return context.Data.GetString() == "filter" ? throw EventException.PermissionDenied("not today") : next(context);
        }
    }

    private sealed class Stuck(Unit unit) : IEventFilter, IDisposable
    {
        public ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next)
        {
            Assert.NotNull(unit);
            return next(context);
        }

        public void Dispose() => throw new InvalidOperationException("stuck");
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CleansAttribute : Attribute, IEventFilter, IDisposable
    {
        private ConcurrentQueue<string>? _notes;

        public ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next)
        {
            _notes = context.Services.GetRequiredService<ConcurrentQueue<string>>();
            return next(context);
        }

        public void Dispose() => _notes?.Enqueue("attribute disposed");
    }

    [Cleans]
    public sealed class Marked(ConcurrentQueue<string> notes) : DuctsHandler, IDisposable
    {
        public string Handle() => "ran";

        public void Dispose() => notes.Enqueue("handler disposed");
    }
}
