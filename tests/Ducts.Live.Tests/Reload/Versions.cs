namespace Ducts.Live.Reload;

/// <summary>Handler files that say which version of them answers.</summary>
internal static class Versions
{
    public const string Name = "evt_1000_version.cs";

    public const string Broken = "public class Version : DuctsHandler { public int Handle() => ; }";

    /// <summary>The file that is changed.</summary>
    public static string File(int number) => $$"""
        public class Version : DuctsHandler
        {
            public const int Number = {{number}};

            public int Handle() => Number;
        }
        """;

    /// <summary>What is compiled with it: a stream, arguments and results of own types, Web APIs with the same.</summary>
    public const string Others = """
        public class Ticks : DuctsHandler
        {
            public async IAsyncEnumerable<Tick> HandleAsync(int count, [EnumeratorCancellation] CancellationToken cancellationToken)
            {
                for (var at = 0; at < count; at++)
                {
                    yield return new Tick(Version.Number, at);
                    await Task.Delay(25, cancellationToken);
                }
            }
        }

        public record Tick(int Version, int At);
        """;

    /// <summary>Pushes values of an own type, and logs under it.</summary>
    public const string News = """
        public class News(ILogger<News> logger) : DuctsHandler
        {
            public async Task<int> HandleAsync(IEventSession session, IServiceProvider services, [FromServices] ILogger<Story> other)
            {
                await session.PushAsync("NEWS", new object[] { new Story(Version.Number) });
                logger.LogDebug("told");
                other.LogDebug("told");
                services.GetRequiredService<ILogger<Version>>().LogDebug("told");
                return Version.Number;
            }

            public override Task HandleConnectedAsync(IEventSession session, CancellationToken cancellationToken) => session.PushAsync("NEWS", new Story(Version.Number)).AsTask();
        }

        public record Story(int Version);
        """;

    public const string Orders = """
        public class Orders : DuctsHandler
        {
            public Receipt Handle(Order order) => new(Version.Number, [.. order.Lines.Select(line => line.Count)]);

            [WebApi("POST", "placed")]
            public Receipt Placed(Order order) => Handle(order);

            [WebApi("GET", "found/{id:int}")]
            public Task<Found> FoundAsync(int id, Amount? amount, CancellationToken cancellationToken) => Task.FromResult(new Found(id, amount));

            [WebApi("GET", "logged")]
            public string Logged([FromServices] ILogger<Orders> logger)
            {
                logger.LogDebug("asked");
                return $"Orders {Version.Number}";
            }

            [WebApi("GET", "all")]
            public async IAsyncEnumerable<Found> AllAsync()
            {
                await Task.Yield();
                yield return new Found(Version.Number, new Amount(3));
            }
        }

        public record Order(string Customer, List<Line> Lines);
        public record Line(string Article, int Count);
        public record Receipt(int Version, int[] Counts);
        public record Found(int Id, Amount? Amount);

        public readonly record struct Amount(int Value)
        {
            public static bool TryParse(string text, out Amount amount)
            {
                amount = new Amount(int.Parse(text));
                return true;
            }
        }
        """;
}
