using System.Globalization;
using Ducts.Live.Hosting;

namespace Ducts.Live.Reload;

/// <summary>Handlers with filters, requirements and policies of their own files leave the memory as others do.</summary>
[Collection(nameof(Alone))]
public class DecoratedReloadTests
{
    private const int Changes = 3;

    [Fact]
    public async Task Replaced_handlers_are_unloaded_with_their_filters_and_requirements()
    {
        await using var server = new LiveServer();
        server.Write("evt_1000_decorated.cs", File(1));
        await server.StartAsync(static options => options.Event.Reload = true);
        var code = new LoadedCode("Decorated");
        code.Note();
        var client = await server.ConnectAsync();

        for (var number = 1; number <= Changes; number++)
        {
            if (number > 1)
            {
                server.Write("evt_1000_decorated.cs", File(number));
                await Until.TrueAsync(async () => await client.CallAsync<int>("DECORATED", 0) == number, $"version {number} answers");
                code.Note();
            }

            Assert.Equal(number, await client.CallAsync<int>("DECORATED", 0));
            // Refused by what the file itself says, of the user's claims and of the request.
            Assert.Contains("the requirement SmallData", (await Assert.ThrowsAnyAsync<Client.DuctsRemoteException>(() => client.CallAsync<int>("DECORATED", 1000))).Text, StringComparison.Ordinal);
            Assert.Equal($"{number}", await server.Http.GetStringAsync("/ducts/api/v1/decorated/number"));
            await server.Http.GetStringAsync("/ducts/libs/events.json");
        }

        Assert.Equal(Changes, code.Noted);
        await Until.TrueAsync(() => code.Collect() == 1, "all handlers but the newest have left the memory");
        await server.StopAsync();
    }

    private static string File(int number) => """
        [SmallData(100)]
        [EventFilter<Passes>]
        public class Decorated : DuctsHandler
        {
            [Stamp]
            public int Handle(int data) => NUMBER;

            [WebApi("GET", "number")]
            [AllowAnonymous]
            public int Number() => NUMBER;
        }

        public class SmallDataAttribute(int limit) : Attribute, IAuthorizationRequirement, IAuthorizationRequirementData, IAuthorizationHandler
        {
            public IEnumerable<IAuthorizationRequirement> GetRequirements() => [this];

            public Task HandleAsync(AuthorizationHandlerContext context)
            {
                if (context.Resource is not EventContext request || request.Data.GetInt32() < limit)
                    context.Succeed(this);
                return Task.CompletedTask;
            }
        }

        public class Passes(ILogger<Passes> logger) : IEventFilter
        {
            public async ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next)
            {
                logger.LogDebug("passes");
                return await next(context);
            }
        }

        public class StampAttribute : Attribute, IEventFilter
        {
            public async ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next)
            {
                context.Session.LocalProperties["stamp"] = new Stamp(NUMBER);
                return await next(context) is int number && number == NUMBER ? number : new Stamp(-1);
            }
        }

        public record Stamp(int Number);
        """.Replace("NUMBER", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
