using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Ducts.MessagePack;
using Ducts.Protocol;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ducts.Server.Tests.Identity;

/// <summary>What filters see of requests, and what they can make of them.</summary>
public class FilterTests(RedisFixture redis)
{
    [Fact]
    public async Task They_run_from_the_outside_in_and_back()
    {
        var notes = new ConcurrentQueue<string>();
        await using var server = await StartAsync(
            notes,
            static ducts => ducts.AddFilter<Outer>().AddFilter<Inner>(),
            static app => app.MapEvent(3000, "MAPPED", [Note("of function")] static () => "done").AddFilter<Last>(),
            [typeof(Marked)]);
        await using var client = await server.OpenAsync();

        Assert.Equal("[1,3000,\"done\"]", await client.CallAsync("[1, 3000, null]"));
        Assert.Equal("outer, inner, of function, last, last done, of function done, inner done, outer done", string.Join(", ", notes));
        notes.Clear();
        Assert.Equal("[1,2000,\"ran\"]", await client.CallAsync("[1, 2000, null]"));
        Assert.Equal(
            "outer, inner, of base, of class, last, of method, of method done, last done, of class done, of base done, inner done, outer done",
            string.Join(", ", notes));
        notes.Clear();
        await client.CallAsync("[1, 200, null]");
        Assert.Empty(notes);
    }

    [Fact]
    public async Task They_see_the_request_and_share_its_services_and_properties_with_the_handler()
    {
        await using var server = await StartAsync(
            [],
            static ducts => ducts.Services.AddScoped<Unit>(),
            static app => app.MapEvent(3000, "SEEN", static (int number, IEventSession session, IServiceProvider services) =>
                new[] { (string)session.LocalProperties["seen"]!, services.GetRequiredService<Unit>().Text }).AddFilter<Sees>().WithMetadata("mark"));
        await using var client = await server.OpenAsync("ada");

        Assert.Equal("""[1,3000,["3000 SEEN {\"number\":7} ada mark","from filter"]]""", await client.CallAsync("""[1, 3000, {"number": 7}]"""));
    }

    [Theory]
    [InlineData("other", "[1,3000,\"other\"]")]
    [InlineData("null", "[1,3000,null]")]
    [InlineData("number", "[1,3000,5]")]
    [InlineData("shape", """[1,3000,{"name":"x"}]""")]
    [InlineData("skip", "[1,3000,\"skipped\"]")]
    [InlineData("denied", "[1,-3000,\"PermissionError('not today')\"]")]
    [InlineData("own", "[1,-3000,\"ValueError('no number')\"]")]
    [InlineData("after", "[1,-3000,\"KeyError('gone')\"]")]
    [InlineData("sync", "[1,-3000,\"ValueError('at once')\"]")]
    public async Task They_answer_in_the_place_of_the_handler_with_values_and_errors(string what, string answer)
    {
        await using var server = await StartAsync([], null, static app => app.MapEvent(3000, "ANSWERED", static (string what) => what).AddFilter<Answers>());
        await using var client = await server.OpenAsync();

        Assert.Equal(answer, await client.CallAsync($"[1, 3000, \"{what}\"]"));
        Assert.Equal("[2,3000,\"plain\"]", await client.CallAsync("[2, 3000, \"plain\"]"));
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData("secret", "password is 12345")]
    [InlineData("twice", "called next twice for event ANSWERED. Call it once: a handler runs once for each request.")]
    public async Task Their_other_errors_are_in_the_log_only(string what, string logged)
    {
        await using var server = await StartAsync([], null, static app => app.MapEvent(3000, "ANSWERED", static (string what) => what).AddFilter<Answers>());
        await using var client = await server.OpenAsync();

        Assert.Matches("""^\[1,-3000,"RuntimeError\('internal error, reference [0-9a-f]{8}'\)"\]$""", await client.CallAsync($"[1, 3000, \"{what}\"]"));
        Assert.Contains(logged, Assert.Single(server.Log.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arguments_that_do_not_fit_are_an_error_that_next_throws()
    {
        var notes = new ConcurrentQueue<string>();
        await using var server = await StartAsync(notes, null, static app => app.MapEvent(3000, "BOUND", static (int number) => number).AddFilter<Catches>());
        await using var client = await server.OpenAsync();

        Assert.Equal("[1,3000,\"TypeError\"]", await client.CallAsync("[1, 3000, \"text\"]"));
        Assert.Equal("[2,3000,2]", await client.CallAsync("[2, 3000, 2]"));
    }

    [Fact]
    public async Task They_see_a_stream_as_a_sequence_and_can_replace_it()
    {
        await using var server = await StartAsync([], null, static app =>
        {
            app.MapEvent(3000, "NUMBERS", Numbers).AddFilter<Doubles>();
            app.MapEvent(3001, "TOPIC", static () => new object()).AddFilter<Streams>();
            app.MapEvent(3002, "WITH_TOKEN", Endless).AddFilter<Doubles>();
        });
        await using var client = await server.OpenAsync();

        await client.SendAsync("[1, 3000, null]");
        Assert.Equal(["[1,1,[1,3000,2]]", "[1,2,[1,3000,4]]", "[1,3,[1,3000,null]]"], await client.ReceiveAsync(3));
        await client.SendAsync("[1, 3001, null]");
        Assert.Equal(["[1,1,[1,3001,\"a\"]]", "[1,2,[1,3001,\"b\"]]", "[1,3,[1,3001,null]]"], await client.ReceiveAsync(3));

        // What is cancelled ends the handler's own stream, too.
        await client.SendAsync("[5, 3002, null]");
        Assert.StartsWith("[5,1,", await client.ReceiveAsync(), StringComparison.Ordinal);
        await client.SendAsync("[6, 6, 5]");
        await Until.TrueAsync(async () => (await client.ReceiveAsync()).StartsWith("[5,3,", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_filter_that_cannot_be_made_refuses_the_handler()
    {
        await using var server = await StartAsync([], null, null, [typeof(Unmade)]);
        Assert.Contains("the filter AbstractFilter is abstract", Assert.Single(server.Log.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_filter_of_the_services_has_their_lifetime()
    {
        await using var server = await StartAsync([], static ducts => ducts.Services.AddSingleton<Counts>(), static app => app.MapEvent(3000, "COUNTED", static () => 0).AddFilter<Counts>());
        await using var client = await server.OpenAsync();

        Assert.Equal("[1,3000,1]", await client.CallAsync("[1, 3000, null]"));
        Assert.Equal("[1,3000,2]", await client.CallAsync("[1, 3000, null]"));
    }

    private static IEnumerable<int> Numbers()
    {
        yield return 1;
        yield return 2;
    }

    private static async IAsyncEnumerable<int> Endless([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var at = 0; ; at++)
        {
            yield return at;
            await Task.Delay(1, cancellationToken);
        }
    }

    private Task<GuardedServer> StartAsync(ConcurrentQueue<string> notes, Action<IDuctsBuilder>? build, Action<WebApplication>? map = null, Type[]? handlers = null) =>
        GuardedServer.StartAsync(
            redis,
            ducts =>
            {
                ducts.Services.AddSingleton(notes);
                build?.Invoke(ducts);
            },
            map,
            handlers: handlers);

    private static async ValueTask<object?> NoteAsync(ConcurrentQueue<string> notes, string name, EventContext context, EventFilterDelegate next)
    {
        notes.Enqueue(name);
        var result = await next(context);
        notes.Enqueue(name + " done");
        return result;
    }

    [AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
    public sealed class NoteAttribute(string name) : Attribute, IEventFilter
    {
        public ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next) =>
            NoteAsync(context.Services.GetRequiredService<ConcurrentQueue<string>>(), name, context, next);
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class NoteBaseAttribute : Attribute, IEventFilter
    {
        public ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next) =>
            NoteAsync(context.Services.GetRequiredService<ConcurrentQueue<string>>(), "of base", context, next);
    }

    private sealed class Outer(ConcurrentQueue<string> notes) : IEventFilter
    {
        public ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next) => NoteAsync(notes, "outer", context, next);
    }

    private sealed class Inner(ConcurrentQueue<string> notes, ILogger<Inner> logger) : IEventFilter
    {
        public ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next)
        {
            // A service that is given to filters as to handlers.
            Assert.NotNull(logger);
            return NoteAsync(notes, "inner", context, next);
        }
    }

    public sealed class Last(ConcurrentQueue<string> notes) : IEventFilter
    {
        public ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next) => NoteAsync(notes, "last", context, next);
    }

    [NoteBase]
    public abstract class MarkedBase : DuctsHandler;

    [Note("of class")]
    [EventFilter<Last>]
    public sealed class Marked : MarkedBase
    {
        [Note("of method")]
        public string Handle() => "ran";
    }

    public abstract class AbstractFilter : IEventFilter
    {
        public abstract ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next);
    }

    [EventFilter<AbstractFilter>]
    public sealed class Unmade : DuctsHandler
    {
        public int Handle() => 1;
    }

    public sealed class Unit
    {
        public string Text { get; set; } = "";
    }

    private sealed class Sees : IEventFilter
    {
        public async ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next)
        {
            context.Session.LocalProperties["seen"] = $"{context.Spec.Id} {context.Spec.Key} {context.Data} {context.User.Identity!.Name} {context.Metadata.GetMetadata<string>()}";
            context.Services.GetRequiredService<Unit>().Text = "from filter";
            Assert.True(context.CancellationToken.CanBeCanceled);
            return await next(context);
        }
    }

    private sealed class Answers : IEventFilter
    {
        public ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next) => context.Data.GetString() == "sync"
            ? throw new FormatException("at once")
            : AnswerAsync(context, next);

        private static async ValueTask<object?> AnswerAsync(EventContext context, EventFilterDelegate next)
        {
            var what = context.Data.GetString();
            switch (what)
            {
                case "skip":
                    return "skipped";
                case "denied":
                    throw EventException.PermissionDenied("not today");
                case "own":
                    throw new ArgumentException("no number");
                case "secret":
                    throw new InvalidOperationException("password is 12345");
            }

            var result = await next(context);
            Assert.Equal(what, result);
            switch (what)
            {
                case "after":
                    await Task.Yield();
                    throw new KeyNotFoundException("gone");
                case "twice":
                    return await next(context);
                default:
                    return what switch
                    {
                        "other" => "other",
                        "null" => null,
                        "number" => 5,
                        "shape" => new { Name = "x" },
                        _ => result,
                    };
            }
        }
    }

    private sealed class Catches : IEventFilter
    {
        public async ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next)
        {
            try
            {
                return await next(context);
            }
            catch (EventException exception)
            {
                return exception.Name;
            }
        }
    }

    private sealed class Doubles : IEventFilter
    {
        public async ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next) =>
            DoubleAsync(Assert.IsAssignableFrom<IAsyncEnumerable<int>>(await next(context)));

        private static async IAsyncEnumerable<int> DoubleAsync(IAsyncEnumerable<int> items, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (var item in items.WithCancellation(cancellationToken))
                yield return 2 * item;
        }
    }

    private sealed class Streams : IEventFilter
    {
        public async ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next)
        {
            await next(context);
            return LettersAsync();
        }

        private static async IAsyncEnumerable<string> LettersAsync()
        {
            await Task.Yield();
            yield return "a";
            yield return "b";
        }
    }

    private sealed class Counts : IEventFilter
    {
        private int _calls;

        public async ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next)
        {
            await next(context);
            return ++_calls;
        }
    }
}
