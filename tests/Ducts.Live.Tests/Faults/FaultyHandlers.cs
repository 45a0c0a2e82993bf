namespace Ducts.Live.Faults;

/// <summary>Handler files, each with a fault of its own, and some without.</summary>
internal static class FaultyHandlers
{
    public static readonly IReadOnlyDictionary<string, string> Files = new Dictionary<string, string>
    {
        ["evt_1000_hello.cs"] = """
            public class Hello : DuctsHandler
            {
                public string Handle(string name) => $"Hello, {name}!";
            }
            """,
        ["evt_1001_throws.cs"] = """
            public class Throws : DuctsHandler
            {
                public string Handle(string name) => throw new InvalidOperationException("the secret of " + name);
            }
            """,
        ["evt_1002_throws_later.cs"] = """
            public class ThrowsLater : DuctsHandler
            {
                public async Task<string> HandleAsync()
                {
                    await Task.Yield();
                    throw new EventException("PermissionError", "for the caller to see");
                }
            }
            """,
        ["evt_1003_throws_in_stream.cs"] = """
            public class ThrowsInStream : DuctsHandler
            {
                public async IAsyncEnumerable<int> HandleAsync()
                {
                    yield return 1;
                    await Task.Yield();
                    yield return 2;
                    throw new KeyNotFoundException("no third");
                }
            }
            """,
        ["evt_1004_hangs.cs"] = """
            public class Hangs(IHandlerManager manager) : DuctsHandler
            {
                public async Task<string> HandleAsync(string name, CancellationToken cancellationToken)
                {
                    manager.ServerAttributes[name] = "hangs";
                    try
                    {
                        await Task.Delay(Timeout.Infinite, cancellationToken);
                        return "never";
                    }
                    finally
                    {
                        manager.ServerAttributes[name] = "cancelled";
                    }
                }
            }
            """,
        ["evt_1005_blocks.cs"] = """
            public class Blocks : DuctsHandler
            {
                private readonly SemaphoreSlim _gate = new(0);
                private int _waiting;

                public int Waiting => _waiting;

                public void Release() => _gate.Release();

                public string Handle(string name)
                {
                    Interlocked.Increment(ref _waiting);
                    _gate.Wait();
                    Interlocked.Decrement(ref _waiting);
                    return name;
                }
            }
            """,
        ["evt_1006_release.cs"] = """
            public class Release(IHandlerManager manager) : DuctsHandler
            {
                public void Handle() => manager.GetHandler<Blocks>().Release();
            }
            """,
        ["evt_1007_waiting.cs"] = """
            public class Waiting(IHandlerManager manager) : DuctsHandler
            {
                public int Handle() => ((Blocks)manager.GetHandler("BLOCKS")).Waiting;
            }
            """,
        ["evt_1008_unpackable.cs"] = """
            public class Unpackable : DuctsHandler
            {
                public object Handle(string kind) => kind switch
                {
                    "cycle" => new Node(),
                    "type" => new { Type = typeof(string) },
                    _ => new Grudge(),
                };
            }

            file class Node
            {
                public Node Next => this;
            }

            file class Grudge
            {
                public string Name => throw new IOException("no name today");
            }
            """,
        ["evt_1009_unpackable_item.cs"] = """
            public class UnpackableItem : DuctsHandler
            {
                public IEnumerable<object> Handle()
                {
                    yield return 1;
                    yield return new { Type = typeof(string) };
                    yield return 2;
                }
            }
            """,
        ["evt_1010_leaks.cs"] = """
            public class Leaks : DuctsHandler
            {
                public string Handle(CancellationToken cancellationToken)
                {
                    _ = Task.Run(() => throw new InvalidOperationException("nobody awaits this"));
                    _ = Task.Delay(Timeout.Infinite, CancellationToken.None);
                    return "answered";
                }
            }
            """,
        ["evt_1011_bad_hooks.cs"] = """
            public class BadHooks : DuctsHandler
            {
                public string Handle() => "";

                public override async Task HandleClosedAsync(IEventSession session, CancellationToken cancellationToken)
                {
                    await Task.Yield();
                    throw new InvalidOperationException("not closed, it says");
                }
            }
            """,
        ["evt_1012_good_hooks.cs"] = """
            public class GoodHooks(IHandlerManager manager) : DuctsHandler
            {
                public string Handle() => "";

                public override Task HandleConnectedAsync(IEventSession session, CancellationToken cancellationToken)
                {
                    manager.ServerAttributes[session.SessionId] = "connected";
                    return Task.CompletedTask;
                }

                public override Task HandleClosedAsync(IEventSession session, CancellationToken cancellationToken)
                {
                    manager.ServerAttributes[session.SessionId] = "closed";
                    return Task.CompletedTask;
                }
            }
            """,
        ["evt_1013_bad_run.cs"] = """
            public class BadRun : DuctsHandler
            {
                public string Handle() => "";

                public override Task RunAsync(IHandlerManager manager, CancellationToken stopping) => throw new InvalidOperationException("will not run");
            }
            """,
        ["evt_1014_good_run.cs"] = """
            public class GoodRun : DuctsHandler
            {
                public string Handle() => "";

                public override async Task RunAsync(IHandlerManager manager, CancellationToken stopping)
                {
                    manager.ServerAttributes["run"] = (await manager.Redis.ExecuteAsync("PING")).ToString();
                    await Task.Delay(Timeout.Infinite, stopping);
                }
            }
            """,
        ["evt_1015_bad_end.cs"] = """
            public class BadEnd : DuctsHandler, IAsyncDisposable
            {
                public string Handle() => "";

                public ValueTask DisposeAsync() => throw new InvalidOperationException("will not end");
            }
            """,
        ["evt_1016_good_end.cs"] = """
            public class GoodEnd(IHandlerManager manager) : DuctsHandler, IDisposable
            {
                public string Handle() => "";

                public void Dispose() => manager.ServerAttributes["end"] = "disposed";
            }
            """,
        ["evt_1017_who.cs"] = """
            public class Who : DuctsHandler
            {
                public string Handle(IEventSession session) => session.SessionId;
            }
            """,
    };
}
