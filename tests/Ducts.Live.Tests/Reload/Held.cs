namespace Ducts.Live.Reload;

/// <summary>A handler that is held up wherever the server calls it, until the test lets it go on.</summary>
internal static class Held
{
    public const string Name = "evt_1000_held.cs";

    /// <summary>The file; only version 1 is held up.</summary>
    public static string File(int number) => $$"""
        using System.Collections.Concurrent;

        public class Held : DuctsHandler, IAsyncDisposable
        {
            private ConcurrentDictionary<string, object?> _shared = null!;

            public override HandlerSpec Setup(HandlerSpec spec, IHandlerManager manager)
            {
                _shared = manager.ServerAttributes;
                return spec;
            }

            public override Task RunAsync(IHandlerManager manager, CancellationToken stopping) => WaitAsync("run");

            public override Task HandleConnectedAsync(IEventSession session, CancellationToken cancellationToken) => WaitAsync("connected");

            public override Task HandleClosedAsync(IEventSession session, CancellationToken cancellationToken) => WaitAsync("closed");

            public int Handle() => {{number}};

            [WebApi("GET", "waited")]
            public async Task<int> WaitedAsync()
            {
                await WaitAsync("web");
                return {{number}};
            }

            public ValueTask DisposeAsync()
            {
                _shared["disposed {{number}}"] = true;
                return default;
            }

            private async Task WaitAsync(string where)
            {
                if ({{number}} != 1 || !_shared.TryGetValue(where, out var gate))
                    return;
                _shared["entered"] = true;
                await ((Task)gate!);
                if (_shared.ContainsKey("disposed 1"))
                    _shared["late"] = true;
            }
        }
        """;
}
